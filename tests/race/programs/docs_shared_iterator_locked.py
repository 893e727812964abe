"""One iterator for several threads, which take turns by a lock."""

import threading

numbers = iter(range(200))
numbers_lock = threading.Lock()
seen: list[int] = []


def draw() -> None:
    while True:
        with numbers_lock:
            number = next(numbers, None)
        if number is None:
            break
        seen.append(number)


threads = [threading.Thread(target=draw) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(seen) == list(range(200))
