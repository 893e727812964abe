"""Which names the code of a function uses, as its compiled form tells."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType

# The first argument of a method: the object or the class that it is called on.
FIRST = "<first>"
CLASS_OF_FIRST = "<class of first>"

_READS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
_WRITES = frozenset({"STORE_GLOBAL", "DELETE_GLOBAL"})
_ATTRIBUTE_READS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_ATTRIBUTE_WRITES = frozenset({"STORE_ATTR", "DELETE_ATTR"})
_KEEPS_THE_TOP = frozenset({"COPY", "PUSH_NULL", "NOP", "CACHE", "DUP_TOP"})


@dataclass
class CodeNames:
    reads: set[str] = field(default_factory=set)  # of globals and builtins
    writes: set[str] = field(default_factory=set)  # of globals
    cell_writes: set[str] = field(default_factory=set)  # of variables of a function around it
    attributes: set[str] = field(default_factory=set)  # of whatever object
    attribute_writes: set[str] = field(default_factory=set)
    # Attributes whose owner is known: (global name or one of the above, attribute).
    owned: set[tuple[str, str]] = field(default_factory=set)

    @property
    def globals(self) -> set[str]:
        return self.reads | self.writes


def names_of(code: CodeType) -> CodeNames:
    """Those of the code and of the functions, lambdas and classes that are written inside of it."""
    names = CodeNames()
    for one in (code, *inner_codes(code)):
        _add(one, one is code, names)
    return names


def inner_codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from inner_codes(constant)


def _add(code: CodeType, is_outermost: bool, names: CodeNames) -> None:
    first = code.co_varnames[0] if is_outermost and code.co_argcount else None
    owner: str | None = None  # what the value on top of the stack is, where that is known
    for one in dis.get_instructions(code):
        what, name = one.opname, one.argval
        if what in _KEEPS_THE_TOP:
            continue
        before, owner = owner, None
        if what in _READS:
            names.reads.add(name)
            owner = name
        elif what in _WRITES:
            names.writes.add(name)
        elif what == "STORE_DEREF" and name in code.co_freevars:
            names.cell_writes.add(name)
        elif "LOAD_FAST" in what:
            last = name[-1] if isinstance(name, tuple) else name  # two loads in one
            owner = FIRST if first is not None and last == first else None
        elif what in _ATTRIBUTE_READS or what in _ATTRIBUTE_WRITES:
            if before is FIRST and name == "__class__":
                owner = CLASS_OF_FIRST
                continue
            (names.attributes if what in _ATTRIBUTE_READS else names.attribute_writes).add(name)
            if before is not None:
                names.owned.add((before, name))
