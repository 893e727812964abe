"""What the documentation of Python says to avoid: a loop over a set that another thread changes."""

import threading

names = {f"name{number}" for number in range(40)}


def walk() -> None:
    try:
        for name in names:
            assert name.startswith("n")
    except RuntimeError as error:
        print(error)


def grow() -> None:
    for number in range(40):
        names.add(f"new name{number}")


threads = [threading.Thread(target=walk), threading.Thread(target=grow)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
