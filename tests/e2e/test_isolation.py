"""Tools with isolation="process": what happens in their process stays there."""

import os
import signal
import time
from pathlib import Path

import pytest
from conftest import Program, WriteTools

TOOLS = """
    import asyncio
    import os
    import signal
    import subprocess
    import sys

    import atonce

    isolated = atonce.tool(isolation="process")
    calls = 0

    @isolated
    def count() -> int:
        global calls
        calls += 1
        return calls

    @isolated
    def crash() -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    @isolated
    def leave(code: int) -> None:
        os._exit(code)

    @isolated
    def stop() -> None:
        raise SystemExit(3)

    @isolated
    async def wait_a_little() -> str:
        await asyncio.sleep(0.001)
        return "waited"

    @isolated
    def say(text: str) -> str:
        print(text)
        return text

    @atonce.tool(isolation="process", timeout=0.5)
    def hang(pid_file: str) -> None:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
        with open(pid_file, "w") as file:
            file.write(f"{os.getpid()} {child.pid}")
        while True:
            pass

    @atonce.tool(isolation="process", max_memory=100)
    def eat() -> None:
        eaten = []
        while True:
            eaten.append(bytearray(1_000_000))

    @atonce.tool(isolation="process", max_cpu=1)
    def compute() -> None:
        while True:
            pass

    @atonce.tool
    def here() -> int:
        return os.getpid()
    """


@pytest.fixture
def file(tools: WriteTools) -> Path:
    return tools(TOOLS)


def has_gone(pid: int) -> bool:
    """Waits, within bounds, until there is no process of that id that runs."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_each_way_to_end_a_process_is_one_outcome(atonce: Program, file: Path) -> None:
    outcomes = atonce.turn(
        file,
        [
            ("crash", {}),
            ("leave", {"code": 7}),
            ("stop", {}),
            ("eat", {}),
            ("compute", {}),
            ("say", {"text": "hi"}),
            ("wait_a_little", {}),
            ("here", {}),
        ],
    )

    crash, leave, stop, eat, compute, *good = outcomes
    assert crash["outcome"] == "interrupted" and "SIGSEGV" in crash["error"]["message"]
    assert leave["outcome"] == "interrupted" and "exit code 7" in leave["error"]["message"]
    assert stop["outcome"] == "raised" and stop["error"]["type"] == "SystemExit"
    assert eat["outcome"] == "raised" and eat["error"]["type"] == "MemoryError"
    assert compute["outcome"] == "interrupted"
    assert "more processor time" in compute["error"]["message"]
    assert [each["outcome"] for each in good] == ["returned"] * 3


def test_a_timeout_ends_the_process_and_what_it_has_started(
    atonce: Program, file: Path, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"

    [outcome] = atonce.turn(file, [("hang", {"pid_file": str(pids)})], "--timeout", "30")

    assert outcome["outcome"] == "timed_out"
    if pids.exists():  # it may have been ended before it came to that
        assert all(has_gone(int(pid)) for pid in pids.read_text().split())


def test_no_child_outlives_the_program(atonce: Program, file: Path, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    slow = file.with_name("slow.py")
    slow.write_text(file.read_text().replace("timeout=0.5", "timeout=100"))
    child = atonce.start("call", slow, "hang", f'{{"pid_file": "{pids}"}}')
    until = time.monotonic() + 60
    while not (pids.exists() and len(pids.read_text().split()) == 2):
        assert time.monotonic() < until
        time.sleep(0.01)

    os.kill(child.pid, signal.SIGKILL)
    child.communicate(timeout=60)

    assert all(has_gone(int(pid)) for pid in pids.read_text().split())


def test_a_process_has_the_module_to_itself(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import atonce

        seen = []

        @atonce.tool(isolation="process", serial=True)
        def add(x: int) -> int:
            seen.append(x)
            return len(seen)

        @atonce.tool
        def look() -> int:
            return len(seen)
        """
    )

    outcomes = atonce.turn(file, [("add", {"x": 1}), ("add", {"x": 2}), ("look", {})])

    # One after the other, so one child is enough and keeps its state; this process never sees it.
    assert [each["result"] for each in outcomes] == [1, 2, 0]


def test_what_the_model_gets_wrong_is_told_from_there_too(atonce: Program, file: Path) -> None:
    [outcome] = atonce.turn(file, [("leave", {"code": "two"})])

    assert outcome["outcome"] == "invalid"
    assert outcome["error"]["problems"][0]["path"] == "/code"


def test_what_is_printed_there_goes_to_standard_error(atonce: Program, file: Path) -> None:
    done = atonce.call(file, "say", {"text": "a line"})

    assert done.json["result"] == "a line"
    assert "a line" in done.err


def test_a_file_that_fails_only_there_says_why(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import os

        import atonce

        if os.environ.get("TOOLS_HAVE_LOADED"):
            raise RuntimeError("only once")
        os.environ["TOOLS_HAVE_LOADED"] = "yes"

        @atonce.tool(isolation="process")
        def f() -> int:
            return 1
        """
    )

    done = atonce.call(file, "f")

    assert done.json["outcome"] == "not_started"
    assert "only once" in done.json["error"]["message"]
