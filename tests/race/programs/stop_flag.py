"""A flag that only says stop: nothing else is read because of it."""

import threading
import time


class Poller:
    def __init__(self) -> None:
        self.is_stopped = False
        self.polls = 0

    def run(self) -> None:
        while not self.is_stopped:
            self.polls += 1
            time.sleep(0.001)

    def stop(self) -> None:
        self.is_stopped = True


poller = Poller()
thread = threading.Thread(target=poller.run)
thread.start()
time.sleep(0.01)
poller.stop()
thread.join()
assert poller.polls > 0
