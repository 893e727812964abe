"""Handlers are called while others subscribe."""

import threading
from collections.abc import Callable

Handler = Callable[[str], None]


class EventBus:
    def __init__(self) -> None:
        self.handlers: list[Handler] = []

    def subscribe(self, handler: Handler) -> None:
        self.handlers.append(handler)

    def publish(self, event: str) -> None:
        for handler in self.handlers:
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
