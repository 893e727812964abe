"""A shop's stock, in memory."""

from typing import Literal

Part = Literal["bolt", "nut", "washer"]

_stock: dict[str, int] = {"bolt": 40, "nut": 25, "washer": 10}


def reserve(part: Part, count: int = 1) -> bool:
    """Take parts from the stock, if there are enough."""
    if _stock[part] < count:
        return False
    _stock[part] -= count
    return True


def restock(part: Part, count: int = 1) -> str:
    """Put parts into the stock."""
    _stock[part] += count
    return f"{count} more of {part}"


def price(part: Part) -> float:
    """What one part costs."""
    return {"bolt": 0.4, "nut": 0.2, "washer": 0.1}[part]
