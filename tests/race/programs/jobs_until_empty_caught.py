"""Workers that stop when a queue is empty, also when another one was first."""

import queue
import threading

jobs: queue.Queue[int] = queue.Queue()
for number in range(60):
    jobs.put(number)
done: list[int] = []


def work() -> None:
    while not jobs.empty():
        try:
            job = jobs.get_nowait()
        except queue.Empty:
            break
        done.append(job)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
while not jobs.empty():
    done.append(jobs.get())
