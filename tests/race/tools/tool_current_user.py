"""Greetings in a language that is set first: whose call was it that set it?"""

from typing import Literal

Language = Literal["en", "sv"]

_language = "en"
_greeted = 0
_WORDS = {"en": "hello", "sv": "hej"}


def set_language(language: Language) -> str:
    """Set the language of greetings."""
    global _language
    _language = language
    return language


def greet(name: str) -> str:
    """Greet somebody."""
    global _greeted
    _greeted += 1
    return f"{_WORDS[_language]}, {name}"


def languages() -> list[str]:
    """The languages there are."""
    return sorted(_WORDS)
