"""What was said, shortened when it gets long, all under the lock of the one object."""

import threading


class History:
    def __init__(self, limit: int) -> None:
        self.lock = threading.Lock()
        self.limit = limit
        self.entries: list[str] = [f"entry {number}" for number in range(limit)]

    def add(self, text: str) -> int:
        with self.lock:
            self.entries.append(text)
            while len(self.entries) > self.limit:
                self.entries.pop(0)
        return self.limit

    def search(self, word: str) -> list[str]:
        with self.lock:
            entries = self.entries[:]
        return [entry for entry in entries if word in entry]


_history = History(5)


def remember(text: str) -> int:
    """Remember a sentence."""
    return _history.add(text)


def recall(word: str) -> list[str]:
    """The sentences with a word in them."""
    return _history.search(word)
