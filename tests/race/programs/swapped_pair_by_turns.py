"""Two buffers change places; threads take turns by two semaphores that start empty and full."""

import threading


class Buffers:
    def __init__(self) -> None:
        self.front = "a"
        self.back = "b"

    def swap(self) -> None:
        self.front, self.back = self.back, self.front


buffers = Buffers()
turns = [threading.Semaphore(1), threading.Semaphore(0)]


def flip(me: int) -> None:
    for _ in range(30):
        turns[me].acquire()
        buffers.swap()
        turns[1 - me].release()


threads = [threading.Thread(target=flip, args=(me,)) for me in (0, 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert (buffers.front, buffers.back) == ("a", "b")
