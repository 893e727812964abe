"""Who is asking is kept in a variable of the module."""

import threading

current_user = "nobody"
trail: list[str] = []


def audit(action: str) -> None:
    trail.append(f"{current_user} {action}")


def handle(user: str) -> None:
    global current_user
    for number in range(20):
        current_user = user
        audit(f"reads page {number}")


threads = [threading.Thread(target=handle, args=(user,)) for user in ("ada", "ben")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
