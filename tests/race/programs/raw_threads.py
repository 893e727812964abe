"""Threads of the bottom layer, with a lock that only says when they are over."""

import _thread

state = {"ticks": 0}


def tick(finished: _thread.LockType) -> None:
    for _ in range(50):
        state["ticks"] += 1
    finished.release()


locks = []
for _ in range(2):
    lock = _thread.allocate_lock()
    lock.acquire()
    locks.append(lock)
for lock in locks:
    _thread.start_new_thread(tick, (lock,))
for lock in locks:
    lock.acquire()
print(state["ticks"])
