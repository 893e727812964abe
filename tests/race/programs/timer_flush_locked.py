"""A timer takes the buffer away while others fill it, all under one lock."""

import threading


class Telemetry:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.buffer: list[str] = []
        self.sent = 0

    def record(self, line: str) -> None:
        with self.lock:
            self.buffer.append(line)

    def flush(self) -> None:
        with self.lock:
            batch, self.buffer = self.buffer, []
            self.sent += len(batch)


telemetry = Telemetry()
timers = [threading.Timer(0.002 * number, telemetry.flush) for number in range(5)]
for timer in timers:
    timer.start()
for number in range(200):
    telemetry.record(f"line {number}")
    if number % 50 == 0:
        telemetry.flush()
for timer in timers:
    timer.join()
telemetry.flush()
assert telemetry.sent == 200
