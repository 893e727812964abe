"""A property computed when it is first asked for, by one thread."""

import threading


class Document:
    def __init__(self, text: str) -> None:
        self.text = text
        self._words: list[str] | None = None
        self._lock = threading.Lock()

    @property
    def words(self) -> list[str]:
        with self._lock:
            if self._words is None:
                self._words = self.text.split()
            return self._words


document = Document("a text of a few words")
gate = threading.Barrier(2)
got: list[list[str]] = []


def read() -> None:
    gate.wait()
    got.append(document.words)


threads = [threading.Thread(target=read) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got[0] is got[1]
