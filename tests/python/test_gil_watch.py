"""Who turned the GIL on is found out; CPython's own warning about it is not shown."""

import subprocess
import sys
import sysconfig
import warnings
from importlib.machinery import ExtensionFileLoader
from pathlib import Path

import pytest
from atonce._host.gil import watch_gil
from atonce._host.load import load
from caller import unchanged_imports, write

IS_FREE = sysconfig.get_config_var("Py_GIL_DISABLED") == 1

OLD_MODULE = """
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "old_module", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_old_module(void) { return PyModule_Create(&definition); }
"""

INNER_MODULE = """
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "inner_module", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_inner_module(void) {
  PyObject *module = PyModule_Create(&definition);
#ifdef Py_GIL_DISABLED
  PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED);
#endif
  return module;
}
"""
OUTER_MODULE = INNER_MODULE.replace("inner_module", "outer_module").replace(
    "PyObject *module", 'Py_XDECREF(PyImport_ImportModule("inner_module"));\n  PyObject *module'
)

PROGRAM = """
import sys
from atonce._host.load import load
loaded = load(sys.argv[1])
print(sys._is_gil_enabled(), loaded.gil_enablers)
"""


LATER = """
import sys
from atonce._host.gil import keep_watching_gil
from atonce._host.load import load
enablers = keep_watching_gil()
(tool,) = load(sys.argv[1]).tools
before = list(enablers)
tool.function()
print(before, enablers)
"""


def compile_module(folder: Path, name: str = "old_module") -> None:
    compiler = (sysconfig.get_config_var("CC") or "cc").split()
    include = f"-I{sysconfig.get_path('include')}"
    command = [*compiler, "-shared", "-fPIC", include, f"{name}.c", "-o", f"{name}.so"]
    subprocess.run(command, cwd=folder, check=True)


def run(program: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    source = f"import sys; sys.path[:0] = {sys.path!r}\n{program}"
    return subprocess.run(
        [sys.executable, "-c", source, "my_tools.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.skipif(not IS_FREE, reason="this Python has a GIL that is always on")
@pytest.mark.parametrize("before", ["", "import warnings; warnings.simplefilter('ignore')\n"])
def test_the_module_that_turns_the_gil_on_is_named(tmp_path: Path, before: str) -> None:
    write(
        tmp_path,
        {"old_module.c": OLD_MODULE, "my_tools.py": before + "import helper\ndef f(): ...\n"},
    )
    write(tmp_path, {"helper.py": "import old_module\n"})
    compile_module(tmp_path)

    done = run(PROGRAM, tmp_path)

    assert done.stdout.strip() == "True ['old_module']"
    assert done.stderr == ""


@pytest.mark.skipif(not IS_FREE, reason="this Python has a GIL that is always on")
def test_a_module_that_a_call_imports_is_named_too(tmp_path: Path) -> None:
    source = "def f():\n    import old_module\n"
    write(tmp_path, {"old_module.c": OLD_MODULE, "my_tools.py": source})
    compile_module(tmp_path)

    done = run(LATER, tmp_path)

    assert done.stdout.strip() == "[] ['old_module']"
    assert done.stderr == ""


@pytest.mark.skipif(not IS_FREE, reason="this Python has a GIL that is always on")
def test_a_module_that_another_one_imports_while_it_is_created_is_not_blamed(
    tmp_path: Path,
) -> None:
    # pydantic_core does so with datetime, for one.
    write(tmp_path, {"outer_module.c": OUTER_MODULE, "inner_module.c": INNER_MODULE})
    write(tmp_path, {"my_tools.py": "import outer_module\ndef f(): ...\n"})
    for name in ("outer_module", "inner_module"):
        compile_module(tmp_path, name)

    done = run(PROGRAM, tmp_path)

    assert done.stdout.strip() == "False []"


def test_other_warnings_of_the_users_code_are_shown(tmp_path: Path) -> None:
    write(tmp_path, {"my_tools.py": "import warnings\nwarnings.warn('mind this')\ndef f(): ...\n"})

    with unchanged_imports(), pytest.warns(UserWarning, match="mind this"):
        loaded = load(str(tmp_path / "my_tools.py"))

    assert loaded.gil_enablers == []


def test_the_users_filters_stay(tmp_path: Path) -> None:
    quiet = "import warnings\nwarnings.filterwarnings('ignore', 'mine')\n"
    write(tmp_path, {"my_tools.py": quiet + "def f(): ...\n"})
    before = list(warnings.filters)

    with unchanged_imports():
        load(str(tmp_path / "my_tools.py"))

    added = [one for one in warnings.filters if one not in before]
    assert len(added) == 1
    assert "mine" in str(added[0])


def test_watching_leaves_everything_as_it_was() -> None:
    filters, create = list(warnings.filters), ExtensionFileLoader.create_module

    with pytest.raises(LookupError), watch_gil() as enablers:
        raise LookupError

    assert enablers == []
    assert ExtensionFileLoader.create_module is create
    assert list(warnings.filters) == filters
