"""Takings that may find nothing, and are ready for it: another thread was first.

`while tasks:` and then `tasks.popleft()` is right where an IndexError is caught: the test only
spares the try.
"""

import ast
from collections.abc import Iterable

from .sites import Kind, Site

# What they raise when there is nothing, or no place, left.
RAISED = {
    "get": frozenset({"Empty"}),
    "get_nowait": frozenset({"Empty"}),
    "pop": frozenset({"IndexError", "KeyError", "LookupError"}),
    "popitem": frozenset({"KeyError", "LookupError"}),
    "popleft": frozenset({"IndexError", "LookupError"}),
    "put": frozenset({"Full"}),
    "put_nowait": frozenset({"Full"}),
    "remove": frozenset({"KeyError", "LookupError", "ValueError"}),
}
RAISED_BY_DELETING = frozenset({"KeyError", "LookupError"})  # a list's item may have become another

# Methods that ask whether there is something, or a place, and tell nothing else.
ASKING = frozenset({"empty", "full"})


def caught_by(handlers: Iterable[ast.ExceptHandler]) -> frozenset[str]:
    """The names of the exceptions; none of what catches everything, also what nobody expects."""
    return frozenset(name for one in handlers if one.type for name in _names_in([one.type]))


def suppressed_by(items: Iterable[ast.withitem]) -> frozenset[str]:
    """Those named in `with suppress(...)`."""
    names: set[str] = set()
    for item in items:
        match item.context_expr:
            case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=args):
                names |= _names_in(args)
    return frozenset(names)


def _names_in(expressions: Iterable[ast.expr]) -> set[str]:
    names = set()
    for one in expressions:
        match one:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                names.add(name)
            case ast.Tuple(elts=elements):
                names |= _names_in(elements)
    return names


def makes_no_pair(read: Site, write: Site) -> bool:
    """Whether the write is ready for a miss, and all that was read is whether there is one."""
    only_asks = read.kind in (Kind.CONTAINS, Kind.TRUTH) or read.name in ASKING
    return write.is_caught and only_asks
