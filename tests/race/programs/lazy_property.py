"""A property computed when it is first asked for, and changed by whoever asks."""

import threading


class Document:
    def __init__(self, text: str) -> None:
        self.text = text
        self._words: list[str] | None = None

    @property
    def words(self) -> list[str]:
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
print(got[0] is got[1])
