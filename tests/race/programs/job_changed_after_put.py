"""A job is still being written to after it was handed over."""

import queue
import threading


class Job:
    def __init__(self, number: int) -> None:
        self.number = number
        self.status = "new"

    def run(self) -> None:
        self.status = "running"


inbox: queue.Queue[Job | None] = queue.Queue()


def work() -> None:
    while (job := inbox.get()) is not None:
        job.run()


worker = threading.Thread(target=work)
worker.start()
for number in range(20):
    job = Job(number)
    inbox.put(job)
    job.status = "queued"
inbox.put(None)
worker.join()
