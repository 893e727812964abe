"""Several producers share the head of a ring buffer."""

import threading


class RingBuffer:
    __slots__ = ("head", "slots")

    def __init__(self, size: int) -> None:
        self.slots: list[str | None] = [None] * size
        self.head = 0

    def put(self, item: str) -> None:
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
