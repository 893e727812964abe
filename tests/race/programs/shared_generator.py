"""Two threads draw from one generator."""

import threading
from collections.abc import Iterator


def chunks(size: int) -> Iterator[range]:
    start = 0
    while start < 200:
        yield range(start, start + size)
        start += size


work = chunks(10)
done: list[int] = []


def worker() -> None:
    try:
        for chunk in work:
            done.append(sum(chunk))
    except ValueError as error:
        print(error)


workers = [threading.Thread(target=worker) for _ in range(2)]
for each in workers:
    each.start()
for each in workers:
    each.join()
