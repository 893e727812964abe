"""What a docstring says of a function and of its parameters, in Google, NumPy or reST style."""

import re
from inspect import cleandoc
from typing import NamedTuple

_REST = re.compile(r"^\s*:(param|parameter|arg|argument|key|keyword|type|raises?|returns?)\b", re.M)
_NUMPY = re.compile(
    r"^\s*(Parameters|Returns|Yields|Raises|Other Parameters)\s*\n\s*-{3,}\s*$", re.M
)
_GOOGLE = re.compile(r"^\s*(Args|Arguments|Params|Parameters|Returns|Yields|Raises):\s*$", re.M)


class Docstring(NamedTuple):
    description: str  # summary and body; empty when there is none
    parameters: dict[str, str]


def read_docstring(text: str | None) -> Docstring:
    """Never fails: a docstring that cannot be taken apart is a description as a whole."""
    if not isinstance(text, str) or not text.strip():
        return Docstring("", {})
    text = cleandoc(text)
    try:
        return _parse(text)
    except Exception:  # strangers' text in a third party's parser
        return Docstring(text, {})


def _parse(text: str) -> Docstring:
    # The parser of one style takes a fiftieth of the time that trying all of them takes.
    if _NUMPY.search(text):
        from docstring_parser.numpydoc import parse
    elif _GOOGLE.search(text):
        from docstring_parser.google import parse
    elif _REST.search(text):
        from docstring_parser.rest import parse
    else:
        return Docstring(text, {})
    parsed = parse(text)
    parameters = {}
    for one in parsed.params:
        for name in one.arg_name.split(","):  # NumPy: "x, y : float"
            if one.description:
                parameters[name.strip().lstrip("*")] = " ".join(one.description.split())
    return Docstring((parsed.description or "").strip(), parameters)
