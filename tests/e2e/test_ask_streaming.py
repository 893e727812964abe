"""`atonce ask --stream`: text as it comes, and calls that run while the model still speaks."""

import json
from pathlib import Path

import fake_gemini as fake
import pytest
from conftest import Finished, Program, WriteTools
from fake_gemini import Answer, FakeGemini
from scripted_server import when_there
from wires import WIRES, Called, GeminiInPieces, Wire

TOOLS = """
    from pathlib import Path

    def mark(path: str) -> str:
        "Leaves a file, so that somebody sees that it ran."
        Path(path).write_text("ran")
        return path
    """


def ask(atonce: Program, file: Path, server: FakeGemini, *options: object) -> Finished:
    atonce.environment["GEMINI_API_KEY"] = fake.KEY
    atonce.environment["GOOGLE_GEMINI_BASE_URL"] = server.url
    return atonce.run("ask", file, "go", "--model", "gemini/fake", "--stream", *options)


def call(path: Path, signature: str = "") -> str:
    part: dict[str, object] = {"functionCall": {"name": "mark", "args": {"path": str(path)}}}
    if signature:
        part["thoughtSignature"] = signature
    return json.dumps(part)


@pytest.mark.parametrize("wire", [*WIRES, GeminiInPieces()], ids=repr)
def test_the_first_of_8_results_is_there_before_the_last_arguments(
    atonce: Program, tools: WriteTools, tmp_path: Path, wire: Wire
) -> None:
    paths = [tmp_path / f"mark{at}" for at in range(8)]
    called = [Called("mark", {"path": str(path)}) for path in paths]
    # The end of each call's arguments is sent only once the call before it has left its file: if
    # calls waited for the end of the stream, no file would ever be there.
    seen: list[bool] = []
    gates = {at: when_there(paths[at - 1], seen) for at in range(1, 8)}
    wire.prepare(atonce)

    with wire.serve(
        wire.calls(called, streams=True, gates=gates), wire.says("All marked.", streams=True)
    ) as server:
        done = atonce.run("ask", tools(TOOLS), "go", "--stream", "--json", *wire.arguments(server))

    assert done.code == 0, done.err
    assert server.problems == []
    assert seen == [True] * 7
    calls = done.json["turns"][0]["calls"]
    assert [each["args"]["path"] for each in calls] == [str(path) for path in paths]
    assert {each["outcome"] for each in calls} == {"returned"}
    results = wire.results(server.asked[1])
    assert all(str(path) in text for path, text in zip(paths, results, strict=True))


def test_text_is_shown_as_it_comes_and_only_once(
    atonce: Program, tools: WriteTools, tmp_path: Path
) -> None:
    path = tmp_path / "mark"
    with FakeGemini(
        fake.stream(['{"text":"Let me "}'], ['{"text":"see."}', call(path, "YQ==")]),
        fake.stream(
            ['{"text":"It is "}'], ['{"text":"done."}'], ['{"text":"","thoughtSignature":"Yg=="}']
        ),
    ) as server:
        done = ask(atonce, tools(TOOLS), server)

    assert done.code == 0, done.err
    assert server.problems == []
    assert done.out == "Let me see.\nIt is done.\n"


def test_a_stream_that_breaks_off_is_an_error_and_its_calls_are_reported(
    atonce: Program, tools: WriteTools, tmp_path: Path
) -> None:
    path = tmp_path / "mark"
    whole = fake.stream([call(path, "YQ==")], ['{"text":"never sent"}'])
    broken = Answer(
        chunks=whole.chunks[:1], gates=(), content_type=whole.content_type, parts=whole.parts
    )
    with FakeGemini(broken) as server:
        done = ask(atonce, tools(TOOLS), server, "--json")

    assert done.code == 1
    assert done.json["finish"] == "failed"
    assert "broke off" in done.json["error"]
    assert [each["name"] for each in done.json["turns"][0]["calls"]] == ["mark"]
    assert len(server.asked) == 1  # a call has run: asking again could run it twice


def test_an_overloaded_server_is_asked_again_before_anything_was_said(
    atonce: Program, tools: WriteTools
) -> None:
    with FakeGemini(fake.overloaded(), fake.stream(['{"text":"At last."}'])) as server:
        done = ask(atonce, tools(TOOLS), server)

    assert done.code == 0, done.err
    assert done.out == "At last.\n"


def test_without_streaming_the_unary_method_is_asked(atonce: Program, tools: WriteTools) -> None:
    with FakeGemini(fake.says("Plain.")) as server:
        done = ask(atonce, tools(TOOLS), server, "--no-stream")

    assert done.code == 0, done.err
    assert server.asked[0].path.endswith(":generateContent")
