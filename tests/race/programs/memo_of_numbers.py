"""A memo that may be filled twice, with the same number both times."""

import threading

_steps: dict[int, int] = {}


def collatz(number: int) -> int:
    if number in _steps:
        return _steps[number]
    steps, at = 0, number
    while at != 1:
        at = 3 * at + 1 if at % 2 else at // 2
        steps += 1
    _steps[number] = steps
    return steps


def longest(first: int) -> None:
    assert max(collatz(number) for number in range(first, first + 40)) > 0


threads = [threading.Thread(target=longest, args=(first,)) for first in (1, 20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert collatz(27) == 111
