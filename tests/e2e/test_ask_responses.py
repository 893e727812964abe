"""`atonce ask` over OpenAI's Responses and Gemini's Interactions: a turn there and back."""

from pathlib import Path

import pytest
from conftest import Finished, Program, WriteTools
from scripted_server import Answer, ScriptedServer
from wires import Called, Interactions, Responses, Wire

TOOLS = """
    import threading

    both = threading.Barrier(2)

    def meet(name: str) -> str:
        "Waits until two calls are here."
        both.wait(10)
        return "met " + name
    """
BOTH = pytest.mark.parametrize("wire", [Responses(), Interactions()], ids=repr)


def let_them_meet(
    atonce: Program, file: Path, wire: Wire, streams: bool, *options: str
) -> tuple[Finished, ScriptedServer]:
    """Two calls and an answer, without a problem."""
    called = [Called("meet", {"name": "Ada"}), Called("meet", {"name": "Bo"})]
    wire.prepare(atonce)
    with wire.serve(wire.calls(called, streams), wire.says("They met.", streams)) as server:
        done = atonce.run(
            *("ask", file, "go", *options),
            "--stream" if streams else "--no-stream",
            *wire.arguments(server),
        )
    assert done.code == 0, done.err
    assert server.problems == []
    return done, server


@BOTH
@pytest.mark.parametrize("streams", [False, True])
def test_a_turn_of_calls_there_and_back(
    atonce: Program, tools: WriteTools, wire: Wire, streams: bool
) -> None:
    done, server = let_them_meet(atonce, tools(TOOLS), wire, streams, "--json")

    assert done.json["text"] == "They met."
    assert [call["result"] for call in done.json["turns"][0]["calls"]] == ["met Ada", "met Bo"]
    assert [asked.body.get("stream", False) for asked in server.asked] == [streams, streams]


@BOTH
def test_a_refusal_is_one_clear_line(atonce: Program, tools: WriteTools, wire: Wire) -> None:
    wire.prepare(atonce)
    with wire.serve(Answer('{"error": {"message": "not\\ntoday", "type": "bad"}}', 400)) as server:
        done = atonce.run("ask", tools(TOOLS), "go", "--no-stream", *wire.arguments(server))

    assert done.code == 1
    assert "not today" in done.err


@BOTH
@pytest.mark.parametrize("streams", [False, True])
def test_a_provider_that_keeps_the_conversation_is_sent_what_is_new(
    atonce: Program, tools: WriteTools, wire: Wire, streams: bool
) -> None:
    _, server = let_them_meet(atonce, tools(TOOLS), wire, streams, "--stateful")

    first, second = (asked.body for asked in server.asked)
    assert not any(name.startswith("previous_") for name in first)
    assert [name for name in second if name.startswith("previous_")] != []
    assert len(second["input"]) == 2  # the results, and nothing that the server has


@BOTH
def test_all_is_sent_to_a_provider_that_has_forgotten_the_conversation(
    atonce: Program, tools: WriteTools, wire: Wire, tmp_path: Path
) -> None:
    transcript = tmp_path / "talk.jsonl"
    file = tools(TOOLS)
    wire.prepare(atonce)
    with wire.serve(wire.says("Yes.", False), wire.says("Yes.", False)) as server:
        for _ in range(2):
            done = atonce.run(
                *("ask", file, "Well?", "--stateful", "--no-stream", "--transcript", transcript),
                *wire.arguments(server),
            )
            assert done.code == 0, done.err
            for answer in server.sent:
                answer.id = "forgotten"

    assert len(server.problems) == 1 and "not found" in server.problems[0]
    _, refused, taken = (asked.body for asked in server.asked)
    assert [name for name in refused if name.startswith("previous_")] != []
    assert not any(name.startswith("previous_") for name in taken)
    assert len(taken["input"]) == 3


def test_other_providers_keep_no_conversation(atonce: Program, tools: WriteTools) -> None:
    done = atonce.run("ask", tools(TOOLS), "go", "--stateful", "--model", "local")

    assert done.code == 2
    assert "keeps no conversation" in done.err and "openai-responses/NAME" in done.err
