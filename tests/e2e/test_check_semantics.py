"""What `check` does to a program's code leaves alone what the code does: CPython's own tests of the
language and of what threads use give the same results, each by each."""

import subprocess
import sys

import pytest
from conftest import ROOT, Program

RUNNER = ROOT / "tests" / "python" / "check" / "run_cpython_tests.py"
QUICK = ["grammar", "scope", "generators", "with", "patma", "unpack", "class", "listcomps"]
LONG = ["contextlib", "dataclasses", "functools", "queue", "threading", "weakref"]


def _has_tests(program: Program, name: str) -> bool:
    looked = program.run("python", "-c", f"import test.{name}")
    return looked.code == 0


@pytest.mark.parametrize("way", ["from source", "from code alone"])
@pytest.mark.parametrize(
    "name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in LONG)]
)
def test_results_are_the_same(atonce: Program, name: str, way: str) -> None:
    if not _has_tests(atonce, f"test_{name}"):
        pytest.skip("the Python inside comes without CPython's own tests")
    more = ["--sourceless"] if way == "from code alone" else []
    command = [sys.executable, str(RUNNER), "--sites", "native", "--program", str(atonce.path)]

    done = subprocess.run(
        [*command, *more, f"test_{name}"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=atonce.environment,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 different" in done.stdout
