"""Source to code whose accesses to what threads may share go through native sites.

The tree is parsed, the accesses are marked (decide.py), each frame's control flow says which reads
a write may depend on (flow.py, pairs.py), the tree is changed (transform.py) and compiled, and the
sites take the places that were kept for them among the constants (constants.py). What the code
does, and the places in its tracebacks, stay the same.
"""

import ast
import builtins
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

from .constants import put_in
from .decide import decide
from .flow import make_graph
from .marks import Marks
from .pairs import Findings, find_pairs, find_pairs_by_call
from .sites import Flag, Kind, Pair, Site, make_native
from .transform import MARKER, transform


def rewrite(
    source: bytes | str, filename: str, module_name: str, native: Any, *, is_package: bool = False
) -> CodeType:
    """The code of the module, which reports call by its file's stem.

    Raises SyntaxError and ValueError as compile() does.
    """
    tree = compile(source, filename, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    package = module_name if is_package else module_name.rpartition(".")[0]
    try:
        return rewrite_tree(tree, filename, package, native)
    except RecursionError:  # what nests so deep is no program that a person wrote
        return compile(source, filename, "exec", dont_inherit=True)


def rewrite_tree(tree: ast.Module, filename: str, package: str, native: Any) -> CodeType:
    """The same for a tree, which is changed. Raises RecursionError when it nests too deep."""
    marks = decide(tree, package)
    pairs = analyse(marks)
    sites = transform(tree, marks)
    _bind_first(tree)
    code = compile(tree, filename, "exec", dont_inherit=True)
    context = native.Module(report_name(filename, package), filename)
    natives = make_native(sites, pairs, context, native)
    return put_in(code, natives, sites, {BIND: context.bind, GLOBALS: builtins.globals})


def analyse(marks: Marks) -> list[Pair]:
    """All pairs of the marked code, whose sites get their flags; what tells nothing is dropped."""
    findings = [find_pairs(make_graph(place, marks), marks) for place in marks.places]
    pairs = [pair for found in findings for pair in found.pairs]
    pairs.extend(_pairs_by_call(findings, marks))
    for place, found in zip(marks.places, findings, strict=True):
        is_function = isinstance(place.node, ast.FunctionDef | ast.AsyncFunctionDef)
        if found.tells_activations_apart and is_function:
            assert isinstance(place.node, ast.FunctionDef | ast.AsyncFunctionDef)
            line, name = place.node.lineno, place.qualified_name
            marks.enters[place.node] = Site(Kind.ENTER, None, "", line, line, name)
    sites = {*marks.operations.values(), *(one for some in marks.wraps.values() for one in some)}
    asked = _asked_in_tests(pairs)
    marks.drop(
        {
            site
            for site in sites
            if site.is_optional and Flag.PAIRED not in site.flags and not _looks_for(site, asked)
        }
    )
    return pairs


def _asked_in_tests(pairs: list[Pair]) -> set[str]:
    """The names of functions that are called in a test: what they look at decides, too."""
    names: set[str] = set()
    for pair in pairs:
        if pair.read.kind is Kind.BUILTIN:
            names |= {"__len__", "__bool__"}
        elif pair.read.kind in (Kind.CALL, Kind.LOAD_ATTR) and pair.read.name is not None:
            names.add(pair.read.name)
    return names


def _looks_for(site: Site, asked: set[str]) -> bool:
    return Flag.READ in site.flags and site.function.rpartition(".")[2] in asked


def _pairs_by_call(findings: list[Findings], marks: Marks) -> Iterator[Pair]:
    by_name: dict[str, list[Findings]] = {}
    for place, found in zip(marks.places, findings, strict=True):
        by_name.setdefault(place.qualified_name, []).append(found)
    for found in findings:
        for tested in found.tested:
            callees = by_name.get(marks.callees[tested.call], [])
            if len(callees) == 1:  # of functions of the same name nobody knows which is called
                yield from find_pairs_by_call(tested, callees[0])


def report_name(filename: str, package: str) -> str:
    """The file's stem; of a package's own file the package's name."""
    stem = Path(filename).stem
    return package.rpartition(".")[2] if stem == "__init__" and package else stem


BIND = f"{MARKER}bind"
GLOBALS = f"{MARKER}globals"


def _bind_first(tree: ast.Module) -> None:
    """The code itself says which namespace it runs in: modules are run in more ways than one."""
    at = 1 if ast.get_docstring(tree, clean=False) is not None else 0
    while at < len(tree.body) and _is_future(tree.body[at]):
        at += 1
    chosen = [
        ast.IfExp(ast.Constant(True), ast.Constant(marker), ast.Constant(None))
        for marker in (BIND, GLOBALS)
    ]
    statement = ast.Expr(ast.Call(chosen[0], [ast.Call(chosen[1], [], [])], []))
    line = tree.body[at].lineno if at < len(tree.body) else 1
    for node in ast.walk(statement):
        if isinstance(node, ast.expr | ast.stmt):
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = 0
    tree.body.insert(at, statement)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
