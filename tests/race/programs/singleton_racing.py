"""A singleton by __new__, with the usual test and without a lock."""

import threading


class Registry:
    _instance: "Registry | None" = None

    def __new__(cls) -> "Registry":
        if cls._instance is None:
            cls._instance = super().__new__(cls)
            cls._instance.names = []
        return cls._instance

    names: list[str]


gate = threading.Barrier(2)


def register(name: str) -> None:
    gate.wait()
    try:
        Registry().names.append(name)
    except AttributeError:
        print("half made")


threads = [threading.Thread(target=register, args=(name,)) for name in ("a", "b")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
