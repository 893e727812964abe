"""A grid of lists, to which several walkers add."""

import threading

SIZE = 4
grid = [[0] * SIZE for _ in range(SIZE)]


def walk(step: int) -> None:
    row = column = 0
    for _ in range(60):
        grid[row][column] += 1
        row, column = (row + step) % SIZE, (column + 1) % SIZE


walkers = [threading.Thread(target=walk, args=(step,)) for step in (1, 3)]
for walker in walkers:
    walker.start()
for walker in walkers:
    walker.join()
print(sum(map(sum, grid)))
