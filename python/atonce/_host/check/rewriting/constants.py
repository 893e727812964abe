"""Puts sites into code that was made with markers in their places."""

from types import CodeType
from typing import Any

from .sites import Kind, Site
from .transform import MARKER

CELLS = (Kind.LOAD_CELL, Kind.STORE_CELL)


def put_in(
    code: CodeType, natives: list[Any], sites: list[Site], others: dict[str, Any]
) -> CodeType:
    """The same code, and the code in it, with native sites and those others as constants."""
    constants: list[Any] = []
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            constants.append(put_in(constant, natives, sites, others))
        elif isinstance(constant, str) and constant in others:
            constants.append(others[constant])
        elif isinstance(constant, str) and constant.startswith(MARKER):
            number = int(constant[len(MARKER) :])
            site = sites[number]
            if site.kind in CELLS and site.name is not None:
                _tell_cell(natives[number], code, site.name)
            constants.append(natives[number])
        else:
            constants.append(constant)
    return code.replace(co_consts=tuple(constants))


def _tell_cell(native: Any, code: CodeType, name: str) -> None:
    """A frame has its variables in this order: local ones, cells that are not, free ones."""
    cells = [cell for cell in code.co_cellvars if cell not in code.co_varnames]
    names = [*code.co_varnames, *cells, *code.co_freevars]
    if name in names:
        native.set_cell(names.index(name))
