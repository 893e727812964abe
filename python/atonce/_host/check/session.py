"""What the program asks of Python in a process of `atonce check`; see src/python/check.h.

The detector itself is native (`_atonce_race`), and is there in the program alone.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from importlib.machinery import ExtensionFileLoader
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atonce._host.toolset import Tool

_ARGUMENTS_SEED = 1


def prepare_rounds() -> None:
    """Imports what every round needs, before there are processes that would each do so."""
    import asyncio  # noqa: F401

    from atonce._host.check import rounds  # noqa: F401


def run_round(tools: list[Tool], order: str) -> str:
    """Makes calls of tools beside each other, as the order says; the answer is JSON, too."""
    from atonce._host.check import rounds

    return rounds.run(tools, order)


def make_arguments(tool: Tool, count: int, given: list[str]) -> list[str]:
    """Arguments to check a tool with. Raises ToolsError with the reason when none can be made."""
    from atonce import ToolsError
    from atonce._host.check.generate import arguments_for

    try:
        return arguments_for(tool, count, _ARGUMENTS_SEED, given)
    except Exception as error:
        what = "" if given else "no arguments could be made for it: "
        raise ToolsError(f"{what}{error}") from error


def extension_modules() -> list[str]:
    """The compiled packages that are imported, but for Python's and atonce's own."""
    own = {name.partition(".")[0] for name in (*_OWN, *sys.stdlib_module_names)}
    stdlib = sysconfig.get_path("platstdlib")
    names = set()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        is_compiled = isinstance(getattr(module, "__loader__", None), ExtensionFileLoader)
        package = name.partition(".")[0]
        is_python = file.startswith(stdlib) and "site-packages" not in file
        if is_compiled and package not in own and not is_python:
            names.add(package)
    return sorted(names)


_OWN = ("pydantic_core", "_atonce_race")


def run_program(
    arguments: list[str],
    is_pytest: bool,
    sink: int,
    seed: int,
    perturb: bool,
    delays: str,
    user_site: Sequence[str],
    own_site: Sequence[str],
) -> int:
    """Runs a file, or pytest, with the detector watching, and returns its exit code.

    `delays` is JSON, [[file, line], ...]: where threads are made to wait, so that others come in.
    What is found is written to the descriptor `sink`, one JSON object a line, as it is found; then
    what the run came to: {"end": {...}}.
    """
    import _atonce_race as native

    from atonce._host import environment
    from atonce._host.check import install, script
    from atonce._host.gil import watch_gil

    environment.add_packages([*user_site, *own_site])
    install()
    options = {
        "seed": seed,
        "perturb": perturb,
        "patient": seed % 2 == 1,
        "delay_sites": json.loads(delays),
        "sink_fd": sink,
    }
    process = os.getpid()
    raised = _note_what_threads_raise()
    with watch_gil() as gil_enablers:
        native.start(options)
        try:
            if is_pytest:
                code = script.run_pytest(arguments)
            else:
                code = script.run_script(arguments[0], arguments[1:])
        finally:
            native.stop()
    if os.getpid() != process:
        return code  # a copy that the program made of itself has nothing to tell
    facts = {
        "most_threads": native.most_threads(),
        "exit_code": code,
        "gil_enablers": gil_enablers,
        "extensions": extension_modules(),
        "raised": list(raised)[:_MOST_RAISED],
    }
    _write_end(sink, json.loads(native.take_findings()), facts)
    return code


_MOST_RAISED = 10
_MOST_CHARACTERS = 300


def _line_of(error: BaseException) -> str:
    """Without anything that would have to be imported from among the program's own packages."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # the user's own __str__
        text = type(error).__name__
    return " ".join(text.split())[:_MOST_CHARACTERS]


def _note_what_threads_raise() -> dict[str, None]:
    """The exceptions that end threads from here on, each once; they are shown as ever."""
    import threading

    raised: dict[str, None] = {}
    show = threading.excepthook

    def note(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            raised[_line_of(args.exc_value)] = None
        show(args)

    threading.excepthook = note
    return raised


def _write_end(sink: int, findings: list[dict[str, Any]], facts: dict[str, Any]) -> None:
    lines = [*findings, {"end": facts}]
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    while text:
        text = text[os.write(sink, text) :]
