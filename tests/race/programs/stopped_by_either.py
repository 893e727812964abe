"""A loop that runs until somebody says stop: the loop itself, or another thread."""

import threading
import time


class Worker:
    def __init__(self) -> None:
        self.is_running = True
        self.turns = 0

    def run(self) -> None:
        turns = 0
        while self.is_running:
            turns += 1
            if turns == 1000:
                self.is_running = False

    def stop(self) -> None:
        time.sleep(0.001)
        self.is_running = False


worker = Worker()
threads = [threading.Thread(target=each) for each in (worker.run, worker.run, worker.stop)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
