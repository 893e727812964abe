"""Whoever pops a dictionary off a shared list has it alone, and may change it."""

import threading
import time

free = [{"number": number, "uses": 0} for number in range(3)]


def use() -> None:
    for _ in range(30):
        try:
            slot = free.pop()
        except IndexError:
            time.sleep(0.0001)
            continue
        slot["uses"] += 1
        slot["by"] = threading.current_thread().name
        free.append(slot)


threads = [threading.Thread(target=use) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(free) == 3
