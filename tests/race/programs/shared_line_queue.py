"""Two threads take lines from a queue until each finds its end mark."""

import queue
import threading

lines: queue.Queue[str | None] = queue.Queue(maxsize=10)
lengths: list[int] = []


def parse() -> None:
    while (line := lines.get()) is not None:
        lengths.append(len(line))
        lines.task_done()


parsers = [threading.Thread(target=parse) for _ in range(2)]
for parser in parsers:
    parser.start()
for number in range(80):
    lines.put(f"line {number}")
lines.join()
assert len(lengths) == 80
for _ in parsers:
    lines.put(None)
for parser in parsers:
    parser.join()
