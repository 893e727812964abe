"""Functions that import and define classes when they are called: slow, and warned of."""


def statistics_of(values: list[float]) -> str:
    """Mean and middle of some numbers."""
    import statistics

    if not values:
        return "nothing"
    return f"{statistics.fmean(values)} {statistics.median(values)}"


def as_record(name: str, age: int) -> str:
    """A record as text."""

    class Record:
        def __init__(self, name: str, age: int) -> None:
            self.name = name
            self.age = age

        def __str__(self) -> str:
            return f"{self.name} ({self.age})"

    return str(Record(name, age))
