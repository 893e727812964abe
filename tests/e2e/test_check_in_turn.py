"""What is racy is found even when its threads happen to run one after the other.

As they do on a busy machine: none is there any more when the next one begins, so nothing but the
order that the program itself makes tells that they might have met.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Program
from race_corpus import Case, our_cases

RACY = [case for case in our_cases() if case.is_racy and not case.is_tools]

# On the program's own first line, as its lines are counted.
STARTS_IN_TURN = (
    "import threading as _threads, time as _time; _start = _threads.Thread.start; "
    "_threads.Thread.start = lambda self: (_start(self), _time.sleep(0.05))[0]; "
)


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Of all programs, two checks at a time: most of what a check does is wait."""
    assert Program.path.exists(), f"{Program.path} is missing: run `make build`"
    folder = tmp_path_factory.mktemp("programs")
    atonce = Program(tmp_path_factory.mktemp("home"))

    def judge(case: Case) -> list[str]:
        in_turn = replace(case, path=write_in_turn(case.path, folder))
        return in_turn.complaints(in_turn.report(atonce))

    with ThreadPoolExecutor(2) as pool:
        found = pool.map(judge, RACY)
        return {case.id: complaint for case, complaint in zip(RACY, found, strict=True)}


def write_in_turn(program: Path, folder: Path) -> Path:
    source = program.read_text(encoding="utf-8")
    assert "from __future__" not in source, "it would have to be the first line"
    path = folder / program.name
    path.write_text(STARTS_IN_TURN + source, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", [case.id for case in RACY])
def test_what_is_racy_is_found(complaints: dict[str, list[str]], name: str) -> None:
    assert complaints[name] == []
