"""Handlers are called from a copy that was made under the lock of those who subscribe."""

import threading
from collections.abc import Callable

Handler = Callable[[str], None]


class EventBus:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.handlers: list[Handler] = []

    def subscribe(self, handler: Handler) -> None:
        with self.lock:
            self.handlers.append(handler)

    def publish(self, event: str) -> None:
        with self.lock:
            handlers = list(self.handlers)
        for handler in handlers:
            handler(event)


bus = EventBus()
bus.subscribe(lambda event: None)


def publish() -> None:
    for number in range(30):
        bus.publish(f"event {number}")


def subscribe() -> None:
    for _ in range(30):
        bus.subscribe(lambda event: None)


threads = [threading.Thread(target=publish), threading.Thread(target=subscribe)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(bus.handlers) == 31
