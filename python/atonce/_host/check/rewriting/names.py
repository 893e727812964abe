"""Words of a module that decide which attributes are worth a site, and texts of expressions."""

import ast

MOST_TEXT = 80  # characters of an expression in a report


def source_of(node: ast.AST) -> str:
    """The expression as one line of source, whatever its form was: equal for equal expressions."""
    return " ".join(ast.unparse(node).split())


def shortened(text: str) -> str:
    """The text as reports say it."""
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 3] + "..."


def stored_attributes(tree: ast.AST) -> set[str]:
    """The attributes that the module's code stores anywhere."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
    }


def methods_of_classes(tree: ast.AST) -> dict[str, set[str]]:
    """By the name of a class: what it defines with `def`."""
    return {
        node.name: {
            one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }


def root_of(node: ast.expr) -> ast.Name | None:
    """`a` of `a.b.c`; None for what is no dotted name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node if isinstance(node, ast.Name) else None


def last_name(node: ast.expr | None) -> str:
    """`c` of `c` and of `a.b.c`; empty for what is neither."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def exceptions_in(expressions: list[ast.expr]) -> set[str]:
    """The names of those that stand there, alone or in tuples; "" for what has none."""
    names: set[str] = set()
    for one in expressions:
        names |= exceptions_in(one.elts) if isinstance(one, ast.Tuple) else {last_name(one)}
    return names


def is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )
