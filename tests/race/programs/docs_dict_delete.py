"""What the documentation of Python says to avoid: a key is looked for, then deleted."""

import threading

table = dict.fromkeys(range(40), "here")


def clear() -> None:
    for key in range(40):
        if key in table:
            try:
                del table[key]
            except KeyError:
                pass


threads = [threading.Thread(target=clear) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
