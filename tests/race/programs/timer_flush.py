"""A timer takes the buffer away while others fill it."""

import threading


class Telemetry:
    def __init__(self) -> None:
        self.buffer: list[str] = []
        self.sent = 0

    def record(self, line: str) -> None:
        self.buffer.append(line)

    def flush(self) -> None:
        if self.buffer:
            batch = self.buffer
            self.buffer = []
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
