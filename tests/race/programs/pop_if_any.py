"""Workers look whether there is a job before they take it."""

import threading


class JobList:
    def __init__(self, jobs: list[str]) -> None:
        self.jobs = jobs

    def take(self) -> str | None:
        if self.jobs:
            try:
                return self.jobs.pop()
            except IndexError:
                return "surprised"
        return None


jobs = JobList([f"job {number}" for number in range(60)])
results: list[str] = []


def work() -> None:
    while (job := jobs.take()) is not None:
        results.append(job.upper())


workers = [threading.Thread(target=work) for _ in range(3)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(len(results))
