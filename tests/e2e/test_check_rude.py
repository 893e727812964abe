"""atonce check with tools that hang, crash, exit, fork or shout: it ends, and names the call."""

import os
import select
import textwrap
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import Finished, Program

PATIENCE = 90  # seconds; a bound on a hang, never a measure
BUDGET = 4
MARK = "ATONCE_TEST_MARK"

# Beside each rude tool, one that is fine.
FINE = """
    def fine(number: int) -> int:
        return number
    """


@dataclass
class Rude:
    source: str
    code: int = 2
    failing: set[str] = field(default_factory=lambda: {"rude"})  # tools that failures name
    said: str = ""  # of each failure
    arguments: Any = field(default_factory=dict)  # of `rude` in a failure


RUDE = {
    "sleeps": Rude(
        """
        import time
        from typing import Literal

        def rude(seconds: Literal[3600]) -> None:
            time.sleep(seconds)
        """,
        said="did not end within",
        arguments={"seconds": 3600},
    ),
    "never lets go of a lock": Rude(
        """
        import threading

        lock = threading.Lock()

        def rude() -> None:
            lock.acquire()
        """,
        said="did not end within",
    ),
    "hangs inside C": Rude(
        """
        import os

        reading, writing = os.pipe()

        def rude() -> None:
            os.read(reading, 1)
        """,
        said="did not end within",
    ),
    "crashes": Rude(
        """
        import ctypes

        def rude() -> bytes:
            return ctypes.string_at(0)
        """,
        said="SIGSEGV",
    ),
    "prints megabytes and crashes": Rude(
        """
        import ctypes

        def rude() -> bytes:
            print("print" * 1_000_000, flush=True)
            return ctypes.string_at(0)
        """,
        said="Fatal Python error: Segmentation fault",
    ),
    "prints without end": Rude(
        """
        def rude() -> None:
            while True:
                print("print" * 100_000)
        """,
        said="did not end within",
    ),
    "ends the process": Rude(
        """
        import os

        def rude() -> None:
            os._exit(3)
        """,
        said="exit code 3",
    ),
    "ends the process as if all were well": Rude(
        """
        import os

        def rude() -> None:
            os._exit(0)
        """,
        said="exit code 0",
    ),
    "kills itself": Rude(
        """
        import os, signal

        def rude() -> None:
            os.kill(os.getpid(), signal.SIGTERM)
        """,
        said="SIGTERM",
    ),
    "kills its group": Rude(
        """
        import os, signal

        def rude() -> None:
            os.killpg(0, signal.SIGKILL)
        """,
        said="SIGKILL",
    ),
    "forks": Rude(
        """
        import os

        def rude() -> int:
            child = os.fork()
            if child == 0:
                os._exit(0)
            return os.waitpid(child, 0)[1]
        """,
        said="forked its process",
    ),
    "forks and returns twice": Rude(
        """
        import os

        def rude() -> int:
            return os.fork()
        """,
        said="forked its process",
    ),
    "hangs, and another one is racy": Rude(
        """
        import threading

        total = 0

        def add(number: int) -> int:
            global total
            total += number
            return total

        def rude() -> None:
            threading.Event().wait()
        """,
        code=1,
        said="did not end within",
    ),
    "is racy and then hangs": Rude(
        """
        import threading

        total = 0

        def rude() -> None:
            global total
            total += 1
            threading.Event().wait()
        """,
        code=1,
        said="did not end within",
    ),
    # What follows is bad manners, and no reason to say nothing.
    "exits as a program": Rude(
        """
        import sys

        def rude() -> None:
            sys.exit(4)
        """,
        code=0,
        failing=set(),
    ),
    "calls itself without end": Rude(
        """
        def rude(number: int) -> int:
            return rude(number + 1) + 1
        """,
        code=0,
        failing=set(),
    ),
    "reads what nobody types": Rude(
        """
        def rude() -> str:
            return input("your name: ")
        """,
        code=0,
        failing=set(),
    ),
    "prints megabytes": Rude(
        """
        import os, sys

        def rude() -> None:
            print("print" * 1_000_000)
            sys.stderr.write("stderr" * 100_000)
            os.write(1, b"to the descriptor" * 100_000)
        """,
        code=0,
        failing=set(),
    ),
    "ignores signals": Rude(
        """
        import signal

        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)

        def rude() -> int:
            return 1
        """,
        code=0,
        failing=set(),
    ),
    "leaves a thread": Rude(
        """
        import threading

        def rude() -> None:
            threading.Thread(target=threading.Event().wait).start()
        """,
        code=0,
        failing=set(),
    ),
    "leaves processes": Rude(
        """
        import subprocess

        def rude() -> None:
            subprocess.Popen(["sleep", "1000"])
            subprocess.Popen(["sleep", "1000"], start_new_session=True)
        """,
        code=0,
        failing=set(),
    ),
}


@dataclass
class Result:
    done: Finished
    left: dict[int, str]  # processes that are still there, with their command lines


