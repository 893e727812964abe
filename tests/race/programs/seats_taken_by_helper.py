"""Seats: whether there is one is looked at without the lock that the taking has."""

import threading


class Hall:
    def __init__(self, seats: int) -> None:
        self.seats = seats
        self.lock = threading.Lock()

    def _take(self) -> None:
        with self.lock:
            self.seats -= 1

    def book(self) -> bool:
        if self.seats > 0:
            self._take()
            return True
        return False


hall = Hall(50)


def book_all() -> None:
    while hall.book():
        pass


threads = [threading.Thread(target=book_all) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(hall.seats)
