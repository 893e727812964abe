"""Singletons by a metaclass that tests, takes its lock, and tests again."""

import threading
from typing import Any


class Singleton(type):
    _lock = threading.Lock()

    def __init__(cls, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        cls._instance: Any = None

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        if cls._instance is None:
            with Singleton._lock:
                if cls._instance is None:
                    cls._instance = super().__call__(*arguments, **named)
        return cls._instance


class Registry(metaclass=Singleton):
    def __init__(self) -> None:
        self.names: list[str] = []

    def add(self, name: str) -> None:
        self.names.append(name)


gate = threading.Barrier(2)


def register(name: str) -> None:
    gate.wait()
    Registry().add(name)


threads = [threading.Thread(target=register, args=(name,)) for name in ("a", "b")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(Registry().names) == ["a", "b"]
