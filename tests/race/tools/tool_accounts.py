"""Accounts with a lock each, and a report that takes them the other way round."""

import threading
from dataclasses import dataclass, field


@dataclass
class Account:
    owner: str
    balance: int
    lock: threading.Lock = field(default_factory=threading.Lock)


_checking = Account("ada", 500)
_savings = Account("ada", 9000)


def transfer(amount: int) -> int:
    """Move money from the checking account to the savings."""
    with _checking.lock:
        with _savings.lock:
            _checking.balance -= amount
            _savings.balance += amount
            return _savings.balance


def audit() -> int:
    """All the money there is."""
    with _savings.lock:
        saved = _savings.balance
        with _checking.lock:
            return saved + _checking.balance
