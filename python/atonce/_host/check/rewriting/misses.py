"""Queues: who asks whether there is something, takes it, and is ready for there being nothing.

`while not jobs.empty():` and then `jobs.get_nowait()` is right where `queue.Empty` is caught and
who is late does nothing else: the test only spares the try. Of other containers a test and a taking
are told whatever is caught: nobody has to ask them first.
"""

import ast

from .graph import caught_by
from .names import exceptions_in, last_name
from .sites import Site

RAISED = {
    "get": frozenset({"Empty"}),
    "get_nowait": frozenset({"Empty"}),
    "put": frozenset({"Full"}),
    "put_nowait": frozenset({"Full"}),
}
# Methods that ask whether there is something, or a place, and tell nothing else.
ASKING = frozenset({"empty", "full"})

LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def raised_by(method: str) -> frozenset[str]:
    """The names of what a method raises when there is no item, or no place, for it."""
    return RAISED.get(method, frozenset())


def ends_of_blocks(tree: ast.Module) -> set[ast.stmt]:
    """Statements that no other one of their block follows."""
    blocks = [
        getattr(node, name, None)
        for node in ast.walk(tree)
        for name in ("body", "orelse", "finalbody")
    ]
    return {block[-1] for block in blocks if isinstance(block, list) and block}


def expected_in_try(node: ast.Try | ast.TryStar, *, is_last: bool) -> frozenset[str]:
    """The exceptions after which nothing is done that an item would be needed for, by their names;
    so none of what catches everything. `is_last`: nothing follows the statement.
    """
    does_nothing_else = is_last and len(node.body) == 1 and not node.orelse
    return caught_by(
        [one for one in node.handlers if does_nothing_else or isinstance(one.body[-1], LEAVING)]
    )


def expected_in_with(node: ast.With, *, is_last: bool) -> frozenset[str]:
    """The same of `with suppress(...)`."""
    if not is_last or len(node.body) != 1:
        return frozenset()
    calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    suppressed = [call for call in calls if last_name(call.func) == "suppress"]
    return frozenset(name for call in suppressed for name in exceptions_in(call.args))


def makes_no_pair(read: Site, write: Site) -> bool:
    """Whether the write is ready for a miss, and all that was read is whether there is one."""
    return write.is_caught and read.name in ASKING
