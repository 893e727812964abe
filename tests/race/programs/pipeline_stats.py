"""Two stages with queues between them; both count what they drop in one place."""

import queue
import threading


class Pipeline:
    def __init__(self) -> None:
        self.parsed: queue.Queue[int | None] = queue.Queue()
        self.stored: list[int] = []
        self.dropped = 0

    def parse(self, lines: list[str]) -> None:
        for line in lines:
            if line.isdigit():
                self.parsed.put(int(line))
            else:
                self.dropped += 1
        self.parsed.put(None)

    def store(self) -> None:
        while (number := self.parsed.get()) is not None:
            if number % 3:
                self.stored.append(number)
            else:
                self.dropped += 1


pipeline = Pipeline()
lines = [str(number) if number % 5 else "?" for number in range(60)]
threads = [
    threading.Thread(target=pipeline.parse, args=(lines,)),
    threading.Thread(target=pipeline.store),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
