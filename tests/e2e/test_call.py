"""`atonce call`: one call or a turn, and what its JSON says."""

import json
from pathlib import Path
from typing import Any

from conftest import Program, WriteTools


def overlap(outcomes: list[Any]) -> bool:
    """Whether there was a moment at which all of them ran."""
    return max(each["started_ms"] for each in outcomes) < min(each["ended_ms"] for each in outcomes)


def test_one_call_prints_its_outcome(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        def add(a: int, b: int = 10) -> int:
            return a + b
        """
    )

    done = atonce.call(file, "add", {"a": 1})

    assert done.code == 0
    assert done.json == {
        "id": "1",
        "name": "add",
        "args": {"a": 1},
        "outcome": "returned",
        "result": 11,
        "started_ms": done.json["started_ms"],
        "ended_ms": done.json["ended_ms"],
        "lane": "thread-1",
    }
    assert done.err == ""


def test_tools_print_and_open_files_as_utf8_whatever_the_locale(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools(
        """
        def echo(text: str) -> str:
            print(text)
            with open("note.txt", "w") as note:
                note.write(text)
            with open("note.txt") as note:
                return note.read()
        """
    )
    for name in ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "PYTHONUTF8"):
        atonce.environment.pop(name, None)

    done = atonce.run("call", file, "echo", '{"text": "caf\u00e9"}', cwd=file.parent)

    assert done.json["result"] == "caf\u00e9"
    assert done.err == "caf\u00e9\n"


def test_a_call_that_did_not_return_exits_with_one(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        def fail() -> None:
            raise LookupError("no such thing")
        """
    )

    done = atonce.call(file, "fail")

    assert done.code == 1
    assert done.json["outcome"] == "raised"
    assert done.json["error"] == {"type": "LookupError", "message": "no such thing"}
    assert "my_tools.py" in done.err and 'raise LookupError("no such thing")' in done.err


def test_a_turn_is_fine_once_every_call_has_its_outcome(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        def div(a: float, b: float) -> float:
            return a / b
        """
    )

    good, bad, unknown, invalid = atonce.turn(
        file, [("div", {"a": 1, "b": 2}), ("div", {"a": 1, "b": 0}), ("dvi", {}), ("div", {"a": 1})]
    )

    assert good["result"] == 0.5
    assert bad["error"]["type"] == "ZeroDivisionError"
    assert unknown["outcome"] == "invalid" and "`div`" in unknown["error"]["message"]
    assert invalid["error"]["type"] == "invalid_arguments"


def test_blocking_calls_of_a_turn_all_run_at_once(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import threading

        everybody = threading.Barrier(50, timeout=30)

        def wait() -> int:
            return everybody.wait()
        """
    )

    outcomes = atonce.turn(file, [("wait", {})] * 50)

    assert sorted(each["result"] for each in outcomes) == list(range(50))
    assert overlap(outcomes)


def test_computing_calls_run_on_all_cores_without_the_gil(
    atonce: Program, tools: WriteTools
) -> None:
    # Each spins until the other has begun: with one core's worth of Python this never ends.
    file = tools(
        """
        begun = set()

        def spin(me: int, other: int) -> bool:
            begun.add(me)
            while other not in begun:
                pass
            return True
        """
    )

    outcomes = atonce.turn(file, [("spin", {"me": 1, "other": 2}), ("spin", {"me": 2, "other": 1})])

    assert [each["outcome"] for each in outcomes] == ["returned", "returned"]


def test_a_turn_may_be_one_call_a_line_and_ids_may_be_missing(
    atonce: Program, tools: WriteTools, tmp_path: Path
) -> None:
    file = tools("def echo(x: int) -> int:\n    return x\n")
    turn = tmp_path / "turn.jsonl"
    turn.write_text('{"name":"echo","args":{"x":1}}\n{"id":"b","name":"echo","args":{"x":2}}\n')

    done = atonce.run("call", file, "--turn", turn)

    assert [(each["id"], each["result"]) for each in done.json] == [("1", 1), ("b", 2)]


