"""A default argument is one list for all threads."""

import threading

sent: list[list[int]] = []


def collect(value: int, batch: list[int] = []) -> None:
    batch.append(value)
    if len(batch) >= 5:
        sent.append(batch[:5])
        del batch[:5]


def sensor(start: int) -> None:
    for value in range(start, start + 40):
        collect(value)


sensors = [threading.Thread(target=sensor, args=(start,)) for start in (0, 1000)]
for each in sensors:
    each.start()
for each in sensors:
    each.join()
