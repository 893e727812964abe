"""One thread owns the index; the others ask it through a queue and wait for the answer."""

import queue
import threading
from concurrent.futures import Future

Question = tuple[str, "Future[int]"]


class FileIndex(threading.Thread):
    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.questions: queue.SimpleQueue[Question | None] = queue.SimpleQueue()
        self._numbers: dict[str, int] = {}

    def run(self) -> None:
        while (question := self.questions.get()) is not None:
            name, answer = question
            number = self._numbers.get(name)
            if number is None:
                number = len(self._numbers) + 1
                self._numbers[name] = number
            answer.set_result(number)

    def number_of(self, name: str) -> int:
        answer: Future[int] = Future()
        self.questions.put((name, answer))
        return answer.result(timeout=5)


index = FileIndex()
index.start()
numbers: dict[str, int] = {}


def scan(folder: list[str]) -> None:
    for name in folder:
        numbers[name] = index.number_of(name)


folders = [[f"file{number}" for number in range(start, start + 30)] for start in (0, 15)]
threads = [threading.Thread(target=scan, args=(folder,)) for folder in folders]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
index.questions.put(None)
index.join()
assert sorted(numbers.values()) == list(range(1, 46))
