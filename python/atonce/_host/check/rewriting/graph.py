"""A control flow graph: blocks of accesses, in the order in which they are made."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from .names import exceptions_in
from .sites import Kind, Site


@dataclass(eq=False)
class Control:
    """Something that decides whether what comes after is run."""

    expressions: list[ast.expr]
    is_loop: bool = False  # the test of a `while`, for what is in it
    missing: frozenset[str] = frozenset()  # of a try: the exceptions that lead on


@dataclass(eq=False)
class Event:
    """A site is called. For a write: what goes into it, and under which conditions it is made."""

    site: Site
    inputs: list[ast.expr] = field(default_factory=list)
    controls: tuple[Control, ...] = ()


# Something happens that may put this thread behind others: a lock is taken, unknown code is called.
ORDERED = Event(Site(Kind.LOCK, None, "", 0, 0, ""))
CALL = Site(Kind.ENTER, None, "", 0, 0, "")  # reads and writes nothing itself


@dataclass(eq=False)
class Called:
    """A function of the module's own is called: where, and under which conditions."""

    node: ast.Call
    block: "Block"
    event: Event
    controls: tuple[Control, ...]


@dataclass(eq=False)
class Block:
    events: list[Event] = field(default_factory=list)
    edges: list[tuple["Block", bool]] = field(default_factory=list)  # the flag: back, in a loop

    def lead_to(self, block: "Block", *, is_back: bool = False) -> None:
        self.edges.append((block, is_back))


@dataclass
class Graph:
    """Of one frame. The names tell from which expressions local variables got their values."""

    blocks: list[Block]
    assigned: list[tuple[str, list[ast.expr]]]
    tests: list[ast.expr]
    last_uses: dict[str, int]  # lines
    calls: list[Called]

    @property
    def entry(self) -> Block:
        return self.blocks[0]

    def events(self) -> Iterator[tuple[Block, Event]]:
        for block in self.blocks:
            for event in block.events:
                yield block, event


# What a try statement looks for with a handler of these exceptions.
LOOK_UPS = frozenset({"KeyError", "IndexError", "LookupError", "ValueError", "StopIteration"})
ATTRIBUTES = frozenset({"AttributeError"})


def may_miss(site: Site, missing: frozenset[str]) -> bool:
    """Whether the site's reading is what such a handler is for."""
    if site.kind in (Kind.LOAD_ITEM, Kind.METHOD):
        return bool(missing & LOOK_UPS)
    if site.kind is Kind.LOAD_ATTR:
        return bool(missing & ATTRIBUTES)
    return False


def caught_by(handlers: list[ast.ExceptHandler]) -> frozenset[str]:
    """The names of the exceptions that the handlers are for."""
    return frozenset(exceptions_in([one.type for one in handlers if one.type is not None]))


def leaves(statements: list[ast.stmt], *, in_loop: bool = True) -> bool:
    """Whether the statements may end the function, or the turn of the loop that they are in."""
    for one in statements:
        if isinstance(one, ast.Return | ast.Raise):
            return True
        if isinstance(one, ast.Break | ast.Continue) and in_loop:
            return True
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        is_loop = isinstance(one, ast.For | ast.AsyncFor | ast.While)
        parts = [getattr(one, part, []) for part in ("body", "orelse", "finalbody")]
        parts.extend(part.body for part in getattr(one, "handlers", []))
        parts.extend(part.body for part in getattr(one, "cases", []))
        if any(leaves(part, in_loop=in_loop and not is_loop) for part in parts):
            return True
    return False
