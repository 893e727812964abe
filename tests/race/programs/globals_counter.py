"""Counters of the module, found by name."""

import threading

requests = 0
errors = 0


def count(name: str) -> None:
    globals()[name] += 1


def handle() -> None:
    for number in range(40):
        count("errors" if number % 5 == 0 else "requests")


threads = [threading.Thread(target=handle) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(requests, errors)
