"""A table with a lock for each stripe, and one size for all stripes."""

import threading


class Striped:
    def __init__(self, stripes: int) -> None:
        self.locks = [threading.Lock() for _ in range(stripes)]
        self.tables: list[dict[int, str]] = [{} for _ in range(stripes)]
        self.size = 0

    def put(self, key: int, value: str) -> None:
        at = key % len(self.locks)
        with self.locks[at]:
            if key not in self.tables[at]:
                self.size += 1
            self.tables[at][key] = value


table = Striped(4)


def fill(first: int) -> None:
    for key in range(first, 80, 2):
        table.put(key, str(key))


threads = [threading.Thread(target=fill, args=(first,)) for first in (0, 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