def test_the_timeline_draws_a_bar_for_each_call_on_standard_error(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools("import time\n\ndef nap(s: float) -> None:\n    time.sleep(s)\n")
    turn = json.dumps([{"name": "nap", "args": {"s": 0.05}}, {"name": "nap", "args": {"s": "x"}}])

    done = atonce.run("call", file, "--turn", "-", "--timeline", stdin=turn)

    lines = done.err.splitlines()
    assert lines[0].startswith("nap  returned") and "thread-" in lines[0]
    assert "█" in lines[0]
    assert "invalid" in lines[1]
    assert lines[2].startswith("2 calls in ")
    assert len(done.json) == 2


def test_async_tools_share_one_event_loop_and_overlap(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import asyncio

        arrived = 0

        async def meet(count: int) -> int:
            global arrived
            arrived += 1
            while arrived < count:
                await asyncio.sleep(0.001)
            return arrived
        """
    )

    outcomes = atonce.turn(file, [("meet", {"count": 20})] * 20)

    assert {each["result"] for each in outcomes} == {20}
    assert {each["lane"] for each in outcomes} == {"event-loop"}


def test_serial_tools_and_named_groups_run_one_at_a_time(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools(
        """
        import time
        import atonce

        inside = 0

        def enter() -> int:
            global inside
            inside += 1
            most = inside
            time.sleep(0.01)
            most = max(most, inside)
            inside -= 1
            return most

        @atonce.tool(serial="disk")
        def read() -> int:
            return enter()

        @atonce.tool(serial="disk")
        def write() -> int:
            return enter()
        """
    )

    outcomes = atonce.turn(file, [("read", {}), ("write", {})] * 4)

    assert [each["result"] for each in outcomes] == [1] * 8


def test_retries_and_a_tools_own_timeout(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import time
        import atonce

        tries = 0

        @atonce.tool(retries=2)
        def flaky() -> int:
            global tries
            tries += 1
            if tries < 3:
                raise ConnectionError("again")
            return tries

        @atonce.tool(timeout=0.1)
        def slow() -> None:
            time.sleep(30)
        """
    )

    flaky, slow = atonce.turn(file, [("flaky", {}), ("slow", {})])

    assert flaky["result"] == 3
    assert slow["outcome"] == "timed_out" and "100 ms" in slow["error"]["message"]


def test_a_context_is_given_and_never_declared(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import time
        import atonce

        def ask(question: str, context: atonce.Context) -> list:
            left = context.deadline - time.monotonic()
            return [question, context.cancelled, 0 < left <= 7]
        """
    )

    done = atonce.call(file, "ask", {"question": "?"}, "--timeout", "7")
    declared = atonce.run("declare", file).json[0]

    assert done.json["result"] == ["?", False, True]
    assert "context" not in json.dumps(declared)


def test_generators_give_their_return_value_or_what_they_yielded(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools(
        """
        def with_result():
            yield 1
            return "done"

        def without():
            yield 1
            yield 2

        async def asynchronous():
            yield "a"
            yield "b"
        """
    )

    outcomes = atonce.turn(file, [("with_result", {}), ("without", {}), ("asynchronous", {})])

    assert [each["result"] for each in outcomes] == ["done", [1, 2], ["a", "b"]]


def test_each_call_has_context_variables_of_its_own(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import contextvars

        who = contextvars.ContextVar("who", default="nobody")

        def visit(name: str) -> str:
            before = who.get()
            who.set(name)
            return before
        """
    )

    outcomes = atonce.turn(file, [("visit", {"name": str(at)}) for at in range(20)])

    assert {each["result"] for each in outcomes} == {"nobody"}


def test_which_tools_module_directory_and_object(
    atonce: Program, tools: WriteTools, tmp_path: Path
) -> None:
    file = tools("def f() -> int:\n    return 1\n\ndef g() -> int:\n    return 2\n\nchosen = [g]\n")

    names = [
        [each["name"] for each in atonce.run("declare", *spec, cwd=tmp_path).json]
        for spec in ([file], [f"{file}:g"], [f"{file}:chosen"], [tmp_path], ["-m", "my_tools"])
    ]

    assert names == [["f", "g"], ["g"], ["g"], ["f", "g"], ["f", "g"]]
