"""Three stages hand batches on; each batch carries its own counts, and has one owner at a time."""

import queue
import threading
from dataclasses import dataclass, field


@dataclass
class Batch:
    lines: list[str]
    numbers: list[int] = field(default_factory=list)
    dropped: int = 0
    total: int = 0


End = None
raw: queue.Queue[Batch | None] = queue.Queue(maxsize=2)
parsed: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
done: list[Batch] = []


def parse() -> None:
    while (batch := raw.get()) is not End:
        for line in batch.lines:
            if line.isdigit():
                batch.numbers.append(int(line))
            else:
                batch.dropped += 1
        batch.lines.clear()
        parsed.put(batch)
    parsed.put(End)


def add_up() -> None:
    while (batch := parsed.get()) is not End:
        for number in batch.numbers:
            batch.total += number
        done.append(batch)


threads = [threading.Thread(target=parse), threading.Thread(target=add_up)]
for thread in threads:
    thread.start()
for first in range(0, 100, 10):
    raw.put(Batch([str(number) if number % 5 else "?" for number in range(first, first + 10)]))
raw.put(End)
for thread in threads:
    thread.join()
assert sum(batch.dropped for batch in done) == 20
assert sum(batch.total for batch in done) == sum(n for n in range(100) if n % 5)
