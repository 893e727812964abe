"""A job is written to by whoever has it: before it goes into the queue, after it came out."""

import queue
import threading


class Job:
    def __init__(self, number: int) -> None:
        self.number = number
        self.status = "new"
        self.tries = 0

    def run(self) -> None:
        self.status = "running"
        self.tries += 1


inbox: queue.PriorityQueue[tuple[int, Job | None]] = queue.PriorityQueue()
outbox: queue.LifoQueue[Job] = queue.LifoQueue()


def work() -> None:
    while (job := inbox.get()[1]) is not None:
        job.run()
        outbox.put(job)


workers = [threading.Thread(target=work) for _ in range(2)]
for worker in workers:
    worker.start()
for number in range(20):
    job = Job(number)
    job.status = "queued"
    inbox.put((number, job))
for _ in range(20):
    job = outbox.get(timeout=5)
    job.tries += 1
    job.status = "done"
    assert job.tries == 2
for number, _ in enumerate(workers):
    inbox.put((100 + number, None))
for worker in workers:
    worker.join()
