"""Rooms and who has booked them; each room has a lock of its own."""

import threading
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

Guest = Literal["ada", "ben", "cy"]


class Name(Enum):
    BLUE = "blue"
    GREEN = "green"


@dataclass
class Room:
    seats: int
    guests: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


_rooms = {Name.BLUE: Room(3, ["ada"]), Name.GREEN: Room(400, ["ada", "ben", "cy"])}


def book(room: Name, guest: Guest) -> bool:
    """Book a seat in a room, while there are some."""
    found = _rooms[room]
    with found.lock:
        if len(found.guests) >= found.seats:
            return False
        found.guests.append(guest)
        return True


def cancel(room: Name, guest: Guest) -> bool:
    """Give a seat back."""
    found = _rooms[room]
    with found.lock:
        if guest in found.guests:
            found.guests.remove(guest)
            return True
        return False


def guests(room: Name) -> str:
    """Who comes, as one line."""
    names = ""
    found = _rooms[room]
    with found.lock:
        for guest in found.guests:
            names += f"{guest}, "
    return names


def seats(room: Name) -> int:
    """How many seats a room has."""
    return _rooms[room].seats
