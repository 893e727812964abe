"""A name is taken out of a set, whether it is there or not, in one step."""

import threading

names = {f"name{number}" for number in range(40)}


def clear() -> None:
    for number in range(40):
        names.discard(f"name{number}")


threads = [threading.Thread(target=clear) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not names
