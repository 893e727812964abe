"""One server for several tools files."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conftest import Program
from serving import HOLDING, Gate, Server, modern, running

ROOMS = (
    HOLDING
    + """
import os

import atonce


@atonce.tool
def book(port: int) -> str:
    at = At(port, "room")
    at.wait()
    at.leave()
    return "room"


@atonce.tool(isolation="process")
def process() -> int:
    return os.getpid()
"""
)
TALKS = (
    HOLDING
    + """
import os

import atonce


@atonce.tool
def book(port: int) -> str:
    return _hold(port, "talk")


@atonce.tool
def cancel(port: int) -> str:
    return _hold(port, "cancel")


@atonce.tool(isolation="process")
def process_of_talks(fails: bool = False) -> int:
    if fails:
        raise ValueError("as asked")
    return os.getpid()
"""
)


def write(folder: Path) -> "tuple[Path, Path]":
    rooms, talks = folder / "rooms.py", folder / "talks.py"
    rooms.write_text(ROOMS)
    talks.write_text(TALKS)
    return rooms, talks


def names(server: Server) -> list[str]:
    answer = server.ask("POST", "/mcp", *modern("tools/list"))
    return [tool["name"] for tool in answer.json["result"]["tools"]]


def test_tools_of_all_files_are_listed_and_called(atonce: Program, tmp_path: Path) -> None:
    with running(atonce, *write(tmp_path)) as server:
        assert names(server) == [
            "rooms_book",
            "process",
            "talks_book",
            "cancel",
            "process_of_talks",
        ]
        server.wait_for("`book` is in more than one of the files: .*`rooms_book` and `talks_book`")
        assert server.call("book", {"port": 1}).json["error"]["code"] == -32602
        with Gate() as gate, ThreadPoolExecutor(2) as pool:
            room = pool.submit(server.call, "rooms_book", {"port": gate.port})
            guest = gate.entered()
            assert guest.name == "room"
            guest.let_go()
            assert room.result().result == "room"


def test_tools_of_each_file_run_in_processes(atonce: Program, tmp_path: Path) -> None:
    with running(atonce, *write(tmp_path)) as server:
        processes = {server.call(name).result for name in ("process", "process_of_talks")}
        failed = server.call("process_of_talks", {"fails": True}).json["result"]

    assert str(server.child.pid) not in processes
    assert failed["isError"] and "as asked" in failed["content"][0]["text"]


def test_a_file_that_only_offers_may_stand_beside_a_tool_in_a_process(
    atonce: Program, tmp_path: Path
) -> None:
    _, talks = write(tmp_path)
    about = tmp_path / "about.py"
    about.write_text('import atonce\n@atonce.resource("a://b")\ndef about() -> str: return "b"\n')

    with running(atonce, about, talks) as server:
        process = server.call("process_of_talks").result

    assert process.isdigit() and process != str(server.child.pid)


def test_each_file_has_its_policy_under_its_own_names(atonce: Program, tmp_path: Path) -> None:
    rooms, talks = write(tmp_path)
    policy = {
        "file_sha256": hashlib.sha256(talks.read_bytes()).hexdigest(),
        "verdict": "findings",
        "serial": [["book", "cancel"]],
    }
    talks.with_name("talks.atonce.json").write_text(json.dumps(policy))

    with running(atonce, rooms, talks) as server, Gate() as gate, ThreadPoolExecutor(3) as pool:
        arguments = {"port": gate.port}
        calls = [pool.submit(server.call, "talks_book", arguments)]
        talk = gate.entered()
        calls.append(pool.submit(server.call, "cancel", arguments))
        calls.append(pool.submit(server.call, "rooms_book", arguments))
        room = gate.entered()
        assert room.name == "room"  # the other file's tool of that name has nothing to wait for
        gate.expect_nobody()
        talk.let_go()
        assert talk.hear() == "out"
        cancel = gate.entered()
        assert cancel.name == "cancel"
        for guest in (room, cancel):
            guest.let_go()
        assert [call.result().result for call in calls] == ["talk", "cancel", "room"]


def test_check_policy_asks_it_of_every_file(atonce: Program, tmp_path: Path) -> None:
    rooms, talks = write(tmp_path)
    policy = {"file_sha256": hashlib.sha256(rooms.read_bytes()).hexdigest(), "verdict": "clean"}
    rooms.with_name("rooms.atonce.json").write_text(json.dumps(policy | {"serial": []}))

    done = atonce.run("serve", rooms, talks, "--port", 0, "--check-policy")

    assert done.code == 2
    assert f"`{talks}` has no passing check" in done.err


def test_a_policy_that_is_named_is_of_one_file(atonce: Program, tmp_path: Path) -> None:
    done = atonce.run("serve", *write(tmp_path), "--port", 0, "--policy", tmp_path / "a.json")

    assert done.code == 2
    assert "--policy is of one tools file" in done.err


def test_a_file_named_twice_is_refused(atonce: Program, tmp_path: Path) -> None:
    rooms, _ = write(tmp_path)

    done = atonce.run("serve", rooms, rooms, "--port", 0)

    assert done.code == 2
    assert "is named twice" in done.err


def test_tools_may_follow_options_that_take_lists(atonce: Program, tmp_path: Path) -> None:
    rooms, talks = write(tmp_path)
    arguments = ["--allowed-hosts", "a.example,b.example", rooms, "--strict", talks]

    with running(atonce, *arguments) as server:
        assert "rooms_book" in names(server) and "talks_book" in names(server)


def test_other_commands_take_one(atonce: Program, tmp_path: Path) -> None:
    done = atonce.run("declare", *write(tmp_path))

    assert done.code == 2
    assert "talks.py" in done.err
