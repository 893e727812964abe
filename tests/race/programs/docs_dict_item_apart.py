"""Each thread adds up in a dictionary of its own; they are added up when both are over."""

import threading


class Adder(threading.Thread):
    def __init__(self) -> None:
        super().__init__()
        self.table = {"red": 0, "blue": 0}

    def run(self) -> None:
        for number in range(60):
            key = "red" if number % 2 else "blue"
            self.table[key] = self.table[key] + 1


threads = [Adder() for _ in range(2)]
for thread in threads:
    thread.start()
total = {"red": 0, "blue": 0}
for thread in threads:
    thread.join()
    for key, count in thread.table.items():
        total[key] += count
assert total == {"red": 60, "blue": 60}
