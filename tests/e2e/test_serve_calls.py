"""Calls of one `atonce serve` beside each other: who waits for whom, and who cancels."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import Program, WriteTools
from serving import HOLDING, Gate, Server, legacy, modern, running

TOOLS = (
    HOLDING
    + """
import os
import signal
import time

import atonce

__all__ = ["add", "hold", "first", "second", "crash", "until_cancelled"]


def add(a: int, b: int) -> int:
    return a + b


@atonce.tool
def hold(port: int, ctx: atonce.Context) -> str:
    at = At(port, "hold")
    at.wait()
    at.say(f"cancelled: {ctx.cancelled}")
    at.leave()
    return "held"


@atonce.tool(serial="group")
def first(port: int) -> str:
    return _hold(port, "first")


@atonce.tool(serial="group")
def second(port: int) -> str:
    return _hold(port, "second")


@atonce.tool(isolation="process")
def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


@atonce.tool
def until_cancelled(port: int, ctx: atonce.Context) -> str:
    at = At(port, "begun")
    give_up = time.monotonic() + 60
    try:  # an exception is raised in whoever is cancelled and computes
        while not ctx.cancelled and time.monotonic() < give_up:
            time.sleep(0.001)
    finally:
        at.say(f"cancelled: {ctx.cancelled}")
    return "left"


