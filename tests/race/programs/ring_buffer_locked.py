"""Several producers share the head of a ring buffer, under its lock."""

import threading


class RingBuffer:
    __slots__ = ("head", "lock", "slots")

    def __init__(self, size: int) -> None:
        self.lock = threading.Lock()
        self.slots: list[str | None] = [None] * size
        self.head = 0

    def put(self, item: str) -> None:
        with self.lock:
            self.slots[self.head] = item
            self.head = (self.head + 1) % len(self.slots)


buffer = RingBuffer(16)


def sensor(name: str) -> None:
    for number in range(40):
        buffer.put(f"{name}:{number}")


sensors = [threading.Thread(target=sensor, args=(name,)) for name in ("wind", "rain")]
for each in sensors:
    each.start()
for each in sensors:
    each.join()
assert buffer.head == 80 % 16
