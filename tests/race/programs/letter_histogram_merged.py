"""Counts letters of several texts into a Counter each; the main thread adds them up."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

TEXTS = ["the quick brown fox" * 5, "jumps over the lazy dog" * 5, "and away it goes" * 5]


def count(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for letter in text:
        if letter != " ":
            found[letter] += 1
    return found


histogram: Counter[str] = Counter()
with ThreadPoolExecutor(max_workers=3) as pool:
    for found in pool.map(count, TEXTS):
        histogram.update(found)
assert histogram["e"] == 20
