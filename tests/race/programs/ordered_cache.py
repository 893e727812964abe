"""A cache in an OrderedDict: whether the key is there is one step, to move it another."""

import threading
from collections import OrderedDict


class OrderedCache:
    def __init__(self) -> None:
        self.entries: OrderedDict[str, int] = OrderedDict.fromkeys("abcdefgh", 0)

    def use(self, key: str) -> int | None:
        try:
            if key in self.entries:
                self.entries.move_to_end(key)
                return self.entries[key]
        except KeyError:
            print("evicted meanwhile")
        return None

    def evict(self, key: str) -> None:
        self.entries.pop(key, None)


cache = OrderedCache()


def look() -> None:
    for key in "aceg":
        cache.use(key)


def shrink() -> None:
    for key in "gecabdfh":
        cache.evict(key)


threads = [threading.Thread(target=each) for each in (look, shrink, look)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
