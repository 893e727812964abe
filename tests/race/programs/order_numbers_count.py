"""Order numbers from itertools.count, whose next() is one step."""

import itertools
import threading

numbers = itertools.count(1001)


def checkout(customer: str, orders: dict[str, list[int]]) -> None:
    orders[customer] = [next(numbers) for _ in range(25)]


orders: dict[str, list[int]] = {}
clerks = [threading.Thread(target=checkout, args=(name, orders)) for name in ("ada", "ben", "cy")]
for clerk in clerks:
    clerk.start()
for clerk in clerks:
    clerk.join()
assert len({number for some in orders.values() for number in some}) == 75
