"""Counts letters of several texts into one defaultdict."""

import threading
from collections import defaultdict

TEXTS = ["the quick brown fox" * 5, "jumps over the lazy dog" * 5, "and away it goes" * 5]

histogram: defaultdict[str, int] = defaultdict(int)


def count(text: str) -> None:
    for letter in text:
        if letter != " ":
            histogram[letter] += 1


threads = [threading.Thread(target=count, args=(text,)) for text in TEXTS]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(max(histogram, key=histogram.__getitem__))
