"""Whatever becomes of the calls of a turn, the next request is one that the server takes.

The servers refuse every request that their API would refuse (test_strict_fakes.py).
"""

import json
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Program, WriteTools
from scripted_server import when_there
from wires import WIRES, Called, Chat, Responses, Wire

TOOLS = """
    import time
    from pathlib import Path

    import atonce

    @atonce.tool
    def greet(name: str) -> str:
        "Says hello."
        return "hello " + name

    @atonce.tool
    def count() -> int:
        "Takes no arguments."
        return 7

    @atonce.tool
    def say_nothing() -> str:
        "Returns an empty text."
        return ""

    @atonce.tool
    def fail(name: str) -> str:
        "Raises."
        raise LookupError("there is no " + name)

    @atonce.tool(timeout=0.1)
    def dawdle() -> str:
        "Takes too long."
        time.sleep(1)
        return "late"

    @atonce.tool(approve=True)
    def wipe(folder: str) -> str:
        "Asks a person first."
        return "wiped " + folder

    @atonce.tool
    def hang(started: str) -> None:
        "Waits until it is stopped."
        Path(started).write_text("yes")
        while True:
            time.sleep(0.01)

    @atonce.tool(approve=True)
    def linger(started: str) -> None:
        "As hang(), but it starts only when the model has said all."
        hang(started)
    """

# What the model calls, what becomes of it, and a part of what the model is told.
ALL = [
    (Called("greet", {"name": "Ada"}), "returned", "hello Ada"),
    (Called("fail", {"name": "key"}), "raised", "there is no key"),
    (Called("dawdle", {}), "timed_out", "100 ms"),
    (Called("wipe", {"folder": "/srv"}), "not_started", "not approve"),
    (Called("great", {"name": "Bo"}), "invalid", "`greet`"),
    (Called("greet", None), "invalid", "name"),
    (Called("count", None), "returned", "7"),
    (Called("greet", {"nam": "Bo"}), "invalid", "nam"),
    (Called("say_nothing", {}), "returned", '""'),
    (Called("greet", {"name": "Ada"}), "returned", "hello Ada"),  # the same call again
]

OVER_ALL = pytest.mark.parametrize("wire", WIRES, ids=repr)
WHOLE_OR_STREAMED = pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])


@pytest.fixture
def file(tools: WriteTools) -> Path:
    return tools(TOOLS)


def asking(file: Path, question: str, streams: bool, *options: object) -> list[object]:
    return ["ask", file, question, "--json", "--stream" if streams else "--no-stream", *options]


@OVER_ALL
@WHOLE_OR_STREAMED
def test_every_call_has_its_result_whatever_became_of_it(
    atonce: Program, file: Path, wire: Wire, streams: bool
) -> None:
    called = [call for call, _, _ in ALL]
    wire.prepare(atonce)
    with wire.serve(wire.calls(called, streams), wire.says("Well.", streams)) as server:
        done = atonce.run(*asking(file, "go", streams, *wire.arguments(server)))

    assert done.code == 0, done.err
    assert server.problems == []
    assert done.json["text"] == "Well."
    became = [each["outcome"] for each in done.json["turns"][0]["calls"]]
    assert became == [outcome for _, outcome, _ in ALL]
    results = wire.results(server.asked[1])
    for (call, _, told), result in zip(ALL, results, strict=True):
        assert told in result.replace('\\"', '"'), call


@OVER_ALL
@WHOLE_OR_STREAMED
def test_a_turn_that_a_person_breaks_off_can_be_gone_on_from(
    atonce: Program, file: Path, tmp_path: Path, wire: Wire, streams: bool
) -> None:
    started = tmp_path / "started"
    called = [Called("count", {}), Called("linger", {"started": str(started)})]
    options = ["--yes", "--transcript", tmp_path / "transcript.jsonl"]
    wire.prepare(atonce)
    with wire.serve(wire.calls(called, streams), wire.says("Again.", streams)) as server:
        options += wire.arguments(server)
        child = atonce.start(*asking(file, "first", streams, *options))
        when_there(started)()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        asked_before = len(server.asked)
        done = atonce.run(*asking(file, "second", streams, *options))

    assert started.exists(), err
    broken = json.loads(out)
    assert broken["finish"] == "cancelled"
    assert [each["outcome"] for each in broken["turns"][0]["calls"]] == ["returned", "cancelled"]
    assert asked_before == 1
    assert done.code == 0, done.err
    assert server.problems == []
    assert done.json["text"] == "Again."
    told = wire.results(server.asked[1])
    assert len(told) == 2
    assert "7" in told[0] and "cancelled" in told[1]


@OVER_ALL
def test_an_answer_that_a_person_breaks_off_can_be_gone_on_from(
    atonce: Program, file: Path, tmp_path: Path, wire: Wire
) -> None:
    """The stream is in the middle of its second call when the first one runs already."""
    started = tmp_path / "started"
    called = [Called("hang", {"started": str(started)}), Called("greet", {"name": "Ada"})]
    options = ["--transcript", tmp_path / "transcript.jsonl"]
    wire.prepare(atonce)
    has_ended = tmp_path / "ended"
    broken = wire.calls(called, True, {1: when_there(has_ended)})
    with wire.serve(broken, wire.says("Again.", True)) as server:
        options += wire.arguments(server)
        child = atonce.start(*asking(file, "first", True, *options))
        when_there(started)()
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=60)
        has_ended.write_text("yes")
        server.sent.clear()  # what never came whole is not sent back
        done = atonce.run(*asking(file, "second", True, *options))

    assert json.loads(out)["finish"] == "cancelled"
    assert [each["name"] for each in json.loads(out)["turns"][0]["calls"]] == ["hang"]
    assert done.code == 0, done.err
    assert server.problems == []
    assert done.json["text"] == "Again."
    assert wire.results(server.asked[1]) == []


@pytest.mark.parametrize("wire", [Chat(), Responses()], ids=repr)
@WHOLE_OR_STREAMED
def test_an_invented_name_goes_back_in_a_form_that_the_server_takes(
    atonce: Program, file: Path, wire: Wire, streams: bool
) -> None:
    invented, plain = "default_api.greet now", "default_api_greet_now"
    said = wire.calls([Called(invented, {"name": "Ada"})], streams)
    mended = tuple(part.replace(invented, plain) for part in said.parts)
    wire.prepare(atonce)
    with wire.serve(replace(said, sent=(), parts=mended), wire.says("Well.", streams)) as server:
        done = atonce.run(*asking(file, "go", streams, *wire.arguments(server)))

    assert done.code == 0, done.err
    assert server.problems == []
    assert f'"{plain}"' in server.asked[1].text
    assert f"`{invented}`" in wire.results(server.asked[1])[0]
