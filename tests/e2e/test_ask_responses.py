"""`atonce ask` over OpenAI's Responses and Gemini's Interactions: a turn there and back."""

import pytest
from conftest import Program, WriteTools
from scripted_server import Answer
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


@BOTH
@pytest.mark.parametrize("streams", [False, True])
def test_a_turn_of_calls_there_and_back(
    atonce: Program, tools: WriteTools, wire: Wire, streams: bool
) -> None:
    called = [Called("meet", {"name": "Ada"}), Called("meet", {"name": "Bo"})]
    wire.prepare(atonce)
    with wire.serve(wire.calls(called, streams), wire.says("They met.", streams)) as server:
        done = atonce.run(
            "ask",
            tools(TOOLS),
            "go",
            "--json",
            "--stream" if streams else "--no-stream",
            *wire.arguments(server),
        )

    assert done.code == 0, done.err
    assert server.problems == []
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
