"""A key is deleted, and the exception tells that it was gone."""

import threading

table = dict.fromkeys(range(40), "here")
deleted: list[int] = []


def clear() -> None:
    for key in range(40):
        try:
            del table[key]
        except KeyError:
            pass
        else:
            deleted.append(key)


threads = [threading.Thread(target=clear) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(deleted) == list(range(40))
