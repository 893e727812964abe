"""Functions about a meetup that a model may call: plain, typed Python with no framework in it.

Questions to ask, and how many calls the model needs; those of one turn run at the same time:

1 call:  What is the exchange rate from Australian dollars to Swedish krona? How much is
         500 Australian dollars worth in Swedish krona?
2 calls: Who is Rosalind Tack, and how many people came to the meetup in March?
4 calls: How many people came to the meetup in March? Who is Ada Quillfeather? Which talks are
         similar to "Function calling with Gemini"? How much is 500 AUD in SEK?

The data is read once, at import, and never written again, so any number of threads may call
these functions at once, with the GIL or without it. The rates are real (README.md says whose), the
meetup is invented.
"""

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from math import log
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class ExchangeRate:
    currency_from: str
    currency_to: str
    rate: float
    rate_date: date
    amount: float
    converted_amount: float
    source: str


@dataclass(frozen=True)
class Talk:
    title: str
    speaker: str
    track: str
    day: date


@dataclass(frozen=True)
class Speaker:
    name: str
    home: str
    bio: str
    talks: list[str]


@dataclass(frozen=True)
class Attendance:
    day: date
    seats: int
    registered: int
    attended: int


Pieces = dict[str, set[str]]

_DATA = Path(__file__).with_name("data")
_PROGRAMME = json.loads((_DATA / "meetup.json").read_text())
_ABSTRACTS: dict[str, str] = {talk["title"]: talk.pop("abstract") for talk in _PROGRAMME["talks"]}
_TALKS = {
    talk["title"]: Talk(**talk | {"day": date.fromisoformat(talk["day"])})
    for talk in _PROGRAMME["talks"]
}
_SPEAKERS = {speaker["name"]: speaker for speaker in _PROGRAMME["speakers"]}
_EVENINGS = {
    f"{day:%B %Y}": Attendance(**evening | {"day": day})
    for evening in _PROGRAMME["evenings"]
    for day in [date.fromisoformat(evening["day"])]
}
_CURRENCIES: dict[str, str] = json.loads((_DATA / "currencies.json").read_text())  # name to code
with (_DATA / "rates.csv").open() as _file:
    _table = csv.DictReader(line for line in _file if not line.startswith("#"))
    _RATES = {date.fromisoformat(row["Date"]): row | {"EUR": "1"} for row in _table}


def get_exchange_rate(
    currency_from: str, currency_to: str, currency_date: str = "latest", amount: float = 1.0
) -> ExchangeRate:
    """Get the exchange rate between two currencies and convert an amount.

    Args:
        currency_from: Currency to convert from, as an ISO 4217 code such as AUD.
        currency_to: Currency to convert to, as an ISO 4217 code such as SEK.
        currency_date: Day of the rate as YYYY-MM-DD, or 'latest'.
        amount: How much money to convert.
    """
    base, target = _find_currency(currency_from), _find_currency(currency_to)
    wanted = _parse_day(currency_date)
    if not 0 <= amount <= 1e15:
        raise ValueError(f"amount must be between 0 and 1e15, not {amount}")
    if os.environ.get("EXCHANGE_RATES") == "live":
        source = "Frankfurter, live"
        exact, rate_date = _read_live_rate(base, target, wanted)
    else:
        source = "European Central Bank reference rates, bundled table"
        exact, rate_date = _get_bundled_rate(base, target, wanted)
    rate = _round(exact, 4)
    return ExchangeRate(base, target, rate, rate_date, amount, _round(amount * rate, 2), source)


def list_talks(track: Literal["all", "python", "ai", "data", "web", "craft"] = "all") -> list[Talk]:
    """List the talks of the meetup, of one track or of all.

    Args:
        track: Track to list.
    """
    return [talk for talk in _TALKS.values() if track in ("all", talk.track)]


def get_speaker(name: str) -> Speaker:
    """Get who a speaker is and which talks the speaker gives.

    Args:
        name: Name of the speaker.
    """
    found = _find("speaker", name, _SPEAKERS)
    talks = [talk.title for talk in _TALKS.values() if talk.speaker == found]
    return Speaker(found, _SPEAKERS[found]["home"], _SPEAKERS[found]["bio"], talks)


def get_attendance(month: str) -> Attendance:
    """Get how many people registered for and came to the meetup of a month.

    Args:
        month: Name of the month, such as March.
    """
    return _EVENINGS[_find("meetup in", month, _EVENINGS)]


