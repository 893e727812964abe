"""The value that a loop reads at its end is what it writes at its next beginning."""

import threading


class Backoff:
    def __init__(self) -> None:
        self.delay = 1


backoff = Backoff()


def retry(times: int) -> None:
    delay = 1
    for _ in range(times):
        backoff.delay = delay * 2 % 1023
        delay = backoff.delay + 1


threads = [threading.Thread(target=retry, args=(30,)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
