"""The check is made again once the lock is held, and only that one decides."""

import threading
from typing import Any


class Settings:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, Any] | None = None
        self.loads = 0

    def values(self) -> dict[str, Any]:
        if self._values is None:
            with self._lock:
                if self._values is None:
                    self.loads += 1
                    self._values = {"level": "info", "load": self.loads}
        return self._values


settings = Settings()
gate = threading.Barrier(3)


def request() -> None:
    gate.wait()
    for _ in range(5):
        assert settings.values()["load"] == 1


threads = [threading.Thread(target=request) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
