"""Where the compiler says that things are, so that tracebacks keep their lines."""

import ast


def place_of_attribute(node: ast.Attribute) -> ast.AST:
    """Where the compiler says that the attribute is: the name's line if there is more than one."""
    end_line, end = node.end_lineno, node.end_col_offset
    if end_line is None or end is None or end_line == node.lineno:
        return node
    place = ast.copy_location(ast.Constant(None), node)
    place.lineno, place.col_offset = end_line, max(0, end - len(node.attr))
    return place


def place_of_method(node: ast.Call, function: ast.Attribute) -> ast.AST:
    """Where the compiler says that the call of a method is: it begins where the name does."""
    begin = place_of_attribute(function)
    if begin is function:
        return node
    place = ast.copy_location(ast.Constant(None), node)
    place.lineno = getattr(begin, "lineno", node.lineno)
    place.col_offset = getattr(begin, "col_offset", node.col_offset)
    return place
