"""Exchange rates, read once when the module is imported."""

from typing import Literal

Currency = Literal["EUR", "SEK", "AUD"]


def _read() -> dict[str, float]:
    rates = {}
    for line in ("EUR 1.0", "SEK 11.2", "AUD 1.65"):
        name, rate = line.split()
        rates[name] = float(rate)
    return rates


_rates = _read()


def convert(amount: float, to: Currency) -> float:
    """What an amount of euros is in another currency."""
    return amount * _rates.get(to, 0.0)


def currencies() -> list[str]:
    """The currencies there are."""
    return list(_rates)
