"""Names and ages, in one list of both; appending is one step."""

from typing import NamedTuple


class Person(NamedTuple):
    name: str
    age: int


_people: list[Person] = []


def enrol(name: str, age: int) -> str:
    """Write somebody down."""
    _people.append(Person(name, age))
    return name


def is_adult(age: int) -> bool:
    """Whether somebody of that age is an adult."""
    return age >= 18


def how_many() -> int:
    """How many people are written down."""
    return len(_people)
