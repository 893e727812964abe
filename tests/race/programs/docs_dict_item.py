"""What the documentation of Python says to avoid: an item of a dictionary read and written back."""

import threading

table = {"red": 0, "blue": 0}


def add() -> None:
    for number in range(60):
        key = "red" if number % 2 else "blue"
        table[key] = table[key] + 1


threads = [threading.Thread(target=add) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
