"""Devices appear while a report walks over the ones that are known."""

import threading

devices: dict[str, int] = {f"known{number}": number for number in range(10)}


def discover() -> None:
    for number in range(50):
        devices[f"new{number}"] = number


def report() -> None:
    for _ in range(5):
        try:
            for name, number in devices.items():
                assert name.endswith(str(number))
        except RuntimeError as error:
            print(error)


threads = [threading.Thread(target=discover), threading.Thread(target=report)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
