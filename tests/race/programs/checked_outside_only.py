"""The lock is there, but the check that matters was made before it was taken."""

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
                self.loads += 1
                self._values = {"level": "info", "load": self.loads}
        return self._values


settings = Settings()
gate = threading.Barrier(3)


def request() -> None:
    gate.wait()
    for _ in range(5):
        assert settings.values()["level"] == "info"


threads = [threading.Thread(target=request) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
