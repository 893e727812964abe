"""Names and ages in two lists that belong together."""

_names: list[str] = []
_ages: list[int] = []


def enrol(name: str, age: int) -> int:
    """Write somebody down, and give their number."""
    number = len(_names)
    _names.append(name)
    _ages.append(age)
    return number


def is_adult(age: int) -> bool:
    """Whether somebody of that age is an adult."""
    return age >= 18
