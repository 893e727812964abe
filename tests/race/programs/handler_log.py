"""Threads log through the logging module to a handler of the program's own, which is locked."""

import logging
import threading


class Memory(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.bytes = 0

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.lines.append(line)
        self.bytes += len(line)


memory = Memory()
log = logging.getLogger("handler_log")
log.setLevel(logging.INFO)
log.propagate = False
log.addHandler(memory)


def work(name: str) -> None:
    for number in range(20):
        log.info("%s does %d", name, number)


threads = [threading.Thread(target=work, args=(name,)) for name in ("ada", "ben")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(memory.lines) == 40
