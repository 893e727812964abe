"""A condition and a lock, which are one lock underneath."""

import threading


class Thermometer:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.total = 0.0
        self.samples = 0

    def add(self, value: float) -> None:
        with self.changed:
            self.total += value
            self.samples += 1
            self.changed.notify_all()

    def mean(self) -> float:
        with self.lock:
            return self.total / self.samples if self.samples else 0.0


thermometer = Thermometer()
writer = threading.Thread(target=lambda: [thermometer.add(20.5) for _ in range(40)])
reader = threading.Thread(target=lambda: [thermometer.mean() for _ in range(40)])
writer.start()
reader.start()
writer.join()
reader.join()
assert thermometer.mean() == 20.5
