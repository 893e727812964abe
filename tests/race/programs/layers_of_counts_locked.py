"""Counts under a lock in a ChainMap and in a UserDict, which are dictionaries of another kind."""

import threading
from collections import ChainMap, UserDict

lock = threading.Lock()
defaults = {"page": 5}
hits: ChainMap[str, int] = ChainMap({}, defaults)
misses: UserDict[str, int] = UserDict()


def count() -> None:
    for _ in range(30):
        with lock:
            hits["page"] = hits.get("page", 0) + 1
            misses["page"] = misses.get("page", 0) + 1


threads = [threading.Thread(target=count) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
