"""Imports the user's code, and says in one ToolsError what went wrong with it."""

from __future__ import annotations

import importlib
import importlib.util
import linecache
import sys
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from atonce import ToolsError
from atonce._host.tracebacks import format_frames, message_of

# What loads a tools file, of (module name, path); atonce check has one that rewrites it.
make_loader: Callable[[str, str], SourceFileLoader] = SourceFileLoader

# Python 3.9 does not know its own library.
_STANDARD: frozenset[str] = getattr(sys, "stdlib_module_names", frozenset())


def import_file(path: Path) -> ModuleType:
    """Runs a file as a module of its own name, in sys.modules, its folder first on sys.path."""
    path = path.resolve()  # as Python does for a script
    name, package_root = _module_name(path)
    _put_first(str(path.parent))
    if package_root is not None:
        _put_first(str(package_root))
        return _guarded(str(path), lambda: importlib.import_module(name))
    return _guarded(str(path), lambda: _execute(name, path))


def import_folder(folder: Path) -> list[ModuleType]:
    """Imports the files of a folder, but not those of its folders, in the order of their names.

    Files whose names begin with `_` or `test_`, and conftest.py, hold no tools.
    """
    files = [
        file
        for file in sorted(folder.glob("*.py"))
        if not file.name.startswith(("_", "test_")) and file.name != "conftest.py"
    ]
    if not files:
        raise ToolsError(
            f"the folder `{folder}` has no Python files with tools",
            "files whose names begin with `_` or `test_` are left out, and so are inner folders",
        )
    return [import_file(file) for file in files]


def import_module(name: str) -> ModuleType:
    """Imports what `python -m` would find: the current folder comes first."""
    _put_first(str(Path.cwd()))
    try:
        is_there = importlib.util.find_spec(name) is not None
    except (ModuleNotFoundError, ValueError) as error:
        # A parent that is not there; but a parent's own failing import is another matter.
        if not (isinstance(error, ValueError) or _is_part(error.name, name)):
            raise _import_failed(name, error) from None
        is_there = False
    except BaseException as error:  # a parent package runs the user's code
        raise _import_failed(name, error) from None
    if not is_there:
        raise ToolsError(
            f"there is no module `{name}`",
            "start where its folder is, or install it: `atonce python -m pip install ...`",
        )
    return _guarded(name, lambda: importlib.import_module(name))


def _module_name(path: Path) -> tuple[str, Path | None]:
    """The name to import a file under; and for a file of a package, the package's root."""
    if not (path.parent / "__init__.py").exists():
        name = path.stem.replace(".", "_")
        # A file may be called like a module that is needed, and must not stand in for it.
        while name in sys.modules or name in _STANDARD:
            name += "_tools"
        return name, None
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts), folder


def _execute(name: str, path: Path) -> ModuleType:
    loader = make_loader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _guarded(label: str, run: Callable[[], ModuleType]) -> ModuleType:
    try:
        return run()
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: it is the user's code
        raise _import_failed(_relative(label), error) from None


def _import_failed(label: str, error: BaseException) -> ToolsError:
    if isinstance(error, ToolsError):
        return error  # the decorator's own words say it better
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return ToolsError(_describe_syntax(error), "correct the line and try again")
    if isinstance(error, SystemExit):
        code = "" if error.code is None else repr(error.code)
        what = f"`{label}` called sys.exit({code})"
        return ToolsError(
            f"{what} while it was imported{_indented(format_frames(error))}",
            'put what a script does under `if __name__ == "__main__":`',
        )
    what = f"`{label}` could not be imported: {_one_line(error)}"
    return ToolsError(what + _indented(format_frames(error)), _hint_for(error))


def _describe_syntax(error: SyntaxError) -> str:
    """The place, the line and the caret, as Python shows them."""
    assert error.filename is not None and error.lineno is not None
    place = f"`{_relative(error.filename)}`, line {error.lineno}"
    what = f"{type(error).__name__} in {place}: {error.msg}"
    line = (error.text or linecache.getline(error.filename, error.lineno)).rstrip("\n")
    shown = line.lstrip(" \t\f")
    if not shown:
        return what
    column = max((error.offset or 1) - 1 - (len(line) - len(shown)), 0)
    width = 1
    end = getattr(error, "end_offset", None)  # since Python 3.10, as end_lineno
    if end and error.end_lineno == error.lineno:
        width = max(end - (error.offset or 1), 1)
    return f"{what}\n    {shown}\n    {' ' * column}{'^' * width}"


def _hint_for(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        return (
            f"if `{package}` is a package, `atonce python -m pip install {package}` installs it; "
            "if it is elsewhere already, name its environment with --venv"
        )
    return "the lines above are the file's own; it must import without an error"


def _one_line(error: BaseException) -> str:
    text = message_of(error).partition("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _indented(frames: str) -> str:
    return f"\n{frames}" if frames else ""


def _relative(path: str) -> str:
    """The path as seen from the current folder, where it is inside of it."""
    return path.removeprefix(f"{Path.cwd()}/")


def _is_part(missing: str | None, name: str) -> bool:
    return missing is not None and f"{name}.".startswith(f"{missing}.")


def _put_first(folder: str) -> None:
    if folder in sys.path:
        sys.path.remove(folder)
    sys.path.insert(0, folder)
