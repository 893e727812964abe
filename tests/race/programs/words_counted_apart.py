"""A Counter for each thread, added up under a lock."""

import threading
from collections import Counter

words: Counter[str] = Counter()
lock = threading.Lock()


def count() -> None:
    own: Counter[str] = Counter()
    for _ in range(100):
        own.update(["to", "be", "or", "not", "to", "be"])
    with lock:
        words.update(own)


threads = [threading.Thread(target=count) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert words["to"] == 400
