"""Runs the tests of other people's packages, plain and rewritten, and compares what became of each.

usage: run_package_tests.py --program PROGRAM --venv FOLDER --sources FOLDER
           [--seeds N] [--show] [--json FILE] [NAMES...]

`tools/check_packages.sh` brings the environment and the sources, and calls this. A package and its
tests are rewritten, and run with the race detector and its small delays, once for each seed. What
was found is printed, one line each; whether it is true is for people to say, see
docs/concepts/check-on-real-packages.md.

Exit code 1 if any test ended in another way than in a plain run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "python")]
LONGEST_SECONDS = 600


@dataclass(frozen=True)
class Package:
    """A package with threads or locks in it, whose tests come with its sources."""

    distribution: str
    version: str
    imported: str
    tests: tuple[str, ...]  # where they lie in the sources
    needs: tuple[str, ...] = ()  # beside pytest
    options: tuple[str, ...] = ()  # of pytest


WITHOUT_ASYNCIO = ("-p", "no:asyncio")  # the plugin, which warns where it is not wanted
PACKAGES = [
    Package("cachetools", "8.0.2", "cachetools", ("tests",), options=WITHOUT_ASYNCIO),
    Package(
        "dogpile.cache",
        "1.5.0",
        "dogpile",
        ("tests/test_lock.py", "tests/util", "tests/cache/test_region.py"),
        needs=("decorator", "stevedore", "typing_extensions", "mako"),
        options=(
            *(*WITHOUT_ASYNCIO, "-W", "ignore::pytest.PytestUnknownMarkWarning"),
            # A minute of sleep each; and one that has to be done within a time.
            *("-k", "not slow and not return_while_in_progress and not created_long_create"),
        ),
    ),
    Package(
        "zict",
        "3.0.0",
        "zict",
        ("zict/tests",),
        needs=("pytest-repeat", "pytest-asyncio"),
        # What is wrong in zict ends a thread of that test, for which the other waits for ever.
        options=("--deselect", "zict/tests/test_buffer.py::test_stress_different_keys_threadsafe"),
    ),
    Package(
        "apscheduler",
        "3.11.3",
        "apscheduler",
        ("tests/test_schedulers.py", "tests/test_executors.py"),
        needs=("tzlocal", "pytz", "tornado", "anyio"),
        # With processes they want a result to be there first, or at once.
        options=("-k", "not processpool"),
    ),
    Package(
        "janus",
        "2.0.0",
        "janus",
        ("tests/test_mixed.py", "tests/test_sync.py", "tests/test_async.py"),
        needs=("pytest-asyncio",),
    ),
    Package(
        "prometheus_client",
        "0.26.0",
        "prometheus_client",
        ("tests",),
        needs=("asgiref",),
        # The server's refusal comes as an error of TLS or as a reset, whichever is first.
        options=(*WITHOUT_ASYNCIO, "-k", "not mtls_untrusted_client_cert"),
    ),
    Package(
        "more-itertools",
        "11.2.1",
        "more_itertools",
        ("tests",),
        # That test asks for the result of a function that may not have ended yet.
        options=(*WITHOUT_ASYNCIO, "-k", "not (CallbackIterTests and test_exception)"),
    ),
]


@dataclass
class Run:
    """What one run of a package's tests came to."""

    outcomes: dict[str, str]  # by the test's id
    texts: dict[str, str] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    threads: int = 0
    modules: int = 0  # that were rewritten, but for those of the tests


class Outcomes:
    """A plugin of pytest's: what became of each test."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}
        self.texts: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        expected = "expected " if hasattr(report, "wasxfail") else ""
        if report.when != "call" and report.passed:
            return
        part = "" if report.when == "call" else f"{report.when} "
        outcome = f"{expected}{part}{report.outcome}"
        self.of[report.nodeid] = outcome
        if report.failed:
            self.texts[report.nodeid] = report.longreprtext

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.of[report.nodeid] = "not collected"
            self.texts[report.nodeid] = report.longreprtext


def run_one(options: argparse.Namespace) -> None:
    """In a process of its own, in the folder of the package's sources."""
    package = next(one for one in PACKAGES if one.distribution == options.one)
    outcomes = Outcomes()
    arguments = ["-q", "-p", "no:cacheprovider", "-o", "addopts=", *package.options, *package.tests]
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path.cwd()))
    found: dict[str, Any] = {}
    if options.seed:
        found = run_watched(package, arguments, outcomes, options.seed)
    else:
        import pytest

        pytest.main(arguments, plugins=[outcomes])
    answer = {"outcomes": outcomes.of, "texts": outcomes.texts, **found}
    Path(options.answer).write_text(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)  # whatever threads a test has left


