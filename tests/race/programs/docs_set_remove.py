"""What the documentation of Python says to avoid: a name is looked for in a set, then removed."""

import threading

names = {f"name{number}" for number in range(40)}


def clear() -> None:
    for number in range(40):
        name = f"name{number}"
        if name in names:
            try:
                names.remove(name)
            except KeyError:
                pass


threads = [threading.Thread(target=clear) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
