"""Rooms of a chat: an empty one is dropped, and somebody may be entering it."""

import threading

rooms: dict[str, set[str]] = {}


def enter(room: str, user: str) -> None:
    if room not in rooms:
        rooms[room] = set()
    rooms[room].add(user)


def leave(room: str, user: str) -> None:
    members = rooms.get(room)
    if members is None:
        return
    members.discard(user)
    if not members:
        rooms.pop(room, None)


def chat(user: str) -> None:
    for number in range(20):
        room = f"room{number % 2}"
        try:
            enter(room, user)
        except KeyError:
            print("the room is gone")
        leave(room, user)


threads = [threading.Thread(target=chat, args=(user,)) for user in ("ada", "ben")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
