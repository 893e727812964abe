"""Hands out what is idle, and makes something new when nothing is: two may see the last one."""

import queue
import threading


class Pool:
    def __init__(self) -> None:
        self.idle: queue.SimpleQueue[bytearray] = queue.SimpleQueue()
        for _ in range(30):
            self.idle.put(bytearray(8))

    def take(self) -> bytearray:
        if self.idle.qsize() > 0:
            return self.idle.get(timeout=0.2)
        return bytearray(8)


pool = Pool()
failed: list[object] = []


def use() -> None:
    for _ in range(20):
        pool.take()


threading.excepthook = failed.append
threads = [threading.Thread(target=use) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
