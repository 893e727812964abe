"""Each caller has a list of its own, and passes it on."""

import threading

sent: list[list[int]] = []


def collect(value: int, batch: list[int] | None = None) -> list[int]:
    batch = [] if batch is None else batch
    batch.append(value)
    if len(batch) >= 5:
        sent.append(batch[:5])
        del batch[:5]
    return batch


def sensor(start: int) -> None:
    batch = None
    for value in range(start, start + 40):
        batch = collect(value, batch)


sensors = [threading.Thread(target=sensor, args=(start,)) for start in (0, 1000)]
for each in sensors:
    each.start()
for each in sensors:
    each.join()
assert len(sent) == 16
