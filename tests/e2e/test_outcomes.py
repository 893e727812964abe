"""Exactly one outcome for each call, whatever its function does, and a process that always ends."""

import json
import signal
import time

import pytest
from conftest import Program, WriteTools

RUDE = """
import os, sys, time

def exits() -> None:
    sys.exit(3)

def interrupts() -> None:
    raise KeyboardInterrupt

def raises_base() -> None:
    raise BaseException("bare")

def raises_group() -> None:
    raise ExceptionGroup("many", [ValueError("a"), TypeError("b")])

def cannot_say() -> None:
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError("no words")
    raise Mute

def returns_object() -> object:
    return object()

def returns_cycle() -> list:
    loop = []
    loop.append(loop)
    return loop

def recurses(depth: int = 0) -> int:
    return recurses(depth + 1) + 1

def not_finite() -> list[float]:
    return [float("nan"), float("inf"), -float("inf")]

def surrogate() -> str:
    return "\\ud800"

def prints() -> str:
    print("printed")
    sys.stdout.write("written\\n")
    os.write(1, b"to descriptor 1\\n")
    os.system("echo from a child")
    return "ok"

def fine() -> str:
    return "fine"
"""

WANTED = {
    "exits": ("raised", "SystemExit"),
    "interrupts": ("raised", "KeyboardInterrupt"),
    "raises_base": ("raised", "BaseException"),
    "raises_group": ("raised", "ExceptionGroup"),
    "cannot_say": ("raised", "Mute"),
    "returns_object": ("raised", "unserializable_result"),
    "returns_cycle": ("raised", "unserializable_result"),
    "recurses": ("raised", "RecursionError"),
    "surrogate": ("raised", "unserializable_result"),
}


def test_every_rude_function_gets_its_one_outcome(atonce: Program, tools: WriteTools) -> None:
    names = [*WANTED, "fine"]

    outcomes = atonce.turn(tools(RUDE), [(name, {}) for name in names])

    found = {
        each["name"]: (each["outcome"], each.get("error", {}).get("type")) for each in outcomes
    }
    assert found == {**WANTED, "fine": ("returned", None)}


def test_numbers_that_are_not_finite_become_words(atonce: Program, tools: WriteTools) -> None:
    done = atonce.call(tools(RUDE), "not_finite")

    assert done.json["result"] == ["NaN", "Infinity", "-Infinity"]


def test_what_a_tool_prints_never_mixes_with_data(atonce: Program, tools: WriteTools) -> None:
    done = atonce.call(tools(RUDE), "prints")

    assert done.json["result"] == "ok"
    for text in ("printed", "written", "to descriptor 1", "from a child"):
        assert text in done.err


@pytest.mark.parametrize(
    "body",
    [
        "time.sleep(1000)",
        "while True: pass",
        "while True:\n        try: time.sleep(0.01)\n        except BaseException: pass",
        "import ctypes; ctypes.PyDLL(None).sleep(3)",
    ],
    ids=["sleeps", "computes", "swallows everything", "holds on inside C"],
)
def test_a_function_that_never_returns_is_answered_and_left(
    atonce: Program, tools: WriteTools, body: str
) -> None:
    file = tools(
        f"import time\n\ndef hang() -> None:\n    {body}\n\ndef fine() -> int:\n    return 1\n"
    )

    hang, fine = atonce.turn(file, [("hang", {}), ("fine", {})], "--timeout", "0.3")

    assert hang["outcome"] == "timed_out"
    assert 290 <= hang["ended_ms"] < 2900  # in time, not when the function is done with
    assert fine["result"] == 1


def test_a_thread_of_a_tools_own_does_not_keep_the_process(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools(
        """
        import threading, time

        def leave_a_thread() -> int:
            threading.Thread(target=time.sleep, args=(1000,), daemon=False).start()
            return 1
        """
    )

    done = atonce.run("call", file, "leave_a_thread", timeout=30)

    assert done.json["result"] == 1
    assert done.code == 0
    assert "leaving without it" in done.err


def test_a_late_call_is_told_by_an_exception(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import os, time
        import atonce

        def late(path: str) -> None:
            try:
                while True:
                    time.sleep(0.01)
            except atonce.CallTimedOut:
                os.mkdir(path)

        def wait_for(path: str) -> bool:
            until = time.monotonic() + 20
            while not os.path.isdir(path) and time.monotonic() < until:
                time.sleep(0.01)
            return os.path.isdir(path)
        """
    )
    path = str(file.parent / "told")
    plan = [
        {"name": "late", "args": {"path": path}, "timeout": 0.2},
        {"name": "wait_for", "args": {"path": path}},
    ]

    done = atonce.run("call", file, "--turn", "-", stdin=json.dumps(plan))

    assert [each["outcome"] for each in done.json] == ["timed_out", "returned"]
    assert done.json[1]["result"] is True


def test_ctrl_c_answers_every_call_as_cancelled(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import os, time

        def hang(path: str) -> None:
            os.mkdir(path)
            time.sleep(1000)

        def hang_too() -> None:
            time.sleep(1000)
        """
    )
    path = file.parent / "started"
    plan = [{"name": "hang", "args": {"path": str(path)}}, {"name": "hang_too"}]
    child = atonce.start("call", file, "--turn", "-")
    assert child.stdin is not None
    child.stdin.write(json.dumps(plan))
    child.stdin.close()
    child.stdin = None
    until = time.monotonic() + 30
    while not path.is_dir() and time.monotonic() < until:
        time.sleep(0.01)

    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=30)

    assert [each["outcome"] for each in json.loads(out)] == ["cancelled", "cancelled"]


def test_async_calls_get_one_outcome_each(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import asyncio, sys

        async def fine() -> int:
            return 1

        async def raises() -> None:
            raise LookupError("no")

        async def exits() -> None:
            sys.exit(1)

        async def hangs() -> None:
            await asyncio.sleep(1000)

        async def cancels_itself() -> None:
            asyncio.current_task().cancel()
            await asyncio.sleep(0)
        """
    )
    names = ["fine", "raises", "exits", "hangs", "cancels_itself", "fine"]

    outcomes = atonce.turn(file, [(name, {}) for name in names], "--timeout", "1")

    assert [(each["outcome"], each.get("error", {}).get("type")) for each in outcomes] == [
        ("returned", None),
        ("raised", "LookupError"),
        ("raised", "SystemExit"),
        ("timed_out", "timed_out"),
        ("raised", "CancelledError"),
        ("returned", None),
    ]


def test_a_result_over_the_limit_is_refused(atonce: Program, tools: WriteTools) -> None:
    file = tools("def big() -> str:\n    return 'x' * 20_000_000\n")

    done = atonce.call(file, "big")

    assert done.json["error"]["type"] == "result_too_large"