def processes_with(mark: str) -> dict[int, str]:
    """The processes that have it in their environment, with their command lines."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and f"{MARK}={mark}".encode() in (
                folder / "environ"
            ).read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


def check(folder: Path, source: str) -> Result:
    file = folder / "my_tools.py"
    file.write_text(textwrap.dedent(source))
    atonce = Program(folder)
    mark = atonce.environment[MARK] = uuid.uuid4().hex
    done = atonce.run("check", file, "--json", "--budget", BUDGET, timeout=PATIENCE)
    return Result(done, processes_with(mark))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Result]]]:
    """Of all, two at a time: most of what a check of these does is wait."""
    assert Program.path.exists(), f"{Program.path} is missing: run `make build`"
    pool = ThreadPoolExecutor(2)
    yield {
        name: pool.submit(
            check,
            tmp_path_factory.mktemp("rude"),
            textwrap.dedent(FINE) + textwrap.dedent(rude.source),
        )
        for name, rude in RUDE.items()
    }
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", RUDE)
def test_a_rude_tool_is_named_and_leaves_nothing_behind(
    results: dict[str, Future[Result]], name: str
) -> None:
    rude = RUDE[name]

    result = results[name].result()

    assert result.left == {}
    assert result.done.code == rude.code, result.done.out + result.done.err
    failures = result.done.json["failures"]
    assert {call["name"] for each in failures for call in each["calls"]} >= rude.failing
    for each in failures:
        assert rude.said in each["what"], failures
        rudest = [call for call in each["calls"] if call["name"] == "rude"]
        assert rudest and all(call["args"] == rude.arguments for call in rudest), failures
    assert (failures != []) == (rude.failing != set())


def test_the_pair_that_is_fine_is_still_tested(results: dict[str, Future[Result]]) -> None:
    for name in RUDE:
        report = results[name].result().done.json

        assert ["fine", "fine"] not in report["not_overlapped"], name


def test_an_error_is_told_beside_a_hang(results: dict[str, Future[Result]]) -> None:
    report = results["hangs, and another one is racy"].result().done.json

    assert report["verdict"] == "findings"
    assert report["unsafe_pairs"] == [["add", "add"]]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("exits as a program", "SystemExit: 4"),
        ("calls itself without end", "RecursionError: "),
        ("reads what nobody types", "EOFError: "),
    ],
)
def test_what_a_call_raised_is_noted(
    results: dict[str, Future[Result]], name: str, error: str
) -> None:
    notes = results[name].result().done.json["notes"]

    assert [note for note in notes if f"rude: {error}" in note] != [], notes


def test_what_tools_print_does_not_mix_with_the_report(
    results: dict[str, Future[Result]],
) -> None:
    done = results["prints megabytes"].result().done

    assert len(done.out) < 10_000
    assert done.err == ""


def test_when_every_tool_hangs_it_ends_and_says_so(tmp_path: Path) -> None:
    tool = "def hang_{0}() -> None:\n    threading.Event().wait()\n\n"
    source = "import threading\n\n" + "".join(tool.format(each) for each in "abcd")

    result = check(tmp_path, source)

    assert result.left == {}
    assert result.done.code == 2
    assert result.done.json["verdict"] == "inconclusive"
    assert result.done.json["failures"] != []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("import threading; threading.Event().wait()", "loading the tools did not end within"),
        ("raise ValueError('not today')", "ValueError: not today"),
        ("import sys; sys.exit(5)", "called sys.exit(5)"),
        ("import os; os._exit(5)", "exit code 5"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("def broken(:", "SyntaxError"),
        ("import no_such_module", "no_such_module"),
        ("_private = 1", "no tools"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_told(tmp_path: Path, statement: str, said: str) -> None:
    result = check(tmp_path, statement + "\n")

    assert result.left == {}
    assert (result.done.code, result.done.out) == (2, "")
    assert result.done.err.startswith("error: ")
    assert said in result.done.err


def test_a_file_that_starts_a_thread_is_checked_in_fresh_processes(tmp_path: Path) -> None:
    source = """
        import threading

        threading.Thread(target=threading.Event().wait, daemon=True).start()
        total = 0

        def add(number: int) -> int:
            global total
            total += number
            return total
        """

    result = check(tmp_path, textwrap.dedent(source))

    assert result.left == {}
    assert result.done.code == 1, result.done.err
    assert result.done.json["unsafe_pairs"] == [["add", "add"]]


def test_an_interrupt_ends_it_and_all_its_processes(tmp_path: Path) -> None:
    file = tmp_path / "my_tools.py"
    started = tmp_path / "started"
    os.mkfifo(started)
    file.write_text(
        "import threading\n\n\n"
        "def hang() -> None:\n"
        f"    open({str(started)!r}, 'w').close()\n"
        "    threading.Event().wait()\n"
    )
    atonce = Program(tmp_path)
    mark = atonce.environment[MARK] = uuid.uuid4().hex

    child = atonce.start("check", file, "--budget", 60)
    with started.open():  # opens when a call does
        child.send_signal(2)
    _, err = child.communicate(timeout=PATIENCE)

    assert child.returncode not in (0, 1), err
    # They die with their parent, which takes the system a moment.
    for process in processes_with(mark):
        with suppress(ProcessLookupError):
            assert select.select([os.pidfd_open(process)], [], [], PATIENCE)[0] != []
    assert processes_with(mark) == {}
