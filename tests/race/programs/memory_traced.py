"""tracemalloc wants the one place from which an object's end is seen; a lock for each number."""

import threading
import tracemalloc


def drop_waiters() -> None:
    for _ in range(300):
        threading.Semaphore(2)


tracemalloc.start()
kept = [bytearray(100) for _ in range(100)]
assert tracemalloc.get_traced_memory()[0] > 10_000
tracemalloc.stop()
drop_waiters()
locks = [threading.Lock() for _ in range(400)]  # where others were, that orders nothing
counts = [0] * 400


def count() -> None:
    for number, lock in enumerate(locks):
        for _ in range(3):
            with lock:
                counts[number] += 1


threads = [threading.Thread(target=count) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert counts == [6] * 400
