"""A broker locks its topics one by one, but not the dictionary that they are in."""

import threading
from collections.abc import Callable


class Topic:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.subscribers: list[Callable[[str], None]] = []
        self.sent = 0

    def publish(self, text: str) -> None:
        with self.lock:
            for subscriber in self.subscribers:
                subscriber(text)
            self.sent += 1

    def subscribe(self, subscriber: Callable[[str], None]) -> None:
        with self.lock:
            self.subscribers.append(subscriber)


class Broker:
    def __init__(self) -> None:
        self.topics: dict[str, Topic] = {}

    def topic(self, name: str) -> Topic:
        topic = self.topics.get(name)
        if topic is None:
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
