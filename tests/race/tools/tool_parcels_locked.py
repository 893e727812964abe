"""Parcels on their way: nothing can be done before some have been sent."""

from dataclasses import dataclass, field
from itertools import count
from threading import Lock


@dataclass
class Parcel:
    address: str
    stops: dict[str, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


_numbers = count(1)
_parcels: dict[int, Parcel] = {}


def send(address: str) -> int:
    """Send a parcel, and get its number.

    >>> send("Main Street 1")
    """
    number = next(_numbers)
    _parcels[number] = Parcel(address)
    return number


def scan(number: int, stop: str) -> int:
    """Note that a parcel was at a stop; how often it was there by now.

    >>> scan(1, "Springfield")
    """
    if number not in _parcels:
        raise ValueError(f"no parcel {number}")
    parcel = _parcels[number]
    with parcel.lock:
        parcel.stops[stop] = parcel.stops.get(stop, 0) + 1
        return parcel.stops[stop]


def address(number: int) -> str:
    """Where a parcel goes.

    >>> address(1)
    """
    if number not in _parcels:
        raise ValueError(f"no parcel {number}")
    return _parcels[number].address
