"""The pages about races: what is shown as wrong is found, what is shown as right is clean."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Program
from test_documents import blocks
from test_gil import old_module  # noqa: F401  # a fixture

RACES = ROOT / "docs" / "concepts" / "races"
GUIDE = ROOT / "docs" / "guides" / "check.md"
MARK = re.compile(r"# (wrong|right): (\w+\.py)\n")


@dataclass
class Example:
    page: Path
    is_wrong: bool
    name: str
    text: str

    def report(self, atonce: Program, folder: Path) -> Any:
        """Of a program when it starts threads itself, else of a tools file."""
        path = folder / self.name
        path.write_text(self.text, encoding="utf-8")
        is_program = "threading.Thread(" in self.text
        done = atonce.run("check", "--json", *(["--script"] if is_program else []), path)
        return done.json


def examples(is_wrong: bool) -> list[Any]:
    found = []
    for page in sorted(RACES.glob("*.md")):
        for text in blocks(page, "python"):
            mark = MARK.match(text)
            assert mark, f"{page.name}: a block is marked neither wrong nor right:\n{text}"
            if (mark[1] == "wrong") is is_wrong:
                found.append(pytest.param(Example(page, is_wrong, mark[2], text), id=mark[2]))
    return found


@pytest.mark.usefixtures("old_module")
@pytest.mark.parametrize("example", examples(is_wrong=True))
def test_what_is_wrong_is_found_with_the_kind_of_its_page(
    atonce: Program, tmp_path: Path, example: Example
) -> None:
    report = example.report(atonce, tmp_path)

    kinds = {each["kind"] for each in report["findings"] if each["level"] == "error"}
    assert kinds == {example.page.stem.replace("-", "_")}


@pytest.mark.parametrize("example", examples(is_wrong=False))
def test_what_is_right_is_clean(atonce: Program, tmp_path: Path, example: Example) -> None:
    report = example.report(atonce, tmp_path)

    assert [each for each in report["findings"] if each["level"] == "error"] == []
    assert report["verdict"] == "clean"


def test_every_kind_has_a_page() -> None:
    kinds = set(re.findall(r"^\| \[`(\w+)`\]", (RACES.parent / "races.md").read_text(), re.M))

    assert {page.stem.replace("-", "_") for page in RACES.glob("*.md")} == kinds
    assert len(kinds) == 6


def write_files_of_the_guide(folder: Path) -> None:
    for text in blocks(GUIDE, "python"):
        name = re.match(r"# (\w+\.py)\n", text)
        assert name, text
        (folder / name[1]).write_text(text, encoding="utf-8")


def labels_of(report: str) -> set[str]:
    """ "order:", "findings:" - not what is said, which differs from run to run and is wrapped."""
    return set(re.findall(r"^ *(\w+): ", report, re.M))


def test_the_guide_shows_a_report_as_it_is(atonce: Program, tmp_path: Path) -> None:
    write_files_of_the_guide(tmp_path)

    done = atonce.run("check", "seats.py", cwd=tmp_path)

    assert done.code == 1, done.err
    shown = blocks(GUIDE, "text")[0].splitlines()
    assert shown[0] == done.out.splitlines()[0]
    assert labels_of("\n".join(shown)) == labels_of(done.out)


def test_the_tests_of_the_guide_can_be_checked(atonce: Program, tmp_path: Path) -> None:
    write_files_of_the_guide(tmp_path)
    atonce.environment["VIRTUAL_ENV"] = sys.prefix  # has a pytest

    done = atonce.run("check", "--pytest", "-q", "test_seats.py", cwd=tmp_path)

    assert "$ atonce check --pytest -q test_seats.py\n" in blocks(GUIDE, "console")
    assert done.code == 0, done.out
