#!/usr/bin/env python3
"""Measures how well a model calls functions through `atonce ask`: BFCL's cases, its own checker.

Cases of the Berkeley Function Calling Leaderboard come from the `bfcl-eval` package, which is
installed once, without its dependencies, into an environment in the cache; nothing of it is kept
in this tree. From each category the same cases are drawn for the same seed. One half of them is
for choosing the threshold between a call and a reply (--calibrate prints it), the other for the
table. For each case the program is asked with a tools file that declares the case's functions; none
of them runs.

Answers are kept beside the cache, one line a case and by the program that gave them, so that a run
that was stopped (Ctrl-C prints the table of what is there) goes on where it was.

usage: function_calling.py [--program FILE] [--model SPEC] [--cases N] [--seed N] [--calibrate]
"""

import argparse
import hashlib
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(
    os.environ.get("ATONCE_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "atonce"
)
PACKAGE = "bfcl-eval==2026.3.23"
CATEGORIES = ("simple_python", "multiple", "parallel", "parallel_multiple", "irrelevance")
NO_CALL = "irrelevance"  # the category in which every call is wrong
MARGIN = re.compile(r"call or reply: (-?[\d.]+)")
Checker = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Case:
    id: str
    category: str
    question: str
    functions: list[dict[str, Any]]
    expected: list[dict[str, Any]]  # empty where nothing is to be called


@dataclass(frozen=True)
class Answer:
    id: str
    calls: list[dict[str, Any]]  # [{name: arguments}], as the checker reads them
    text: str
    finish: str
    margin: float | None  # of a call over a reply, in the program's own words; None if unsaid
    seconds: float


def install_package() -> Path:
    """The folder with `bfcl_eval` in it. Its checker needs none of the package's dependencies."""
    name = PACKAGE.replace("==", "-")
    environment = CACHE / "environments" / name
    if not (environment / ".complete").exists():
        print(f"atonce: installing {PACKAGE} into the cache", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run(
            [environment / "bin" / "pip", "install", "--quiet", "--no-deps", PACKAGE], check=True
        )
        (environment / ".complete").touch()
    return next(environment.glob("lib/python3*/site-packages"))


def load_checker(packages: Path) -> tuple[Checker, Any, dict[str, str]]:
    """The checker, its word for Python, and what BFCL's type names mean in JSON Schema."""
    sys.path.insert(0, str(packages))
    # The module of all models of the leaderboard wants every provider's SDK. The checker asks it
    # one thing: whether a model's function names have underscores where BFCL's have dots. Ours do.
    models = ModuleType("bfcl_eval.constants.model_config")
    setting = SimpleNamespace(underscore_to_dot=True)
    setattr(models, "MODEL_CONFIG_MAPPING", {"atonce": setting})  # noqa: B010  (mypy)
    sys.modules[models.__name__] = models
    from bfcl_eval.constants.enums import Language
    from bfcl_eval.constants.type_mappings import GORILLA_TO_OPENAPI
    from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker

    return ast_checker, Language.PYTHON, GORILLA_TO_OPENAPI


def read_rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def draw_cases(data: Path, category: str, count: int, seed: int) -> list[Case]:
    """`count` cases of a category in a random order that only the seed decides."""
    rows = read_rows(data / f"BFCL_v4_{category}.json")
    expected: dict[str, list[dict[str, Any]]] = {}
    if category != NO_CALL:
        answers = read_rows(data / "possible_answer" / f"BFCL_v4_{category}.json")
        expected = {row["id"]: row["ground_truth"] for row in answers}
    drawn = random.Random(f"{seed}/{category}").sample(rows, min(count, len(rows)))
    return [
        Case(
            id=row["id"],
            category=category,
            question=row["question"][0][-1]["content"],
            functions=row["function"],
            expected=expected.get(row["id"], []),
        )
        for row in drawn
    ]


def interleave(groups: Iterable[list[Case]]) -> Iterator[Case]:
    """One case of each group in turn, so that a run that was stopped has some of each."""
    for row in zip_longest(*groups):
        yield from (case for case in row if case is not None)


def to_json_schema(schema: Any, types: dict[str, str]) -> Any:
    """BFCL's parameter descriptions are JSON Schema but for the names of the types."""
    if isinstance(schema, list):
        return [to_json_schema(item, types) for item in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {key: to_json_schema(value, types) for key, value in schema.items()}
    if isinstance(schema.get("type"), str):
        converted["type"] = types[schema["type"]]
    return converted


def write_tools_file(case: Case, types: dict[str, str], file: Path) -> None:
    parts = ["import atonce\n"]
    for number, function in enumerate(case.functions):
        name = function["name"].replace(".", "_")
        schema = to_json_schema(function["parameters"], types)
        parts.append(
            f"@atonce.tool(name={name!r}, schema={schema!r})\n"
            f"def function_{number}(**arguments):\n"
            f"    {function['description']!r}\n"
        )
    file.write_text("\n\n".join(parts))


def ask(program: Path, model: str, case: Case, types: dict[str, str]) -> Answer:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder) / "tools.py"
        write_tools_file(case, types, tools)
        command = [
            str(program),
            "ask",
            str(tools),
            case.question,
            "--model",
            model,
            "--max-turns",
            "1",
        ]
        done = subprocess.run(
            [*command, "--no-stream", "--json", "--log-level", "debug"],
            capture_output=True,
            text=True,
            timeout=900,
        )
    if not done.stdout:
        raise SystemExit(f"error: {case.id} was not answered\n{done.stderr[-2000:]}")
    answer = json.loads(done.stdout)
    said = MARGIN.search(done.stderr)
    return Answer(
        id=case.id,
        calls=[{c["name"]: c["args"]} for turn in answer["turns"] for c in turn["calls"]],
        text=answer["text"],
        finish=answer["finish"],
        margin=float(said[1]) if said else None,
        seconds=round(time.monotonic() - started, 1),
    )


def answer_all(
    cases: list[Case], program: Path, model: str, types: dict[str, str]
) -> dict[str, Answer]:
    """Answers by case; those of an earlier run of this program are read. Ctrl-C ends it early."""
    digest = hashlib.sha256(program.read_bytes() + model.encode()).hexdigest()[:12]
    kept = CACHE / "work" / "function-calling" / f"{digest}.jsonl"
    kept.parent.mkdir(parents=True, exist_ok=True)
    answers = {row["id"]: Answer(**row) for row in read_rows(kept)} if kept.exists() else {}
    with kept.open("a") as file:
        for number, case in enumerate(cases, 1):
            if case.id in answers:
                continue
            try:
                answers[case.id] = ask(program, model, case, types)
            except KeyboardInterrupt:
                print("\nstopped; what is there so far:", file=sys.stderr)
                break
            file.write(json.dumps(asdict(answers[case.id])) + "\n")
            file.flush()
            print(f"\r{number} of {len(cases)} ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {case.id: answers[case.id] for case in cases if case.id in answers}


def is_right(case: Case, answer: Answer, checker: Checker, language: Any) -> bool:
    if case.category == NO_CALL:
        return not answer.calls
    verdict = checker(
        case.functions, answer.calls, case.expected, language, case.category, "atonce"
    )
    return bool(verdict["valid"])


def print_table(cases: list[Case], answers: dict[str, Answer], right: set[str]) -> None:
    print("| category | cases | right | called | share right |\n|---|---|---|---|---|")
    for category in CATEGORIES:
        ids = [case.id for case in cases if case.category == category]
        if not ids:
            continue
        count = len(right.intersection(ids))
        called = sum(bool(answers[key].calls) for key in ids)
        print(f"| {category} | {len(ids)} | {count} | {called} | {100 * count / len(ids):.0f} % |")


def print_margins(cases: list[Case], answers: dict[str, Answer]) -> None:
    """Each category's margins, and how many questions are decided rightly by each threshold."""
    margins: dict[str, list[float]] = {}
    for case in cases:
        margin = answers[case.id].margin
        if margin is not None:
            margins.setdefault(case.category, []).append(margin)
    for category, found in margins.items():
        print(f"{category}: " + " ".join(f"{margin:.2f}" for margin in sorted(found)))
    print("\n| threshold | " + " | ".join(f"{c} ({len(m)})" for c, m in margins.items()) + " |")
    print("|---" * (len(margins) + 1) + "|")
    for threshold in (step / 2 for step in range(17)):
        right = [
            sum((margin <= threshold) == (category == NO_CALL) for margin in found)
            for category, found in margins.items()
        ]
        print(f"| {threshold:.1f} | " + " | ".join(map(str, right)) + " |")
    due = [margin for category, found in margins.items() if category != NO_CALL for margin in found]
    if due:
        print(f"\nNo question for a function loses its call below {min(due):.2f}.")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--program", type=Path, default=ROOT / "build" / "atonce")
    parser.add_argument("--model", default="local", help="as of `atonce ask`")
    parser.add_argument(
        "--cases",
        type=int,
        default=60,
        help="of each category, both halves; twice as many of irrelevance",
    )
    parser.add_argument(
        "--categories", nargs="+", default=CATEGORIES, choices=CATEGORIES, metavar="NAME"
    )
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument(
        "--calibrate", action="store_true", help="the first half: margins and thresholds"
    )
    return parser.parse_args()


def main() -> None:
    chosen = options()
    packages = install_package()
    checker, language, types = load_checker(packages)
    data = packages / "bfcl_eval" / "data"
    groups = []
    for category in chosen.categories:
        # One category against several: with twice the cases its share is known as well as theirs.
        count = chosen.cases * (2 if category == NO_CALL else 1)
        drawn = draw_cases(data, category, count, chosen.seed)
        middle = len(drawn) // 2
        groups.append(drawn[:middle] if chosen.calibrate else drawn[middle:])
    cases = list(interleave(groups))
    answers = answer_all(cases, chosen.program, chosen.model, types)
    cases = [case for case in cases if case.id in answers]
    right = {c.id for c in cases if is_right(c, answers[c.id], checker, language)}
    half = "calibration" if chosen.calibrate else "report"
    print(
        f"{chosen.model}, {len(cases)} cases of {PACKAGE} ({half} half, seed {chosen.seed}), "
        f"{os.cpu_count()} cores, {platform.machine()}\n"
    )
    if chosen.calibrate:
        print_margins(cases, answers)
        print()
    print_table(cases, answers, right)
    seconds = sorted(answer.seconds for answer in answers.values())
    print(f"\n{seconds[len(seconds) // 2]:.1f} s a question (median)")


if __name__ == "__main__":
    main()
