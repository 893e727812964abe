"""What was said, shortened when it gets long."""


class History:
    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.entries: list[str] = [f"entry {number}" for number in range(limit)]

    def add(self, text: str) -> int:
        self.entries.append(text)
        while len(self.entries) > self.limit:
            self.entries.pop(0)
        return self.limit

    def search(self, word: str) -> list[str]:
        found = []
        for entry in self.entries:
            if word in entry:
                found.append(entry)
        return found


_history = History(5)


def remember(text: str) -> int:
    """Remember a sentence."""
    return _history.add(text)


def recall(word: str) -> list[str]:
    """The sentences with a word in them."""
    return _history.search(word)
