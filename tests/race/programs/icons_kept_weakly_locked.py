"""A cache that keeps nothing alive, with a lock around looking and making."""

import threading
import weakref


class Icon:
    def __init__(self, name: str) -> None:
        self.name = name


icons: weakref.WeakValueDictionary[str, Icon] = weakref.WeakValueDictionary()
lock = threading.Lock()
shown: list[Icon] = []


def icon(name: str) -> Icon:
    with lock:
        found = icons.get(name)
        if found is None:
            found = Icon(name)
            icons[name] = found
        return found


def show() -> None:
    for number in range(30):
        shown.append(icon(f"icon {number % 5}"))


threads = [threading.Thread(target=show) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
