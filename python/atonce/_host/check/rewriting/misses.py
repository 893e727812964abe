"""Queues: who asks whether there is something, takes it, and is ready for there being nothing.

`while not jobs.empty():` and then `jobs.get_nowait()` is right where `queue.Empty` is caught and
who is late does nothing else: the test only spares the try. Of other containers a test and a taking
are told whatever is caught: nobody has to ask them first.
"""

import ast

from .sites import Site

# What they raise when there is nothing, or no place, left.
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
    """None: nothing that is known."""
    return RAISED.get(method, frozenset())


def ends_of_blocks(tree: ast.Module) -> set[ast.stmt]:
    """Statements that no other one of their block follows."""
    blocks = [
        getattr(node, name, None)
        for node in ast.walk(tree)
        for name in ("body", "orelse", "finalbody")
    ]
    return {block[-1] for block in blocks if isinstance(block, list) and block}


def caught_by(node: ast.Try | ast.TryStar, *, is_last: bool) -> frozenset[str]:
    """The exceptions after which nothing is done that an item would be needed for, by their names;
    so none of what catches everything. `is_last`: nothing follows the statement.
    """
    does_nothing_else = is_last and len(node.body) == 1 and not node.orelse
    return frozenset(
        name
        for one in node.handlers
        if one.type is not None and (does_nothing_else or isinstance(one.body[-1], LEAVING))
        for name in _names_in([one.type])
    )


def suppressed_by(node: ast.With, *, is_last: bool) -> frozenset[str]:
    """The same of `with suppress(...)`."""
    names: set[str] = set()
    if not is_last or len(node.body) != 1:
        return frozenset()
    for item in node.items:
        match item.context_expr:
            case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=args):
                names |= _names_in(args)
    return frozenset(names)


def _names_in(expressions: list[ast.expr]) -> set[str]:
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
    return write.is_caught and read.name in ASKING
