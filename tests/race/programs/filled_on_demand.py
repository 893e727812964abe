"""A table that a function of the module fills with what is missing."""

import threading

table: dict[int, list[int]] = {}


def fill(number: int) -> None:
    table[number] = [number] * number


def look_up(number: int) -> list[int]:
    if number not in table:
        fill(number)
    return table[number]


def work() -> None:
    for number in range(50):
        look_up(number).append(number)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
