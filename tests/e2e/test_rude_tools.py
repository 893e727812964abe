"""Tools that start processes and threads, hold on inside C, or meddle with what all share."""

import json
import os
import pty
import resource
import select
import subprocess
import time

import pytest
from conftest import Program, WriteTools

LIMIT_SECONDS = 30  # for what must happen; a test that works never waits for it


def test_a_program_that_a_tool_starts_can_be_terminated(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import asyncio, subprocess

        def terminate() -> int:
            child = subprocess.Popen(["sleep", "1000"])
            child.terminate()
            try:
                return child.wait(timeout=10)
            finally:
                child.kill()

        async def terminate_async() -> int:
            child = await asyncio.create_subprocess_exec("sleep", "1000")
            child.terminate()
            try:
                return await asyncio.wait_for(child.wait(), 10)
            except TimeoutError:
                child.kill()
                raise
        """
    )

    outcomes = atonce.turn(file, [("terminate", {}), ("terminate_async", {})])

    assert [each.get("result") for each in outcomes] == [-15, -15]


def test_a_forked_child_that_returns_or_exits_just_ends(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import os, sys

        def returns() -> int:
            child = os.fork()
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if child else 7

        def exits() -> int:
            child = os.fork()
            if child == 0:
                sys.exit(3)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        """
    )

    returns = atonce.run("call", file, "returns", "--timeout", "10", timeout=LIMIT_SECONDS)
    exits = atonce.run("call", file, "exits", "--timeout", "10", timeout=LIMIT_SECONDS)

    assert returns.json["result"] == 0
    assert exits.json["result"] == 3


