"""The GIL: off unless asked for or needed, and who needed it is said."""

import json
import subprocess
import sysconfig
from pathlib import Path

import pytest
from conftest import Program, WriteTools

ASK = "import sys\n\ndef is_on() -> bool:\n    return sys._is_gil_enabled()\n"

# A module of the old kind: it does not say that it can do without the GIL.
OLD_MODULE = """
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "old_module", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_old_module(void) { return PyModule_Create(&definition); }
"""


@pytest.mark.parametrize(("mode", "is_on"), [("auto", False), ("off", False), ("on", True)])
def test_the_gil_is_as_asked(atonce: Program, tools: WriteTools, mode: str, is_on: bool) -> None:
    assert atonce.call(tools(ASK), "is_on", {}, "--gil", mode).json["result"] is is_on


@pytest.fixture
def old_module(atonce: Program, tmp_path: Path) -> Path:
    """A compiled module that turns the GIL on, in the folder of the tools file."""
    include = atonce.run("python", "-c", "import sysconfig; print(sysconfig.get_path('include'))")
    assert include.code == 0, include.err
    source = tmp_path / "old_module.c"
    source.write_text(OLD_MODULE)
    target = tmp_path / "old_module.so"
    compiler = sysconfig.get_config_var("CC") or "cc"
    subprocess.run(
        [*compiler.split(), "-shared", "-fPIC", f"-I{include.out.strip()}", source, "-o", target],
        check=True,
    )
    return target


@pytest.mark.usefixtures("old_module")
def test_a_module_that_turns_the_gil_on_is_named_with_its_cost(
    atonce: Program, tools: WriteTools
) -> None:
    done = atonce.call(tools("import old_module\n" + ASK), "is_on")

    assert done.json["result"] is True
    assert "warning: " in done.err and "`old_module`" in done.err and "one at a time" in done.err


@pytest.mark.usefixtures("old_module")
def test_require_no_gil_refuses_it(atonce: Program, tools: WriteTools) -> None:
    done = atonce.call(tools("import old_module\n" + ASK), "is_on", {}, "--require-no-gil")

    assert done.code == 2
    assert done.err.startswith("error: ") and "`old_module`" in done.err


@pytest.mark.usefixtures("old_module")
def test_gil_off_forces_it_off_all_the_same(atonce: Program, tools: WriteTools) -> None:
    done = atonce.call(tools("import old_module\n" + ASK), "is_on", {}, "--gil", "off")

    assert done.json["result"] is False


@pytest.mark.usefixtures("old_module")
def test_a_module_imported_by_a_call_is_seen_too(atonce: Program, tools: WriteTools) -> None:
    file = tools(ASK + "\ndef late() -> bool:\n    import old_module\n    return is_on()\n")

    done = atonce.run("call", file, "--turn", "-", stdin=json.dumps([{"name": "late"}]))

    assert done.json[0]["result"] is True
    assert "GIL" in done.err
