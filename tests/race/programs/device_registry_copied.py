"""Devices appear while a report walks over a copy; dict.copy is one step."""

import threading

devices: dict[str, int] = {f"known{number}": number for number in range(10)}


def discover() -> None:
    for number in range(50):
        devices[f"new{number}"] = number


def report() -> None:
    for _ in range(5):
        for name, number in devices.copy().items():
            assert name.endswith(str(number))


threads = [threading.Thread(target=discover), threading.Thread(target=report)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(devices) == 60
