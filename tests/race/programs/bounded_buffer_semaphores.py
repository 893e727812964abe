"""A bounded buffer by two counting semaphores and a mutex: the schoolbook's."""

import threading
from collections import deque


class BoundedBuffer:
    def __init__(self, size: int) -> None:
        self.free = threading.Semaphore(size)
        self.used = threading.Semaphore(0)
        self.mutex = threading.Lock()
        self.items: deque[dict[str, int]] = deque()
        self.puts = 0

    def put(self, item: dict[str, int]) -> None:
        self.free.acquire()
        with self.mutex:
            self.items.append(item)
            self.puts += 1
        self.used.release()

    def get(self) -> dict[str, int]:
        self.used.acquire()
        with self.mutex:
            item = self.items.popleft()
        self.free.release()
        return item


buffer = BoundedBuffer(3)
got: list[dict[str, int]] = []


def produce(first: int) -> None:
    for number in range(first, first + 20):
        item = {"number": number}
        item["square"] = number * number
        buffer.put(item)


def consume() -> None:
    for _ in range(20):
        item = buffer.get()
        item["seen"] = item.get("seen", 0) + 1
        got.append(item)


threads = [threading.Thread(target=produce, args=(first,)) for first in (0, 100)]
threads += [threading.Thread(target=consume) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert buffer.puts == len(got) == 40
