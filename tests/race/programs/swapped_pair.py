"""Two buffers change places, while another thread changes them, too."""

import threading


class Buffers:
    def __init__(self) -> None:
        self.front = "a"
        self.back = "b"

    def swap(self) -> None:
        self.front, self.back = self.back, self.front


buffers = Buffers()


def flip() -> None:
    for _ in range(30):
        buffers.swap()


threads = [threading.Thread(target=flip) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(buffers.front, buffers.back)
