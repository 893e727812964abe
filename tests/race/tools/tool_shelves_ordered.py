"""Two shelves, each with a lock of its own."""

from threading import Lock

_books = {"left": ["atlas"], "right": ["novel"]}
_locks = {"left": Lock(), "right": Lock()}


def move(source: str, target: str) -> str:
    """Move the last book of one shelf to another one.

    >>> move("left", "right")
    """
    if source == target:
        return ""
    first, second = sorted((source, target))
    with _locks[first], _locks[second]:
        if not _books[source]:
            return ""
        book = _books[source].pop()
        _books[target].append(book)
        return book


def count(shelf: str) -> int:
    """How many books are on a shelf.

    >>> count("left")
    """
    with _locks[shelf]:
        return len(_books[shelf])
