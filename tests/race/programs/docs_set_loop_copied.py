"""A loop over a copy of a set; another thread changes the set."""

import threading

names = {f"name{number}" for number in range(40)}


def walk() -> None:
    for name in names.copy():
        assert name.startswith("n")


def grow() -> None:
    for number in range(40):
        names.add(f"new name{number}")


threads = [threading.Thread(target=walk), threading.Thread(target=grow)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(names) == 80