def run_watched(
    package: Package, arguments: list[str], outcomes: Outcomes, seed: int
) -> dict[str, Any]:
    import _atonce_race as native  # type: ignore[import-not-found]
    from atonce._host import check
    from atonce._host.check import importer, script

    names = {package.imported, "tests", "conftest"}
    check.install(names)
    import pytest

    script.rewrite_tests(native, importer.own_code(names))
    native.start({"seed": seed, "perturb": True, "delay_sites": [], "sink_fd": -1})
    pytest.main(arguments, plugins=[outcomes])
    native.stop()
    loaders = [getattr(module, "__loader__", None) for module in list(sys.modules.values())]
    return {
        "findings": json.loads(native.take_findings()),
        "threads": native.most_threads(),
        "modules": sum(isinstance(one, importer.RewritingLoader) for one in loaders),
    }


def run(options: argparse.Namespace, package: Package, seed: int) -> Run:
    folder = Path(options.sources) / f"{package.distribution}-{package.version}"
    with tempfile.TemporaryDirectory(prefix="atonce-check-") as temporary:
        answer = Path(temporary) / "answer.json"
        command = [str(Path(options.program).resolve()), "python", str(Path(__file__).resolve())]
        command += ["--one", package.distribution, "--seed", str(seed), "--answer", str(answer)]
        said = Path(temporary) / "said"
        with said.open("w") as out:
            child = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "VIRTUAL_ENV": str(Path(options.venv).resolve())},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            try:
                code = child.wait(LONGEST_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                code = child.wait()
        if code != 0 or not answer.exists():
            text = said.read_text(errors="replace")[-6000:]
            return Run({"the run": f"exit code {code}"}, {"the run": text})
        return Run(**json.loads(answer.read_text()))


def side_of(access: dict[str, Any]) -> str:
    return f"{access['op']} {Path(access['file']).name}:{access['line']} {access['function']}"


def line_of(finding: dict[str, Any]) -> str:
    sides = sorted({side_of(access) for access in finding["accesses"]})
    marks = "".join(f" ({mark})" for mark in ("guess", "potential") if finding.get(mark))
    return f"{finding['level']} {finding['kind']}{marks} {finding['variable']}: {'; '.join(sides)}"


def differences(plain: Run, watched: Run) -> set[str]:
    """The tests that ended otherwise."""
    tests = plain.outcomes.keys() | watched.outcomes.keys()
    return {test for test in tests if plain.outcomes.get(test) != watched.outcomes.get(test)}


def lasting_differences(
    options: argparse.Namespace, package: Package, plain: Run, watched: Run, seed: int
) -> list[str]:
    """Those that are there a second time, too: tests that look at the clock end now so, now so."""
    tests = differences(plain, watched)
    if tests:
        tests &= differences(run(options, package, 0), run(options, package, seed))
    return sorted(tests)


def compare(options: argparse.Namespace, package: Package) -> dict[str, Any]:
    """Prints which tests ended otherwise, and what was found; and gives the same."""
    plain = run(options, package, 0)
    found: Counter[str] = Counter()
    different: list[str] = []
    threads = modules = 0
    for seed in range(1, options.seeds + 1):
        watched = run(options, package, seed)
        threads, modules = max(threads, watched.threads), max(modules, watched.modules)
        found.update({line_of(finding) for finding in watched.findings})
        for test in lasting_differences(options, package, plain, watched, seed):
            before, after = plain.outcomes.get(test), watched.outcomes.get(test)
            different.append(f"seed {seed}: {test}: {before} -> {after}")
            if options.show:
                print(watched.texts.get(test) or plain.texts.get(test, ""))
    outcomes = dict(Counter(plain.outcomes.values()).most_common())
    told = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())
    print(
        f"{package.distribution} {package.version}: {told}; {modules} modules rewritten, ", end=""
    )
    print(f"up to {threads} threads, {len(different)} different, {len(found)} findings", flush=True)
    for line in different:
        print(f"  {line}")
    for line, times in sorted(found.items()):
        print(f"  [{times} of {options.seeds}] {line}", flush=True)
    return {
        "package": package.distribution,
        "version": package.version,
        "outcomes": outcomes,
        "modules": modules,
        "threads": threads,
        "different": different,
        "findings": sorted(found),
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--program")
    parser.add_argument("--venv")
    parser.add_argument("--sources")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--json", help="a file for what was found and what differed")
    parser.add_argument("--list", action="store_true", help="the packages and what they need")
    parser.add_argument("--one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--answer")
    options = parser.parse_args()
    if options.list:
        for one in PACKAGES:
            print(one.distribution, one.version, *one.needs)
        return 0
    if options.one:
        run_one(options)
    wanted = [one for one in PACKAGES if not options.names or one.distribution in options.names]
    results = [compare(options, package) for package in wanted]
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n")
    return min(1, sum(len(result["different"]) for result in results))


if __name__ == "__main__":
    sys.exit(main())
