"""Order numbers from a counter of the module."""

import threading

last_number = 1000


def next_number() -> int:
    global last_number
    last_number += 1
    return last_number


def checkout(customer: str, orders: dict[str, list[int]]) -> None:
    orders[customer] = [next_number() for _ in range(25)]


orders: dict[str, list[int]] = {}
clerks = [threading.Thread(target=checkout, args=(name, orders)) for name in ("ada", "ben", "cy")]
for clerk in clerks:
    clerk.start()
for clerk in clerks:
    clerk.join()
print(sum(len(numbers) for numbers in orders.values()))
