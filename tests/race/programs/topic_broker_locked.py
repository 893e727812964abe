"""A broker locks the dictionary of its topics to find one, and the topic to use it."""

import threading
from collections.abc import Callable


class Topic:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.subscribers: tuple[Callable[[str], None], ...] = ()
        self.sent = 0

    def publish(self, text: str) -> None:
        with self.lock:
            subscribers = self.subscribers
            self.sent += 1
        for subscriber in subscribers:
            subscriber(text)

    def subscribe(self, subscriber: Callable[[str], None]) -> None:
        with self.lock:
            self.subscribers += (subscriber,)


class Broker:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.topics: dict[str, Topic] = {}

    def topic(self, name: str) -> Topic:
        with self.lock:
            if (topic := self.topics.get(name)) is None:
                topic = self.topics[name] = Topic()
            return topic


broker = Broker()
received: list[str] = []


def client(who: str) -> None:
    for number in range(12):
        topic = broker.topic(f"topic{number % 4}")
        topic.subscribe(received.append)
        topic.publish(f"{who} {number}")


threads = [threading.Thread(target=client, args=(who,)) for who in ("ada", "ben")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(topic.sent for topic in broker.topics.values()) == 24
