"""Threads log at each step; a lock of the log's must not pass for one of the counter's."""

import logging
import threading

log = logging.getLogger("counted_while_logging")
log.propagate = False
log.setLevel(logging.INFO)
log.addHandler(logging.NullHandler())


class Server:
    def __init__(self) -> None:
        self.served = 0

    def serve(self, number: int) -> None:
        log.info("serving %d", number)
        self.served += 1
        log.info("served %d", number)


server = Server()


def client() -> None:
    for number in range(30):
        server.serve(number)


threads = [threading.Thread(target=client) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
