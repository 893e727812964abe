"""A nested function counts in a variable of the function around it, under that function's lock."""

import threading


def copy_all(batches: list[list[str]]) -> int:
    copied = 0
    lock = threading.Lock()

    def copy(names: list[str]) -> None:
        nonlocal copied
        for name in names:
            assert name
            with lock:
                copied += 1

    threads = [threading.Thread(target=copy, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return copied


batches = [[f"file{batch}_{number}" for number in range(40)] for batch in range(3)]
assert copy_all(batches) == 120
