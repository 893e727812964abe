"""Takes tasks while there are some, and knows that another may take the last one."""

import threading
from collections import deque
from contextlib import suppress

tasks = deque(range(50))
open_doors = {f"door {number}" for number in range(50)}
done: list[int] = []


def work() -> None:
    while tasks:
        try:
            task = tasks.popleft()
        except IndexError:
            break
        done.append(task)


def close_doors() -> None:
    for number in range(50):
        door = f"door {number}"
        if door in open_doors:
            with suppress(KeyError):
                open_doors.remove(door)


functions = (work, work, close_doors, close_doors)
threads = [threading.Thread(target=function) for function in functions]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
