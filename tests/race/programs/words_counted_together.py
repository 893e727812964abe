"""One Counter that every thread updates: each count is read, and written again."""

import threading
from collections import Counter

words: Counter[str] = Counter()


def count() -> None:
    for _ in range(100):
        words.update(["to", "be", "or", "not", "to", "be"])


threads = [threading.Thread(target=count) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(words["to"])