def find_similar_talks(title: str, limit: int = 3) -> list[Talk]:
    """Find the talks that are most similar to a talk, the most similar first.

    Args:
        title: Title of the talk to compare with.
        limit: How many talks to find.
    """
    wanted = _find("talk", title, _TALKS)
    # Taken apart anew in each call: a thread is fastest with objects that it made itself, since
    # every use of an object is counted, and threads that share it take turns at its counter.
    texts = {name: _split(f"{name} {abstract}") for name, abstract in _ABSTRACTS.items()}
    spread = Counter(word for words in texts.values() for word in words)
    weights = {word: log(len(texts) / count) for word, count in spread.items()}  # rare words count
    this = texts.pop(wanted)
    scores = {
        name: _cover(this, other, weights) + _cover(other, this, weights)
        for name, other in texts.items()
    }
    return [
        _TALKS[name] for name in sorted(scores, key=lambda name: -scores[name])[: max(limit, 0)]
    ]


def _split(text: str) -> Pieces:
    """The words of a text, each with its pieces of three letters: 'lock' has ' lo', 'loc', ..."""
    words = {f" {word} " for word in re.findall("[a-z]{3,}", text.casefold())}
    return {word: {word[at : at + 3] for at in range(len(word) - 2)} for word in words}


def _cover(text: Pieces, other: Pieces, weights: dict[str, float]) -> float:
    """How much of a text, from 0 to 1, the other one speaks of, in the same or in like words."""
    covered = 0.0
    for word, pieces in text.items():
        likeness = max(2 * len(pieces & its) / (len(pieces) + len(its)) for its in other.values())
        if likeness > 0.5:  # as thread and threading are, but not thread and three
            covered += likeness * weights[word]
    return covered / sum(weights[word] for word in text)


def _find(kind: str, wanted: str, names: Iterable[str]) -> str:
    """The name that was meant: all of it, or the start of one of its words if no other has it."""
    text = wanted.strip().casefold()
    known = {name.casefold(): name for name in names}
    if text in known:
        return known[text]
    near = [name for key, name in known.items() if len(text) > 2 and f" {text}" in f" {key}"]
    if len(near) == 1:
        return near[0]
    near = near or [known[key] for key in get_close_matches(text, known, cutoff=0.5)]
    choice = ", ".join((near or list(known.values()))[:10])
    raise ValueError(f"no {kind} {wanted!r}; try one of: {choice}")


def _find_currency(text: str) -> str:
    """The code of a currency, given as 'SEK', 'sek', 'Swedish krona' or 'Swedish kronas'."""
    if text.upper() in _CURRENCIES.values():
        return text.upper()
    names = [*_CURRENCIES, *_CURRENCIES.values()]
    found = _find("currency", text.removesuffix("s"), names)
    return _CURRENCIES.get(found, found)


def _parse_day(text: str) -> date | None:
    """The day that was meant, or None for the latest."""
    try:
        return None if text == "latest" else date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"currency_date must be YYYY-MM-DD or 'latest', not {text!r}") from error


def _round(number: float, places: int) -> float:
    """Rounded to decimal places, but what is less than one unit keeps five digits that matter."""
    return round(number, places) if number >= 1 else float(f"{number:.5g}")


def _get_bundled_rate(base: str, target: str, wanted: date | None) -> tuple[float, date]:
    """The rate of a day or, as the table does not have every day, of the nearest one before it."""
    day = max((day for day in _RATES if wanted is None or day <= wanted), default=None)
    if day is None:
        raise ValueError(f"the bundled table starts on {min(_RATES)}, after {wanted}")
    for code in (base, target):
        if not _RATES[day][code]:
            raise ValueError(f"the European Central Bank gave no rate of {code} on {day}")
    return float(_RATES[day][target]) / float(_RATES[day][base]), day


def _read_live_rate(base: str, target: str, wanted: date | None) -> tuple[float, date]:
    """The rate that Frankfurter's API answers with; it needs the network, but no key."""
    from http.client import HTTPException  # both here, for they load slowly and few need them
    from urllib.request import Request, urlopen

    api = os.environ.get("EXCHANGE_RATES_URL", "https://api.frankfurter.app")
    url = f"{api}/{wanted or 'latest'}?from={base}&to={target}"
    try:
        with urlopen(Request(url, headers={"User-Agent": "meetup.py"}), timeout=10) as response:
            answer = json.load(response)
        return float(answer["rates"][target]), date.fromisoformat(answer["date"])
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        raise ConnectionError(f"no exchange rate from {url}: {error!r}") from error
