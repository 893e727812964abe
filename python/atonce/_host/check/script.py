"""Runs a script, or pytest, in this process with rewritten code, to its end and as Python would."""

import atexit
import builtins
import os
import sys
import tempfile
import threading
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from atonce import ToolsError

from . import importer
from .rewriting import rewrite, rewrite_tree

HERE = Path(__file__).resolve().parent
FAILED = 1
INTERRUPTED = 130
_HOW_TO_HAVE_PYTEST = (
    "install it where the tests' other packages are: in the .venv beside you, in --venv, or with "
    "atonce python -m pip install pytest"
)


def run_script(path: str, args: list[str], native: Any = None) -> int:
    """What `python path args` would do, and the exit code that it would give.

    Threads that are no daemons have ended then, and the functions of `atexit` have run.
    """
    native = native or _native()
    return _end_of(lambda: _run_main(path, args, native))


def _native() -> Any:
    import _atonce_race  # built into the program; absent elsewhere

    return _atonce_race


def _run_main(path: str, args: list[str], native: Any) -> None:
    file = Path(os.path.abspath(path))  # noqa: PTH100  # Python, too, follows no links here
    in_folder = file.is_dir()
    source = file / "__main__.py" if in_folder else file
    sys.argv = [path, *args]
    first = str(file if in_folder else Path(os.path.realpath(file)).parent)
    if sys.path and sys.path[0] == "":
        sys.path[0] = first
    else:
        sys.path.insert(0, first)
    main = _make_main(str(source))
    code = rewrite(source.read_bytes(), str(source), "__main__", native)
    exec(code, main.__dict__)


def _make_main(file: str) -> ModuleType:
    main = ModuleType("__main__")
    main.__file__ = file
    main.__loader__ = SourceFileLoader("__main__", file)
    main.__dict__.update(__builtins__=builtins, __cached__=None, __annotations__={})
    sys.modules["__main__"] = main
    return main


def _end_of(run: Any) -> int:
    """Runs it and all that Python does at the end; the exit code."""
    code = _code_of(run)
    for finish in (threading._shutdown, atexit._run_exitfuncs):  # type: ignore[attr-defined]
        ending = _code_of(finish)
        code = code or ending
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # closed, or none
            code = code or FAILED
    return code


def _code_of(run: Any) -> int:
    try:
        run()
    except SystemExit as end:
        return _code_of_exit(end.code)
    except BaseException as error:
        error.__traceback__ = _without_ours(error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED
    return 0


def _code_of_exit(code: Any) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    sys.stderr.write(f"{code}\n")
    return FAILED


def _without_ours(traceback: TracebackType | None) -> TracebackType | None:
    """From the program's first frame on."""
    while traceback is not None and HERE in Path(traceback.tb_frame.f_code.co_filename).parents:
        traceback = traceback.tb_next
    return traceback


def run_pytest(args: list[str], native: Any = None) -> int:
    """What `python -m pytest args` would do in this process, and its exit code.

    Raises ToolsError when there is no pytest.
    """
    if find_spec("pytest") is None:
        raise ToolsError("there is no pytest to run the tests with", _HOW_TO_HAVE_PYTEST)
    native = native or _native()
    with tempfile.TemporaryDirectory(prefix="atonce-check-") as cache:
        sys.dont_write_bytecode = True
        sys.pycache_prefix = cache  # what is there is of code that is not rewritten
        return _end_of(lambda: _run_pytest(args, native))


def _run_pytest(args: list[str], native: Any) -> None:
    sys.path.insert(0, str(Path.cwd()))
    import pytest

    rewrite_tests(native, importer.own_code())
    raise SystemExit(int(pytest.main(args)))


def rewrite_tests(native: Any, should_rewrite: importer.ShouldRewrite) -> None:
    """Test modules are rewritten after pytest has rewritten their assertions."""
    import ast

    from _pytest.assertion import rewrite as assertions

    plain = assertions._rewrite_test

    def rewrite_test(fn: Path, config: Any) -> tuple[os.stat_result, CodeType]:
        name = str(fn)
        if not should_rewrite(fn.stem, name):
            return plain(fn, config)
        source = fn.read_bytes()
        tree = ast.parse(source, filename=name)
        assertions.rewrite_asserts(tree, source, name, config)
        try:
            return fn.stat(), rewrite_tree(tree, name, "", native)
        except RecursionError:
            return plain(fn, config)

    assertions._rewrite_test = rewrite_test
    assertions._read_pyc = lambda *_args, **_names: None
    assertions._write_pyc = lambda *_args, **_names: False
