"""Every racy program is found, every correct one is clean: ours, and those of others.

ATONCE_CHECK_TIMES=5 runs each of ours five times instead of once.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import Program
from race_corpus import NO_SHARED, OURS, SHARED, Case, our_cases, shared_cases

OUR_TIMES = range(int(os.environ.get("ATONCE_CHECK_TIMES", "1")))
SHARED_TIMES = [0, *(pytest.param(time, marks=pytest.mark.slow) for time in (1, 2, 3, 4))]

Reports = dict[pytest.Item, Future[Any]]


@pytest.fixture(scope="module")
def reports(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Reports]:
    """Of all tests that are to run, two checks at a time: most of what a check does is wait."""
    assert Program.path.exists(), f"{Program.path} is missing: run `make build`"
    atonce = Program(tmp_path_factory.mktemp("home"))
    pool = ThreadPoolExecutor(2)
    found = {}
    for item in request.session.items:
        case = getattr(item, "callspec", None) and item.callspec.params.get("case")
        if isinstance(case, Case):
            found[item] = pool.submit(case.report, atonce)
    yield found
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("time", OUR_TIMES)
@pytest.mark.parametrize("case", our_cases(), ids=lambda case: case.id)
def test_what_is_racy_is_found_and_what_is_correct_is_clean(
    request: pytest.FixtureRequest, reports: Reports, case: Case, time: int
) -> None:
    report = reports[request.node].result()

    assert case.complaints(report) == []


@pytest.mark.skipif(not SHARED.exists(), reason=NO_SHARED)
@pytest.mark.parametrize("time", SHARED_TIMES)
@pytest.mark.parametrize("case", shared_cases(), ids=lambda case: case.id)
def test_the_same_is_true_of_what_others_wrote(
    request: pytest.FixtureRequest, reports: Reports, case: Case, time: int
) -> None:
    report = reports[request.node].result()

    assert case.complaints(report) == []


def test_every_program_is_expected_and_every_expected_one_is_there() -> None:
    files = {path for folder in ("programs", "tools") for path in (OURS / folder).glob("*.py")}

    assert {case.path for case in our_cases()} == files


@pytest.mark.parametrize(
    "path", [case.path for case in our_cases() if not case.is_tools], ids=lambda path: path.stem
)
def test_programs_are_in_order_without_a_check(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
