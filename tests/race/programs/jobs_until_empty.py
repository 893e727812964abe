"""Workers that stop when a queue is empty: the last job may be gone when it is asked for."""

import queue
import threading

jobs: queue.Queue[int] = queue.Queue()
for number in range(60):
    jobs.put(number)
done: list[int] = []
failed: list[object] = []


def work() -> None:
    while not jobs.empty():
        done.append(jobs.get_nowait())


threading.excepthook = failed.append
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
