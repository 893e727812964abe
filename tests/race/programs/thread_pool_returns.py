"""multiprocessing's pool of threads, whose tasks return what they found."""

from multiprocessing.pool import ThreadPool

LINES = ["to be or not to be", "that is the question", "to sleep perchance to dream"] * 6


def index(line: str) -> dict[str, int]:
    words: dict[str, int] = {}
    for word in line.split():
        words[word] = words.get(word, 0) + 1
    return words


total: dict[str, int] = {}
with ThreadPool(2) as pool:
    for words in pool.imap_unordered(index, LINES):
        for word, count in words.items():
            total[word] = total.get(word, 0) + count
assert total["to"] == 24
