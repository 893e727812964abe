"""An element that `update` writes, made from what it was."""

import threading

settings = {"volume": 0, "balance": 0}


def louder() -> None:
    for _ in range(200):
        settings.update(volume=settings["volume"] + 1)


threads = [threading.Thread(target=louder) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(settings["volume"])
