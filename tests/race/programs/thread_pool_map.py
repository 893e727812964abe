"""multiprocessing's pool of threads, whose tasks add to one dictionary."""

from multiprocessing.pool import ThreadPool
from threading import Barrier

LINES = ["to be or not to be", "that is the question", "to sleep perchance to dream"] * 6

words: dict[str, int] = {}
gate = Barrier(2)


def index(lines: list[str]) -> None:
    gate.wait()
    for line in lines:
        for word in line.split():
            words[word] = words.get(word, 0) + 1


with ThreadPool(2) as pool:
    pool.map(index, [LINES[:9], LINES[9:]], chunksize=1)
print(words["to"])
