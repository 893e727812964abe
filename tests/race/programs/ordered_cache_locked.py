"""A cache in an OrderedDict, each step of which holds the lock by a name of its own."""

import threading
from collections import OrderedDict


class OrderedCache:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.entries: OrderedDict[str, int] = OrderedDict.fromkeys("abcdefgh", 0)

    def use(self, key: str) -> int | None:
        lock = self.lock
        with lock:
            if key in self.entries:
                self.entries.move_to_end(key)
                return self.entries[key]
        return None

    def evict(self, key: str) -> None:
        lock = self.lock
        lock.acquire()
        self.entries.pop(key, None)
        lock.release()


cache = OrderedCache()


def look() -> None:
    for key in "aceg":
        cache.use(key)


def shrink() -> None:
    for key in "bdfh":
        cache.evict(key)


threads = [threading.Thread(target=each) for each in (look, shrink, look)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(cache.entries) == list("aceg")
