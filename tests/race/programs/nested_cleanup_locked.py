"""Rooms of a chat: entering and leaving hold the lock of all rooms."""

import threading

rooms: dict[str, set[str]] = {}
rooms_lock = threading.Lock()


def enter(room: str, user: str) -> None:
    with rooms_lock:
        rooms.setdefault(room, set()).add(user)


def leave(room: str, user: str) -> None:
    with rooms_lock:
        members = rooms[room]
        members.remove(user)
        if not members:
            del rooms[room]


def chat(user: str) -> None:
    for number in range(20):
        room = f"room{number % 2}"
        enter(room, user)
        leave(room, user)


threads = [threading.Thread(target=chat, args=(user,)) for user in ("ada", "ben")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not rooms
