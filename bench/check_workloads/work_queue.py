"""One thread makes jobs and puts them into a queue, the other takes them out and does them."""

from queue import Queue

from two_threads import measure, scaled

JOBS = scaled(50_000)
PARTS = 20


class Job:
    def __init__(self, number: int) -> None:
        self.number = number
        self.parts = [number] * PARTS
        self.total = 0

    def run(self) -> None:
        for part in self.parts:
            self.total += part


jobs: Queue[Job | None] = Queue(maxsize=100)


def produce() -> int:
    total = 0
    for number in range(JOBS):
        job = Job(number)
        for at in range(1, PARTS, 2):
            job.parts[at] += 1
        total += sum(job.parts)
        jobs.put(job)
    jobs.put(None)
    return total


def consume() -> int:
    total = 0
    while (job := jobs.get()) is not None:
        job.run()
        total += job.total
    return total


if __name__ == "__main__":
    made, done = measure(produce, consume)
    assert made == done == JOBS * (JOBS - 1) // 2 * PARTS + JOBS * PARTS // 2
