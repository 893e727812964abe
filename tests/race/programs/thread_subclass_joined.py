"""The main thread reads what its workers got once they are over."""

import threading


class Download(threading.Thread):
    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        self.sizes = sizes
        self.received = 0
        self.chunks = 0
        self.start()

    def run(self) -> None:
        for size in self.sizes:
            self.received += size
            self.chunks += 1


downloads = [Download([1000 + number] * 50) for number in range(2)]
for download in downloads:
    download.join()
    assert download.received // download.chunks >= 1000
