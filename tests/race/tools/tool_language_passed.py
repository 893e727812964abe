"""Greetings in a language that comes with the call."""

import itertools
from typing import Literal

Language = Literal["en", "sv"]

_greeted = itertools.count(1)
_WORDS = {"en": "hello", "sv": "hej"}


def greet(name: str, language: Language = "en") -> str:
    """Greet somebody."""
    return f"{_WORDS[language]}, {name}, guest {next(_greeted)}"


def languages() -> list[str]:
    """The languages there are."""
    return sorted(_WORDS)
