"""A table with a lock for each stripe; the size is counted with all of them held."""

import threading
from contextlib import ExitStack


class Striped:
    def __init__(self, stripes: int) -> None:
        self.locks = [threading.Lock() for _ in range(stripes)]
        self.tables: list[dict[int, str]] = [{} for _ in range(stripes)]

    def put(self, key: int, value: str) -> None:
        at = key % len(self.locks)
        with self.locks[at]:
            if key not in self.tables[at]:
                self.tables[at][key] = value
            else:
                self.tables[at][key] += value

    def __len__(self) -> int:
        with ExitStack() as stack:
            for lock in self.locks:
                stack.enter_context(lock)
            return sum(len(table) for table in self.tables)


table = Striped(4)


def fill(first: int) -> None:
    for key in range(first, 80, 2):
        table.put(key, str(key))
        if key % 10 == 0:
            assert len(table) > 0


threads = [threading.Thread(target=fill, args=(first,)) for first in (0, 1, 0)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(table) == 80
