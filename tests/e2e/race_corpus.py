"""Programs and tools files of which it is known what a check must say: ours, and those of others.

Ours are in tests/race; expected.json tells for each whether it is racy and, if so, which kinds of
findings are right, on which variables, and all the lines that they may be about. `notes` of a
correct one are findings below an error that are right about it.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import ROOT, Program

OURS = ROOT / "tests" / "race"
SHARED = Path(os.environ.get("ATONCE_SHARED_DATA", ROOT / ".." / "shared" / "data")) / "race"
NO_SHARED = "the programs of others are not here (../shared/data/race, or ATONCE_SHARED_DATA)"


@dataclass
class Case:
    """A program or a tools file, and what is right to say about it."""

    path: Path
    is_tools: bool
    is_racy: bool
    lines: set[int]
    kinds: set[str] = field(default_factory=set)  # empty: any
    variables: set[str] = field(default_factory=set)  # empty: any
    unsafe_pairs: list[list[str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.path.stem

    def report(self, atonce: Program, *options: object) -> Any:
        how = ["--budget", 6, self.path] if self.is_tools else ["--script", self.path]
        done = atonce.run("check", *options, "--json", *how)
        report = done.json
        assert done.code == ["clean", "findings", "inconclusive"].index(report["verdict"]), done.err
        return report

    def complaints(self, report: Any) -> list[str]:
        """What is wrong with the report; nothing when all is well."""
        errors = [each for each in report["findings"] if each["level"] == "error"]
        wrong = [f"false alarm: {short(each)}" for each in errors if not self.may_be(each)]
        if self.is_racy and not any(self.is_it(each) for each in errors):
            wrong.append(f"missed; verdict {report['verdict']}")
        if not self.is_racy and report["verdict"] != "clean":
            wrong.append(f"verdict {report['verdict']}")
        if self.is_tools and pairs(report["unsafe_pairs"]) != pairs(self.unsafe_pairs):
            wrong.append(f"unsafe pairs {report['unsafe_pairs']}")
        return wrong

    def may_be(self, finding: Any) -> bool:
        """It is about the racy variables, or only about lines that have to do with them."""
        lines = {each["line"] for each in finding["accesses"]}
        return self.is_racy and (lines <= self.lines or finding["variable"] in self.variables)

    def is_it(self, finding: Any) -> bool:
        return (
            (not self.kinds or finding["kind"] in self.kinds)
            and (not self.variables or finding["variable"] in self.variables)
            and bool({each["line"] for each in finding["accesses"]} & self.lines)
        )


def pairs(names: list[list[str]]) -> set[tuple[str, ...]]:
    return {tuple(sorted(each)) for each in names}


def short(finding: Any) -> str:
    lines = [f"{each['op']} {each['line']}" for each in finding["accesses"]]
    return f"{finding['kind']} {finding['variable']} ({', '.join(lines)})"


def our_cases() -> Iterator[Case]:
    known = json.loads((OURS / "expected.json").read_text(encoding="utf-8"))
    for folder, entries in known.items():
        for name, entry in entries.items():
            yield Case(
                OURS / folder / f"{name}.py",
                is_tools=folder == "tools",
                is_racy=entry["racy"],
                lines=set(entry.get("lines", [])),
                kinds=set(entry.get("kinds", [])),
                variables=set(entry.get("variables", [])),
                unsafe_pairs=entry.get("unsafe_pairs", []),
            )


def shared_cases() -> Iterator[Case]:
    """Their word for the kind is not one of ours."""
    for described in sorted(SHARED.glob("*/*.json")):
        entry = json.loads(described.read_text(encoding="utf-8"))
        yield Case(
            described.with_suffix(".py"),
            is_tools=described.parent.name == "tools",
            is_racy=entry["racy"],
            lines=set(entry["lines"]),
            variables=set(entry["variables"]),
            unsafe_pairs=entry.get("unsafe_pairs", []),
        )
