"""Runs CPython's own test files, plain and rewritten, and compares what became of each test.

usage: PYTHON_INSIDE run_cpython_tests.py [--widely] [--sourceless] [--show] [NAMES...]
       PYTHON_INSIDE run_cpython_tests.py --sites native --program build/atonce [NAMES...]

With --sourceless the code is changed, not the source. With --widely what the tests import of the
standard library is rewritten, too.

Exit code 1 if any test ended in another way. A run of its own for each file and kind: tests change
the process they run in.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "python"), str(Path(__file__).resolve().parent)]

NAMES = [
    *("test_grammar", "test_scope", "test_generators", "test_with", "test_patma", "test_unpack"),
    *("test_class", "test_listcomps", "test_functools", "test_contextlib", "test_dataclasses"),
    *("test_weakref", "test_queue", "test_threading"),
]
LONGEST_SECONDS = 600


class Outcomes(unittest.TestResult):
    """What became of each test, by its id."""

    def __init__(self) -> None:
        super().__init__()
        self.of: dict[str, str] = {}
        self.texts: dict[str, str] = {}

    def _tell(self, test: unittest.TestCase, outcome: str, text: str = "") -> None:
        name = test.id()
        self.of[name] = outcome if self.of.get(name, "passed") == "passed" else self.of[name]
        if text:
            self.texts[name] = text

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802
        self._tell(test, "passed")

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        self._tell(test, "error", self._exc_info_to_string(err, test))  # type: ignore[attr-defined]

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._tell(test, "failed", self._exc_info_to_string(err, test))  # type: ignore[attr-defined]

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        self._tell(test, "skipped", reason)

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802, ARG002
        self._tell(test, "expected failure")

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        self._tell(test, "unexpected success")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None:
            text = self._exc_info_to_string(err, test)  # type: ignore[attr-defined]
            self._tell(test, "failed", f"{subtest}\n{text}")


def rewrite_code_only(loader: Any) -> None:
    """As if there were no source: the instructions are changed."""
    from atonce._host.check.rewriting.sourceless import rewrite_code

    def get_code(self: Any, name: str) -> Any:
        path = self.get_filename(name)
        code = compile(self.get_data(path), path, "exec", dont_inherit=True)
        return rewrite_code(code, name, self.native)

    loader.get_code = get_code


def run_one(name: str, sites: str, widely: bool, sourceless: bool, answer: str) -> None:
    if sites != "none":
        from atonce._host.check import importer

        if sourceless:
            rewrite_code_only(importer.RewritingLoader)

        if sites == "native":
            import _atonce_race as native  # type: ignore[import-not-found]
        else:
            from transparent import Transparent

            native = Transparent(is_recording=False)
        full = f"test.{name}"
        importer.install(
            native, lambda module, _: widely or module == full or module.startswith(f"{full}.")
        )
    module = importlib.import_module(f"test.{name}")
    outcomes = Outcomes()
    unittest.defaultTestLoader.loadTestsFromModule(module).run(outcomes)
    Path(answer).write_text(json.dumps([outcomes.of, outcomes.texts]))
    sys.stdout.flush()
    os._exit(0)  # whatever threads a test has left


def outcomes_of(
    interpreter: list[str], name: str, sites: str, options: list[str], folder: Path
) -> tuple[dict[str, str], dict[str, str]]:
    answer = folder / f"{name}-{sites}.json"
    command = [*interpreter, __file__, "--one", name, "--sites", sites, "--answer", str(answer)]
    command += options
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    if done.returncode != 0 or not answer.exists():
        return {"the run": f"exit code {done.returncode}"}, {"the run": done.stdout[-4000:]}
    outcomes, texts = json.loads(answer.read_text())
    return outcomes, texts


def compare(name: str, options: argparse.Namespace) -> int:
    interpreter = (
        [str(Path(options.program).resolve()), "python"] if options.program else [sys.executable]
    )
    folder = Path(options.folder)
    plain, said = outcomes_of(interpreter, name, "none", [], folder)
    more = [f"--{one}" for one in ("widely", "sourceless") if getattr(options, one)]
    rewritten, texts = outcomes_of(interpreter, name, options.sites, more, folder)
    if "the run" in plain:
        print(f"{name}: cannot be run: {said['the run']}")
        return 1
    different = sorted(
        test for test in plain.keys() | rewritten.keys() if plain.get(test) != rewritten.get(test)
    )
    print(f"{name}: {len(plain)} tests, {len(different)} different", flush=True)
    for test in different:
        print(f"  {test}: {plain.get(test)} -> {rewritten.get(test)}")
        if options.show:
            print(texts.get(test, ""))
    return len(different)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--sites", default="transparent", choices=["transparent", "native", "none"])
    parser.add_argument("--program", help="of atonce, whose Python has the native sites")
    parser.add_argument("--folder", default=tempfile.gettempdir())
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--widely", action="store_true")
    parser.add_argument("--sourceless", action="store_true")
    parser.add_argument("--one")
    parser.add_argument("--answer")
    options = parser.parse_args()
    if options.one:
        run_one(options.one, options.sites, options.widely, options.sourceless, options.answer)
    names = options.names or NAMES
    different = [compare(name, options) for name in names]
    return min(1, sum(different))


if __name__ == "__main__":
    sys.exit(main())
