"""A grid of lists, of which each thread has the rows to itself that are its own."""

import threading

SIZE = 4
grid = [[0] * SIZE for _ in range(SIZE)]


def fill(first: int) -> None:
    for _ in range(20):
        for row in range(first, SIZE, 2):
            for column in range(SIZE):
                grid[row][column] += 1


threads = [threading.Thread(target=fill, args=(first,)) for first in (0, 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(map(sum, grid)) == 20 * SIZE * SIZE
