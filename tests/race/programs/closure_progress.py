"""A nested function counts in a variable of the function around it."""

import threading


def copy_all(batches: list[list[str]]) -> int:
    copied = 0

    def copy(names: list[str]) -> None:
        nonlocal copied
        for name in names:
            assert name
            copied += 1

    threads = [threading.Thread(target=copy, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return copied


batches = [[f"file{batch}_{number}" for number in range(40)] for batch in range(3)]
print(copy_all(batches))
