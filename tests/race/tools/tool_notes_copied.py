"""Notes that a model takes."""

_notes: list[str] = ["buy bread", "call Ada"]


def add_note(text: str) -> str:
    """Take a note."""
    _notes.append(text)
    return "noted"


def find_notes(word: str) -> list[str]:
    """The notes with a word in them."""
    return [note for note in _notes.copy() if word in note]


def shout(text: str) -> str:
    """A text in capitals."""
    return text.upper()
