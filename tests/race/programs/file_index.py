"""An index gives each file a number when it is first met."""

import threading


class FileIndex:
    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number_of(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = len(self._numbers) + 1
            self._numbers[name] = number
        return number


index = FileIndex()


def scan(folder: list[str]) -> None:
    for name in folder:
        index.number_of(name)


folders = [[f"file{number}" for number in range(start, start + 30)] for start in (0, 15)]
threads = [threading.Thread(target=scan, args=(folder,)) for folder in folders]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
