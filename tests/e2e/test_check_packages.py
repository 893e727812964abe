"""Packages from PyPI that have threads in them: their own tests pass under the detector as they do
without it, and whatever is found in them is judged, true or false, in the documents."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Program

SCRIPT = ROOT / "tools" / "check_packages.sh"
JUDGED = ROOT / "docs" / "concepts" / "check-on-real-packages.md"
NAMES = [
    *("cachetools", "dogpile.cache", "zict", "apscheduler"),
    *("janus", "prometheus_client", "more-itertools"),
]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def packages() -> None:
    """Brought once for each user. It needs a package registry, which not every machine reaches."""
    done = subprocess.run(
        [SCRIPT, "--prepare"], capture_output=True, text=True, timeout=900, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"the packages cannot be had: {done.stderr[-400:]}")


RESULTS: dict[str, dict[str, Any]] = {}  # by package: each is run once, which takes minutes


def result_of(name: str, program: Program, folder: Path) -> dict[str, Any]:
    if name not in RESULTS:
        RESULTS[name] = run(name, program, folder)
    return RESULTS[name]


def run(name: str, program: Program, folder: Path) -> dict[str, Any]:
    answer = folder / "results.json"
    done = subprocess.run(
        [SCRIPT, "--seeds", "1", "--json", answer, name],
        capture_output=True,
        text=True,
        timeout=1300,
        check=False,
        env=program.environment,
    )
    assert answer.exists(), done.stdout + done.stderr
    (result,) = json.loads(answer.read_text())
    return dict(result)


@pytest.mark.parametrize("name", NAMES)
def test_tests_end_as_without_it_and_each_finding_is_judged(
    packages: None, atonce: Program, tmp_path: Path, name: str
) -> None:
    result = result_of(name, atonce, tmp_path)

    assert result["different"] == []
    assert result["outcomes"].get("passed", 0) > 50
    assert result["modules"] > 0
    assert result["threads"] > 1
    page = JUDGED.read_text()
    # A line of a finding: level, kind, marks, variable, a colon, its sides.
    variables = {line.partition(": ")[0].split()[-1] for line in result["findings"]}
    assert {one for one in variables if f"`{one}`" not in page} == set()


def test_the_lost_value_in_zict_is_found(packages: None, atonce: Program, tmp_path: Path) -> None:
    result = result_of("zict", atonce, tmp_path)

    assert any("check_then_act LRU._cancel_evict" in line for line in result["findings"])
