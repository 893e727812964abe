"""A worker wakes now and then until an event stops it; what it counted is read after its end."""

import threading
from types import TracebackType


class Heartbeat:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.beats = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self.seconds):
            self.beats += 1


with Heartbeat(0.002) as heartbeat:
    threading.Event().wait(0.02)
assert heartbeat.beats >= 1
