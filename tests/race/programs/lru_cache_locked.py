"""A cache of limited size in an OrderedDict that it inherits from, with a lock around each step."""

import threading
from collections import OrderedDict


class LRUCache(OrderedDict[str, str]):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.lock = threading.RLock()

    def look_up(self, key: str) -> str | None:
        with self.lock:
            if key not in self:
                return None
            self.move_to_end(key)
            return self[key]

    def put(self, key: str, value: str) -> None:
        with self.lock:
            self[key] = value
            self.move_to_end(key)
            while len(self) > self.size:
                self.popitem(last=False)


cache = LRUCache(5)


def look_up(first: int) -> None:
    for number in range(40):
        key = f"key{(first + number) % 8}"
        if cache.look_up(key) is None:
            cache.put(key, key.upper())


threads = [threading.Thread(target=look_up, args=(first,)) for first in (0, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(cache) == 5
