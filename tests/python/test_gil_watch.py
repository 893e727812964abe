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

PROGRAM = """
import sys
from atonce._host.load import load
loaded = load(sys.argv[1])
print(sys._is_gil_enabled(), loaded.gil_enablers)
"""


@pytest.mark.skipif(not IS_FREE, reason="this Python has a GIL that is always on")
@pytest.mark.parametrize("before", ["", "import warnings; warnings.simplefilter('ignore')\n"])
def test_the_module_that_turns_the_gil_on_is_named(tmp_path: Path, before: str) -> None:
    write(
        tmp_path,
        {"old_module.c": OLD_MODULE, "my_tools.py": before + "import helper\ndef f(): ...\n"},
    )
    write(tmp_path, {"helper.py": "import old_module\n"})
    compiler = (sysconfig.get_config_var("CC") or "cc").split()
    include = f"-I{sysconfig.get_path('include')}"
    subprocess.run(
        [*compiler, "-shared", "-fPIC", include, "old_module.c", "-o", "old_module.so"],
        cwd=tmp_path,
        check=True,
    )

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path[:0] = {sys.path!r}\n{PROGRAM}",
            "my_tools.py",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "True ['old_module']"
    assert done.stderr == ""


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
