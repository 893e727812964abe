"""Who is asking is kept in a context variable, which every thread has for itself."""

import threading
from contextvars import ContextVar

current_user: ContextVar[str] = ContextVar("current_user", default="nobody")
trail: list[str] = []


def audit(action: str) -> None:
    trail.append(f"{current_user.get()} {action}")


def handle(user: str) -> None:
    for number in range(20):
        token = current_user.set(user)
        audit(f"reads page {number}")
        current_user.reset(token)


threads = [threading.Thread(target=handle, args=(user,)) for user in ("ada", "ben")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(line.startswith("ada ") for line in trail) == 20
