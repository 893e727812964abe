"""What the documentation of Python says to avoid: a loop over items that another thread changes."""

import threading

table = {number: number * number for number in range(20)}


def walk() -> None:
    try:
        for key, value in table.items():
            assert value == key * key
    except RuntimeError as error:
        print(error)


def shrink() -> None:
    for number in range(10):
        table.pop(number, None)


threads = [threading.Thread(target=walk), threading.Thread(target=shrink)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
