"""The child of `atonce compare --python`: a real one, asked over its socket."""

import os
import pickle
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from caller import write
from ordinary_child import FAILED, PACKAGE, READY, OrdinaryChild, order_of, ordinary_child

MODES = ["serial", "threads", "processes"]

TOOLS = """
import asyncio, enum, gc, os, threading, time
from datetime import date
import atonce

class Colour(enum.Enum):
    RED = "red"

@atonce.tool(name="work-hard")
def work(n: int) -> int:
    print("printed by a tool", flush=True)
    return sum(range(n))

@atonce.tool
def paint(colour: Colour, on: date) -> Colour:
    assert colour is Colour.RED and on.year == 2025
    return colour

@atonce.tool
def empty(names: list) -> None:
    assert names == ["a", "b"], names
    names.clear()

@atonce.tool
def fail(n: int) -> None:
    if n % 2:
        raise ValueError("no odd numbers")

@atonce.tool
def leave() -> None:
    raise SystemExit(3)

@atonce.tool
async def wait_for(n: int) -> int:
    await asyncio.sleep(0)
    return n

@atonce.tool
def count(n: int):
    yield from range(n)

@atonce.tool
def ask(context: atonce.Context, positional: int, /) -> int:
    context.progress(1)
    assert not context.cancelled
    return positional

@atonce.tool
def collect() -> None:
    gc.collect()

@atonce.tool
def mumble() -> None:
    raise ValueError("half a pair: \\udc80")

@atonce.tool
def whisper() -> None:
    print("x")

@atonce.tool
def unpicklable() -> object:
    return threading.Lock()

@atonce.tool
def crash(path: str) -> None:
    if not os.path.exists(path):
        open(path, "w").close()
        os._exit(7)

@atonce.tool
def hang(path: str) -> None:
    with open(path, "w") as fifo:
        fifo.write("x")
    time.sleep(1000)

@atonce.tool
def fork(kind: str) -> int:
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        if kind == "exits":
            raise SystemExit(3)
        if kind == "raises":
            raise ValueError
        return parent
    assert os.getpid() == parent
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code == {"exits": 3, "raises": 1, "returns": 0}[kind], code
    return child

GATHERED = threading.Barrier(2, timeout=60)

@atonce.tool
def gather() -> None:
    GATHERED.wait()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"my_tools.py": TOOLS})
    return tmp_path


def arguments_for(tool: str, *more: str) -> list[str]:
    return ["--tool", tool, *more, "--", "my_tools.py"]


@pytest.mark.parametrize("mode", MODES)
def test_a_round_is_run_and_reported(folder: Path, mode: str) -> None:
    workers = 1 if mode == "serial" else 2
    with ordinary_child(folder, mode, *arguments_for("work-hard"), workers=workers) as child:
        assert child.kind == READY
        assert child.fields[0] == "1"
        told = child.round(20, {"n": 1000}, {"n": 2000})

    assert child.process.returncode == 0
    assert child.facts["python"].startswith(f"{sys.version_info[0]}.{sys.version_info[1]}.")
    assert child.facts["is_gil_on"] is not (child.facts["python"].endswith("free-threaded"))
    assert (child.facts["startup_ns"] > 0) is (mode != "serial")
    assert (child.facts["dispatch_ns"] > 0) is (mode != "serial")
    assert (told["failed"], told["failure"], told["locks"]) == (0, "", [])
    assert len(told["spans"]) == 20
    assert {lane for _, _, lane in told["spans"]} <= set(range(workers))
    assert all(0 <= start <= end <= told["elapsed_ns"] for start, end, _ in told["spans"])
    assert told["busy_ns"] == sum(end - start for start, end, _ in told["spans"])
    assert (told["copied_bytes"] > 20 * 20) is (mode == "processes")


def test_only_the_first_spans_are_told(folder: Path) -> None:
    with ordinary_child(folder, "serial", *arguments_for("fail")) as child:
        told = child.round(2500, {"n": 0})

    assert len(told["spans"]) == 2000


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("tool", "keywords"),
    [
        ("wait_for", {"n": 3}),
        ("count", {"n": 3}),
        ("ask", {"positional": 3}),
        ("empty", {"names": ["a", "b"]}),  # a call does not see what another did to its own
    ],
)
def test_each_kind_of_tool_is_called(
    folder: Path, mode: str, tool: str, keywords: dict[str, Any]
) -> None:
    with ordinary_child(folder, mode, *arguments_for(tool)) as child:
        told = child.round(4, keywords)

    assert (told["failed"], told["failure"]) == (0, "")


def test_threads_run_at_the_same_time(folder: Path) -> None:
    with ordinary_child(folder, "threads", *arguments_for("gather")) as child:
        told = child.round(2, {})

    assert told["failure"] == ""
    assert {lane for _, _, lane in told["spans"]} == {0, 1}


@pytest.mark.parametrize("mode", MODES)
def test_calls_that_raise_are_counted(folder: Path, mode: str) -> None:
    with ordinary_child(folder, mode, *arguments_for("fail")) as child:
        told = child.round(5, {"n": 0}, {"n": 1})

    assert (told["failed"], told["failure"]) == (2, "ValueError: no odd numbers")


@pytest.mark.parametrize("mode", MODES)
def test_a_call_that_leaves_takes_nobody_with_it(folder: Path, mode: str) -> None:
    with ordinary_child(folder, mode, *arguments_for("leave")) as child:
        told = [child.round(3, {}) for _ in range(2)]

    assert [one["failed"] for one in told] == [3, 3]
    assert told[1]["failure"] == "SystemExit: 3"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["returns", "raises", "exits"])
def test_a_forked_child_ends_with_its_call(folder: Path, mode: str, kind: str) -> None:
    with ordinary_child(folder, mode, *arguments_for("fork"), workers=1) as child:
        told = child.round(4, {"kind": kind})

    assert told["failure"] == ""
    assert len(told["spans"]) == 4


@pytest.mark.parametrize("mode", MODES)
def test_a_failure_is_valid_unicode(folder: Path, mode: str) -> None:
    with ordinary_child(folder, mode, *arguments_for("mumble")) as child:
        assert child.round(2, {})["failure"] == "ValueError: half a pair: ?"


@pytest.mark.parametrize("mode", MODES)
def test_what_was_printed_is_there_when_the_round_is_told(
    folder: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    path = folder / "printed"
    with (
        path.open("wb") as printed,
        ordinary_child(folder, mode, *arguments_for("whisper"), stdout=printed.fileno()) as child,
    ):
        child.round(5, {})

        assert path.read_bytes() == b"x\n" * 5


def test_an_order_that_is_none_ends_it_and_its_processes(folder: Path) -> None:
    with ordinary_child(folder, "processes", *arguments_for("collect")) as child:
        child.order({})
        assert child.process.wait(30) == 1


def test_a_process_that_ends_is_one_failed_call(folder: Path) -> None:
    with ordinary_child(folder, "processes", *arguments_for("crash"), workers=1) as child:
        told = child.round(4, {"path": str(folder / "crashed")})

    assert (told["failed"], told["failure"]) == (1, "its process ended with exit code 7")
    assert len(told["spans"]) == 3


def test_a_result_that_cannot_be_pickled_fails_between_processes_only(folder: Path) -> None:
    with ordinary_child(folder, "threads", *arguments_for("unpicklable")) as child:
        assert child.round(2, {})["failed"] == 0
    with ordinary_child(folder, "processes", *arguments_for("unpicklable")) as child:
        told = child.round(2, {})

    assert told["failed"] == 2
    assert told["failure"].startswith("its result cannot be pickled: TypeError: ")


@pytest.mark.parametrize("mode", MODES)
def test_the_collector_is_watched_where_the_calls_run(folder: Path, mode: str) -> None:
    with ordinary_child(folder, mode, *arguments_for("collect")) as child:
        told = [child.round(4, {}) for _ in range(2)]

    # A collection that is asked for while another one runs does nothing.
    assert told[1]["collections"] >= (1 if mode == "threads" else 4)
    assert told[1]["collector_ns"] > 0


def test_copying_is_measured_between_processes_only(folder: Path) -> None:
    with ordinary_child(folder, "processes", *arguments_for("collect")) as child:
        told = child.measure({"copy": [0, 4 << 20]})["copy"]
    with ordinary_child(folder, "threads", *arguments_for("collect")) as child:
        assert child.measure({"copy": [0]}) == {"copy": []}

    assert [size for size, _ in told] == [0, 4 << 20]
    assert 0 < told[0][1] < told[1][1]


@pytest.mark.parametrize("mode", ["serial", "processes"])
@pytest.mark.parametrize("name", ["my_tools", "my_tools_tools"])
def test_pickled_classes_of_the_file_are_found(folder: Path, mode: str, name: str) -> None:
    # The host may have given the file's module the other name.
    colour = f"S'colour'\nc{name}\nColour\n(S'red'\ntRs"
    pickled = f"(d{colour}S'on'\ncdatetime\ndate\n(I2025\nI1\nI15\ntRs."
    with ordinary_child(folder, mode, *arguments_for("paint")) as child:
        told = child.measure(order_of(2, pickled.encode()))

    assert (told["failed"], told["failure"]) == (0, "")


def test_a_neighbour_of_a_like_name_keeps_its_classes(tmp_path: Path) -> None:
    rate = "import enum\nclass Rate(enum.Enum):\n    HIGH = 'high'\n"
    use = "import rates\ndef use(rate): assert type(rate) is rates.Rate\n"
    write(tmp_path, {"rates_tools.py": rate + use, "rates.py": rate})
    pickled = b"(dS'rate'\ncrates\nRate\n(S'high'\ntRs."
    with ordinary_child(tmp_path, "serial", "--tool", "use", "--", "rates_tools.py") as child:
        told = child.measure(order_of(2, pickled))

    assert (told["failed"], told["failure"]) == (0, "")


def test_arguments_of_a_missing_package_are_a_failure_of_the_round(folder: Path) -> None:
    with ordinary_child(folder, "serial", *arguments_for("paint")) as child:
        told = child.measure(order_of(3, b"cno_such_package\nThing\n."))

    assert told["failed"] == 3
    assert "No module named 'no_such_package'" in told["failure"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("files", "tools", "message"),
    [
        ({"my_tools.py": "raise ValueError('broken')"}, ["my_tools.py"], "ValueError: broken"),
        ({"my_tools.py": "def other(): ..."}, ["my_tools.py"], "has no tool `work`"),
        ({}, ["my_tools.py"], "there is no file"),
    ],
)
def test_what_is_wrong_with_the_tools_is_said(
    tmp_path: Path, mode: str, files: dict[str, str], tools: list[str], message: str
) -> None:
    write(tmp_path, files)

    with ordinary_child(tmp_path, mode, "--tool", "work", "--", *tools) as child:
        assert child.kind == FAILED
        assert message in child.fields[0]
        assert child.process.wait(60) == 1


def test_a_file_that_only_fails_in_another_process_is_told(tmp_path: Path) -> None:
    source = (
        "import multiprocessing as m\ndef work(): ...\nassert m.parent_process() is None, 'no'\n"
    )
    write(tmp_path, {"my_tools.py": source})

    with ordinary_child(tmp_path, "processes", *arguments_for("work")) as child:
        assert child.kind == FAILED
        assert "AssertionError: no" in child.fields[0]


@pytest.mark.parametrize(
    "tools",
    [
        ["-m", "--", "package.inner"],
        ["--", "package/inner.py:calculator"],
        ["--", "package/inner.py:calculator.work"],
        ["--", "package"],
    ],
)
def test_tools_are_found_by_the_rules_of_the_host(tmp_path: Path, tools: list[str]) -> None:
    inner = """
        from . import helper
        class Calculator:
            def work(self, n): return helper.double(n)
        calculator = Calculator()
        def work(n): return helper.double(n)
        """
    helper = "def double(n): return 2 * n\n"
    write(
        tmp_path,
        {"package/__init__.py": "", "package/inner.py": inner, "package/helper.py": helper},
    )

    with ordinary_child(tmp_path, "processes", "--tool", "work", *tools) as child:
        told = child.round(2, {"n": 1})

    assert told["failure"] == ""


def test_our_modules_do_not_hide_the_users(tmp_path: Path) -> None:
    source = "import frames, rounds, loading, arguments\ndef work(): return frames.MINE\n"
    mine = dict.fromkeys(["frames.py", "rounds.py", "loading.py", "arguments.py"], "MINE = 1\n")
    write(tmp_path, {"my_tools.py": source, **mine})

    with ordinary_child(tmp_path, "processes", *arguments_for("work")) as child:
        assert child.round(2, {})["failure"] == ""


def children_of(pid: int) -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, ProcessLookupError):
            continue
        if parent == pid:
            found.add(int(path.parent.name))
    return found


def wait_until_gone(pids: set[int]) -> None:
    """A pidfd can be read once its process has ended."""
    for pid in pids:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        with os.fdopen(descriptor, closefd=True):
            assert select.select([descriptor], [], [], 60)[0], f"process {pid} lives on"


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="there are pidfds on Linux only")
@pytest.mark.parametrize("is_killed", [False, True])
def test_no_process_outlives_a_round_that_hangs(tmp_path: Path, is_killed: bool) -> None:
    write(tmp_path, {"my_tools.py": TOOLS})
    with ordinary_child(tmp_path, "processes", *arguments_for("hang")) as child:
        children = children_of(child.process.pid)
        assert len(children) >= 2
        start_hanging(child, tmp_path)
        if is_killed:
            child.process.send_signal(signal.SIGKILL)
            child.process.wait(60)

    wait_until_gone(children)
    assert child.process.returncode == (-signal.SIGKILL if is_killed else 0)


def start_hanging(child: OrdinaryChild, folder: Path) -> None:
    """Returns when both workers are in their calls."""
    fifo = folder / "hanging"
    os.mkfifo(fifo)
    descriptor = os.open(fifo, os.O_RDWR)
    with os.fdopen(descriptor, closefd=True):
        child.order(order_of(2, pickle.dumps({"path": str(fifo)}, 4)))
        for _ in range(2):
            assert select.select([descriptor], [], [], 60)[0]
            os.read(descriptor, 1)


def test_it_runs_in_the_oldest_python_there_is(folder: Path) -> None:
    python = shutil.which("python3.9") or shutil.which("python3.10")
    if python is None or subprocess.run([python, "-c", ""], check=False).returncode:
        pytest.skip("there is no Python 3.9 or 3.10 here")
    with ordinary_child(folder, "processes", *arguments_for("work-hard"), python=python) as child:
        assert child.kind == READY, child.fields
        assert child.round(4, {"n": 10})["failure"] == ""


def test_wrong_usage_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, str(PACKAGE / "atonce" / "_ordinary"), "--mode", "fibres", "--", "x.py"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "fibres" in done.stderr
