"""A cache of limited size that moves what was used to the end of its dictionary."""

import threading


class LRUCache:
    def __init__(self, size: int) -> None:
        self.size = size
        self.entries: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        if key in self.entries:
            value = self.entries.pop(key, "")
            self.entries[key] = value
            return value
        return None

    def put(self, key: str, value: str) -> None:
        if len(self.entries) >= self.size:
            oldest = next(iter(self.entries.copy()), key)
            self.entries.pop(oldest, None)
        self.entries[key] = value


cache = LRUCache(5)


def look_up(first: int) -> None:
    for number in range(40):
        key = f"key{(first + number) % 8}"
        if cache.get(key) is None:
            cache.put(key, key.upper())


threads = [threading.Thread(target=look_up, args=(first,)) for first in (0, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
