"""Everybody takes the lock but the one who resets."""

import threading


class Quota:
    def __init__(self, limit: int) -> None:
        self.lock = threading.Lock()
        self.limit = limit
        self.used = 0

    def use(self, amount: int) -> bool:
        with self.lock:
            if self.used + amount > self.limit:
                return False
            self.used += amount
            return True

    def reset(self) -> None:
        self.used = 0


quota = Quota(50)


def spend() -> None:
    for _ in range(30):
        quota.use(3)


def new_hour() -> None:
    for _ in range(30):
        quota.reset()


threads = [threading.Thread(target=spend), threading.Thread(target=new_hour)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
