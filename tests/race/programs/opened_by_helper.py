"""A connection that is opened by a helper when there is none: the test is in another method."""

import threading


class Store:
    def __init__(self) -> None:
        self._connection: list[str] | None = None

    def _open(self) -> None:
        self._connection = ["connection"]

    def query(self, text: str) -> int:
        if self._connection is None:
            self._open()
        assert self._connection is not None
        return len(self._connection) + len(text)


store = Store()
gate = threading.Barrier(2)


def ask() -> None:
    gate.wait()
    store.query("how many")


threads = [threading.Thread(target=ask) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
