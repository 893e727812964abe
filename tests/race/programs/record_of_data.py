"""An object whose attributes are the elements of a dictionary: `+=` on one of them."""

import threading
from typing import Any


class Record:
    def __init__(self, **data: Any) -> None:
        object.__setattr__(self, "_data", data)

    def __getattr__(self, name: str) -> Any:
        return self._data[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self._data[name] = value


record = Record(visits=0)


def visit() -> None:
    for _ in range(200):
        record.visits += 1


threads = [threading.Thread(target=visit) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(record.visits)