atonce.tool(add)
"""
)


def write(folder: Path, source: str = TOOLS) -> Path:
    file = folder / "my_tools.py"
    file.write_text(source)
    return file


def test_a_tool_that_blocks_delays_neither_another_nor_the_health(
    atonce: Program, tmp_path: Path
) -> None:
    with running(atonce, write(tmp_path)) as server, Gate() as gate, ThreadPoolExecutor(8) as pool:
        held = [pool.submit(server.call, "hold", {"port": gate.port}) for _ in range(8)]
        guests = [gate.entered() for _ in held]

        assert server.call("add", {"a": 1, "b": 2}).result == "3"
        assert server.get("/healthz").status == 200
        assert "atonce_calls_running 8" in server.get("/metrics").text.splitlines()
        assert not any(each.done() for each in held)

        for guest in guests:
            guest.let_go()
        assert [each.result().result for each in held] == ["held"] * 8


def test_a_tool_that_crashes_in_its_process_gives_one_error(
    atonce: Program, tmp_path: Path
) -> None:
    with running(atonce, write(tmp_path)) as server, Gate() as gate, ThreadPoolExecutor(2) as pool:
        beside = pool.submit(server.call, "hold", {"port": gate.port})
        guest = gate.entered()

        crashed = server.call("crash")

        assert crashed.status == 200
        assert crashed.json["result"]["isError"]
        assert "SIGSEGV" in crashed.result or "signal" in crashed.result
        assert server.call("add", {"a": 1, "b": 2}).result == "3"
        guest.let_go()
        assert beside.result().result == "held"
        assert server.get("/readyz").status == 200


# ---- clients that leave


def test_a_modern_client_that_leaves_cancels(atonce: Program, tmp_path: Path) -> None:
    with running(atonce, write(tmp_path)) as server, Gate() as gate:
        body, headers = modern("tools/call", name="until_cancelled", arguments={"port": gate.port})
        client = server.connect()
        client.request("POST", "/mcp", body, headers)
        guest = gate.entered()

        client.close()

        assert guest.hear() == "cancelled: True"


def test_a_legacy_client_that_leaves_does_not_cancel(atonce: Program, tmp_path: Path) -> None:
    with running(atonce, write(tmp_path)) as server, Gate() as gate:
        session = server.open_session()
        client = server.connect()
        params = {"name": "hold", "arguments": {"port": gate.port}}
        client.request("POST", "/mcp", legacy("tools/call", params), session.headers)
        guest = gate.entered()

        client.close()
        assert session.call("add", {"a": 1, "b": 2}).result == "3"  # time for it to be noticed
        guest.let_go()

        assert guest.hear() == "cancelled: False"


def test_a_legacy_client_cancels_by_saying_so(atonce: Program, tmp_path: Path) -> None:
    with running(atonce, write(tmp_path)) as server, Gate() as gate, ThreadPoolExecutor(1) as pool:
        session = server.open_session()
        answer = pool.submit(session.call, "until_cancelled", {"port": gate.port})
        guest = gate.entered()
        note = {
            "jsonrpc": "2.0",
            "method": "notifications/cancelled",
            "params": {"requestId": 1},
        }

        said = server.ask("POST", "/mcp", json.dumps(note), session.headers)

        assert said.status == 202
        assert guest.hear() == "cancelled: True"
        assert answer.result().json["result"]["isError"]


# ---- policies


def expect_one_at_a_time(server: Server, gate: Gate, pool: ThreadPoolExecutor) -> None:
    """`second`, called by another client in another era, comes in when `first` is out."""
    session = server.open_session()
    calls = [pool.submit(server.call, "first", {"port": gate.port})]
    first = gate.entered()
    calls.append(pool.submit(session.call, "second", {"port": gate.port}))
    calls.append(pool.submit(server.call, "second", {"port": gate.port}))
    # Others pass while it waits, so it has had its chance to come in.
    for _ in range(20):
        assert server.call("add", {"a": 1, "b": 2}).result == "3"
    gate.expect_nobody()

    first.let_go()
    assert first.hear() == "out"
    for _ in range(2):
        guest = gate.entered()
        assert guest.name == "second"
        gate.expect_nobody()
        guest.let_go()
        assert guest.hear() == "out"
    assert [each.result().result for each in calls] == ["first", "second", "second"]


def test_serial_groups_hold_across_requests_clients_and_eras(
    atonce: Program, tmp_path: Path
) -> None:
    with running(atonce, write(tmp_path)) as server, Gate() as gate, ThreadPoolExecutor(3) as pool:
        expect_one_at_a_time(server, gate, pool)


PLAIN_TOOLS = TOOLS.replace('@atonce.tool(serial="group")', "@atonce.tool")


def write_policy(file: Path, verdict: str) -> None:
    policy = {
        "file_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "verdict": verdict,
        "serial": [["first", "second"]],
    }
    file.with_name("my_tools.atonce.json").write_text(json.dumps(policy))


def test_the_policy_file_holds_across_requests_clients_and_eras(
    atonce: Program, tmp_path: Path
) -> None:
    file = write(tmp_path, PLAIN_TOOLS)
    write_policy(file, "findings")

    with running(atonce, file) as server, Gate() as gate, ThreadPoolExecutor(3) as pool:
        expect_one_at_a_time(server, gate, pool)


def test_without_a_policy_they_meet(atonce: Program, tmp_path: Path) -> None:
    """Else the test above would show nothing."""
    file = write(tmp_path, PLAIN_TOOLS)
    with running(atonce, file) as server, Gate() as gate, ThreadPoolExecutor(2) as pool:
        calls = [
            pool.submit(server.call, name, {"port": gate.port}) for name in ("first", "second")
        ]

        guests = [gate.entered(), gate.entered()]

        assert {guest.name for guest in guests} == {"first", "second"}
        for guest in guests:
            guest.let_go()
        for call in calls:
            call.result()


@pytest.mark.parametrize("has_policy", [False, True])
def test_check_policy_refuses_tools_that_did_not_pass(
    atonce: Program, tmp_path: Path, has_policy: bool
) -> None:
    file = write(tmp_path, PLAIN_TOOLS)
    if has_policy:
        write_policy(file, "findings")

    done = atonce.run("serve", file, "--port", 0, "--check-policy")

    assert done.code == 2, done.err
    assert "error: " in done.err and "atonce check" in done.err


def test_a_timeout_is_answered_in_time(atonce: Program, tools: WriteTools) -> None:
    file = tools("""
        import time

        import atonce

        @atonce.tool(timeout=0.05)
        def late() -> str:
            time.sleep(600)
            return "never"
        """)
    with running(atonce, file) as server:
        answer = server.call("late")
        assert answer.json["result"]["isError"]
        assert answer.result == "no answer within 50 ms"
        assert server.get("/healthz").status == 200


# ---- what a call says on its way


def test_progress_and_log_are_on_the_requests_stream(atonce: Program, tools: WriteTools) -> None:
    file = tools("""
        import atonce

        def work(ctx: atonce.Context) -> str:
            for step in (0, 1, 1, 2):
                ctx.progress(step, 2, f"step {step}")
            ctx.log("half way", level="warning")
            return "done"
        """)
    meta = {"progressToken": "p", "io.modelcontextprotocol/logLevel": "info"}
    body, headers = modern("tools/call", name="work", arguments={}, _meta=meta)
    with running(atonce, file) as server:
        answer = server.ask("POST", "/mcp", body, headers)
        silent = server.call("work")

    assert answer.headers.get_content_type() == "text/event-stream"
    progress = [
        each["params"]["progress"]
        for each in answer.events
        if each.get("method") == "notifications/progress"
    ]
    assert progress == [0, 1, 2]
    assert [each["method"] for each in answer.events[3:-1]] == ["notifications/message"]
    assert answer.result == "done"
    assert silent.headers.get_content_type() == "application/json"