def test_what_a_tool_leaves_running_does_not_hold_the_data(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools(
        """
        import os

        def leave() -> int:
            return os.system("sleep 60 </dev/null >/dev/null 2>&1 & echo $! >pid")
        """
    )

    done = atonce.run("call", file, "leave", cwd=file.parent, timeout=LIMIT_SECONDS)

    subprocess.run(["kill", (file.parent / "pid").read_text().strip()], check=True)
    assert done.json["result"] == 0


@pytest.mark.parametrize("where", ["the call", "a thread of its own"])
def test_an_answer_does_not_wait_for_c_code_that_holds_the_gil(
    atonce: Program, tools: WriteTools, where: str
) -> None:
    file = tools(
        """
        import ctypes, re, threading

        def hold() -> bool:
            return bool(re.match("(a+)+$", "a" * 60 + "b"))

        def let_a_thread_hold() -> None:
            threading.Thread(target=hold, daemon=True).start()
            while True:
                pass
        """
    )
    name = "hold" if where == "the call" else "let_a_thread_hold"

    done = atonce.run("call", file, name, "--gil", "on", "--timeout", "0.5", timeout=LIMIT_SECONDS)

    assert done.json["outcome"] == "timed_out"
    assert "leaving without it" in done.err


def test_a_context_kept_beyond_its_call_says_that_nobody_waits(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools(
        """
        import atonce

        kept = []

        @atonce.tool(serial="in order")
        def keep(context: atonce.Context) -> bool:
            kept.append(context)
            return context.cancelled

        @atonce.tool(serial="in order")
        def look() -> bool:
            return kept[0].cancelled

        @atonce.tool
        async def keep_async(context: atonce.Context) -> bool:
            kept.append(context)
            return context.cancelled

        @atonce.tool(serial="in order")
        def look_again() -> bool:
            while len(kept) < 2:
                pass
            until = __import__("time").monotonic() + 10
            while not kept[1].cancelled and __import__("time").monotonic() < until:
                pass
            return all(one.cancelled for one in kept)
        """
    )
    calls = ["keep", "look", "keep_async", "look_again"]

    outcomes = atonce.turn(file, [(name, {}) for name in calls])

    assert [each["result"] for each in outcomes] == [False, True, False, True]


def test_a_reader_slower_than_the_data_gets_it_all(atonce: Program, tools: WriteTools) -> None:
    file = tools("def big() -> str:\n    return 'x' * 2_000_000\n")
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    child = subprocess.Popen(
        [str(atonce.path), "call", str(file), "big"],
        stdout=writable,
        stderr=subprocess.DEVNULL,
        env=atonce.environment,
    )
    os.close(writable)

    with os.fdopen(readable, "rb") as reader:
        out = reader.read()

    assert child.wait(LIMIT_SECONDS) == 0
    assert len(json.loads(out)["result"]) == 2_000_000


def test_a_tool_that_waits_for_the_keyboard_does_not_keep_the_process(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools("def ask() -> str:\n    return input('? ')\n")
    child, terminal = pty.fork()
    if child == 0:
        arguments = [str(atonce.path), "call", str(file), "ask", "--timeout", "0.3"]
        os.execve(arguments[0], arguments, atonce.environment)

    told = b""
    until = time.monotonic() + LIMIT_SECONDS
    while select.select([terminal], [], [], max(0, until - time.monotonic()))[0]:
        try:
            told += os.read(terminal, 10_000)
        except OSError:  # Linux's way to say that the other side is closed
            break
    else:
        os.kill(child, 9)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert b"timed_out" in told


def test_a_file_that_starts_a_thread_and_fails_is_still_told_of(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools(
        """
        import threading, time
        threading.Thread(target=time.sleep, args=(1000,), daemon=False).start()
        raise RuntimeError("no further")
        """
    )

    done = atonce.run("call", file, "any", timeout=LIMIT_SECONDS)

    assert done.code == 2
    assert "RuntimeError: no further" in done.err


@pytest.mark.parametrize("stack", ["usual", "unlimited"])
def test_recursion_through_c_code_raises_before_the_stack_ends(
    atonce: Program, tools: WriteTools, stack: str
) -> None:
    file = tools(
        """
        import sys

        sys.setrecursionlimit(100_000)

        class Getter:
            def __getattr__(self, name):
                return getattr(self, name + "x")

        class Maker:
            def __init__(self):
                Maker()

        class Sorted:
            def __lt__(self, other):
                return sorted([Sorted(), Sorted()]) is None

        def getter() -> object:
            return Getter().any

        def maker() -> object:
            return Maker()

        def sorter() -> bool:
            return Sorted() < Sorted()
        """
    )
    limit = f"ulimit -s {'unlimited' if stack == 'unlimited' else '8192'}"

    for name in ("getter", "maker", "sorter"):
        done = subprocess.run(
            ["bash", "-c", f'{limit} && exec "$0" call "$1" "$2"', atonce.path, file, name],
            capture_output=True,
            text=True,
            env=atonce.environment,
            timeout=120,
        )
        assert json.loads(done.stdout or "{}").get("error", {}).get("type") == "RecursionError"


def test_a_system_that_gives_no_more_threads_is_not_the_end(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools("import time\n\ndef nap() -> int:\n    time.sleep(0.05)\n    return 1\n")
    plan = json.dumps([{"id": str(at), "name": "nap", "args": {}} for at in range(300)])
    limits = (3 << 30, 3 << 30)  # of memory addressed: too little for so many threads

    done = subprocess.run(
        [str(atonce.path), "call", str(file), "--turn", "-", "--max-threads", "4000"],
        input=plan,
        capture_output=True,
        text=True,
        env=atonce.environment,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limits),
    )

    # Python may run out of memory, too.
    outcomes = [each["outcome"] for each in json.loads(done.stdout)]
    assert len(outcomes) == 300
    assert set(outcomes) <= {"returned", "raised"}


def test_a_timeout_beyond_all_clocks_is_no_timeout(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import time
        import atonce

        @atonce.tool(timeout=1e12)
        def patient() -> int:
            time.sleep(0.05)
            return 1
        """
    )

    assert atonce.call(file, "patient").json["outcome"] == "returned"


def test_a_timeout_in_an_import_leaves_the_module_to_others(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools(
        """
        import atonce

        @atonce.tool(timeout=0.1)
        def early() -> int:
            import slow
            return slow.answer

        @atonce.tool(timeout=30)
        def late() -> int:
            import slow
            return slow.answer
        """
    )
    (file.parent / "slow.py").write_text("import time\ntime.sleep(0.5)\nanswer = 42\n")

    *early, late = atonce.turn(file, [("early", {})] * 8 + [("late", {})])

    assert {each["outcome"] for each in early} == {"timed_out"}
    assert late.get("result") == 42


@pytest.mark.parametrize("attempt", range(3))  # each may miss the moment
def test_a_timeout_while_an_outcome_is_described_leaves_that_to_others(
    atonce: Program, tools: WriteTools, attempt: int
) -> None:
    file = tools(
        """
        import atonce

        @atonce.tool(timeout=0.001)
        def early(number: int) -> int:
            raise ValueError(number)

        @atonce.tool(timeout=30)
        def late(number: int) -> int:
            raise ValueError(number)
        """
    )
    calls = [("early", {"number": "one"}), ("early", {"number": 1})] * 20
    calls += [("late", {"number": "one"}), ("late", {"number": 1})]

    outcomes = atonce.turn(file, calls, "--gil", "on")

    assert [each["outcome"] for each in outcomes[-2:]] == ["invalid", "raised"]
