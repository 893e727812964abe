"""Each thread has the slots to itself that have its numbers."""

import threading

squares: list[int | None] = [None] * 60
names: dict[int, str] = dict.fromkeys(range(3), "")


def fill(first: int) -> None:
    names[first] = threading.current_thread().name
    for at in range(first, 60, 3):
        squares[at] = at * at
        assert squares[at] == at * at


threads = [threading.Thread(target=fill, args=(first,)) for first in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert squares == [number * number for number in range(60)]
assert all(names.values())
