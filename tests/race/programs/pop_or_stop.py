"""Workers take a job and are told by the exception when there is none left."""

import threading


class JobList:
    def __init__(self, jobs: list[str]) -> None:
        self.jobs = jobs

    def take(self) -> str | None:
        try:
            return self.jobs.pop()
        except IndexError:
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
assert sorted(results) == sorted(f"JOB {number}" for number in range(60))
