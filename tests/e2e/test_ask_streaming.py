"""`atonce ask --stream`: text as it comes, and calls that run while the model still speaks."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import fake_gemini as fake
from conftest import Finished, Program, WriteTools
from fake_gemini import Answer, FakeGemini

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


def when_there(path: Path) -> Callable[[], None]:
    """A gate that opens once the file exists, or gives up and lets the test fail."""

    def wait() -> None:
        until = time.monotonic() + 20
        while not path.exists() and time.monotonic() < until:
            time.sleep(0.005)

    return wait


def test_a_call_runs_before_the_next_ones_arguments_have_come(
    atonce: Program, tools: WriteTools, tmp_path: Path
) -> None:
    paths = [tmp_path / f"mark{at}" for at in range(8)]
    chunks = [[call(path, "YQ==" if at == 0 else "")] for at, path in enumerate(paths)]
    # Each call is sent only after the one before it has left its file: with calls that wait for
    # the end of the stream, no file would ever be there.
    gates = (lambda: None, *(when_there(path) for path in paths[:-1]))
    seen: list[bool] = []
    last = (*gates[:-1], lambda: (gates[-1](), seen.append(paths[-2].exists())))

    with FakeGemini(fake.stream(*chunks, gates=last), fake.says("All marked.")) as server:
        done = ask(atonce, tools(TOOLS), server, "--json")

    assert done.code == 0, done.err
    assert server.problems == []
    assert seen == [True]
    calls = done.json["turns"][0]["calls"]
    assert [each["args"]["path"] for each in calls] == [str(path) for path in paths]
    assert {each["outcome"] for each in calls} == {"returned"}
    assert len(fake.results_of(server.asked[1])) == 8


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
