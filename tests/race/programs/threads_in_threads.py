"""A sort that hands halves to threads of their own, and reads them once those are over."""

import threading


class Sort(threading.Thread):
    def __init__(self, values: list[int]) -> None:
        super().__init__()
        self.values = values
        self.comparisons = 0

    def run(self) -> None:
        if len(self.values) <= 16:
            self.values.sort()
            return
        middle = len(self.values) // 2
        left, right = Sort(self.values[:middle]), Sort(self.values[middle:])
        left.start()
        right.start()
        left.join()
        right.join()
        self.comparisons += left.comparisons + right.comparisons
        self.values.clear()
        while left.values and right.values:
            self.comparisons += 1
            source = left if left.values[-1] > right.values[-1] else right
            self.values.append(source.values.pop())
        self.values += reversed(left.values or right.values)
        self.values.reverse()


numbers = [(number * 7919) % 101 for number in range(100)]
whole = Sort(numbers[:])
whole.start()
whole.join()
assert whole.values == sorted(numbers)
assert whole.comparisons > 0
