"""Two variables of the module that change places, one statement under one lock."""

import threading

front, back = "red", "blue"
lock = threading.Lock()


def swap() -> None:
    global front, back
    for _ in range(100):
        with lock:
            front, back = back, front


threads = [threading.Thread(target=swap) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert {front, back} == {"red", "blue"}
