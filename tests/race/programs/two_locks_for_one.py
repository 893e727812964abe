"""Reader and writer each take a lock, and not the same one."""

import threading


class Thermometer:
    def __init__(self) -> None:
        self.read_lock = threading.Lock()
        self.write_lock = threading.Lock()
        self.total = 0.0
        self.samples = 0

    def add(self, value: float) -> None:
        with self.write_lock:
            self.total += value
            self.samples += 1

    def mean(self) -> float:
        with self.read_lock:
            return self.total / self.samples if self.samples else 0.0


thermometer = Thermometer()
writer = threading.Thread(target=lambda: [thermometer.add(20.5) for _ in range(40)])
reader = threading.Thread(target=lambda: [thermometer.mean() for _ in range(40)])
writer.start()
reader.start()
writer.join()
reader.join()
