"""The documents: their commands run, and what is made from the program is current."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Program

SET_UP = {"make demo", "make test"}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(document: Path, language: str) -> list[str]:
    found = BLOCK.findall(document.read_text(encoding="utf-8"))
    return [text for name, text in found if name == language]


def commands(document: Path) -> list[str]:
    """The commands of its `sh` blocks; a line that ends in a backslash goes on in the next."""
    lines = "\n".join(blocks(document, "sh")).replace("\\\n", "").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs" / "guides").glob("*.md"))]


def cases() -> list[object]:
    found: list[object] = []
    for document in documents():
        for line in commands(document):
            asks = " ask " in line
            marks = [pytest.mark.slow] if asks else []
            found.append(
                pytest.param(document, line, marks=marks, id=f"{document.stem}: {line[:40]}")
            )
    return found


@pytest.mark.parametrize(("document", "command"), cases())
def test_every_command_of_the_documents_runs(
    atonce: Program, tmp_path: Path, document: Path, command: str
) -> None:
    if command in SET_UP:
        assert subprocess.run(["make", "-n", shlex.split(command)[1]], cwd=ROOT).returncode == 0
        return
    for text in blocks(document, "python"):  # a tools file begins with its own name
        name = re.match(r"# (\w+\.py)\n", text)
        if name:
            (tmp_path / name[1]).write_text(text)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    path = f"{Program.path.parent}:{atonce.environment['PATH']}"

    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env={**atonce.environment, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("atonce")
def test_the_reference_is_what_the_program_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "make_reference.py", "--check"],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, f"run tools/make_reference.py\n{done.stdout}{done.stderr}"


def test_the_architecture_names_every_folder_and_stays_short() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")

    missing = [path.name for path in (ROOT / "src").iterdir() if f"src/{path.name}" not in text]
    assert missing == []
    assert text.count("\n") <= 200


def test_decisions_stay_short_and_are_numbered_without_gaps() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    assert [path.name for path in records if path.read_text().count("\n") > 40] == []


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(
            r"\]\((?!https?://|#)([^)#]+)", document.read_text(encoding="utf-8")
        ):
            if not (document.parent / target).exists():
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert broken == []


@pytest.mark.parametrize(
    ("page", "writer"),
    [("comparison", "src/compare/report_json.cpp"), ("findings", "src/check/report_json.cpp")],
)
def test_every_member_of_a_report_is_on_its_page(page: str, writer: str) -> None:
    text = (ROOT / "docs" / "formats" / f"{page}.md").read_text(encoding="utf-8")
    source = (ROOT / writer).read_text(encoding="utf-8")
    members = set(re.findall(r'key\("(\w+)"\)', source))

    told = set(re.findall(r"`(\w+)`", text)) | set(re.findall(r'"(\w+)"', text))

    assert len(members) > 10
    assert members - told == set()
