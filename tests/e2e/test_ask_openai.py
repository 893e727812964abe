"""`atonce ask` with an OpenAI-compatible model: what is sent, and what becomes of the answers."""

from dataclasses import replace
from pathlib import Path

import fake_openai as fake
import pytest
from conftest import Finished, Program, WriteTools
from fake_openai import FakeOpenAi, answers, call
from wires import Called, Chat, Responses, Wire

TOOLS = """
    import threading

    both = threading.Barrier(2)

    def meet(name: str) -> str:
        "Waits until two calls are here."
        both.wait(10)
        return "met " + name

    def half(x: float) -> float:
        "Half of a number."
        return x / 2

    def scale(x: float, by: float = 2.0) -> float:
        "A multiple of a number."
        return x * by
    """


@pytest.fixture
def file(tools: WriteTools) -> Path:
    return tools(TOOLS)


def ask(atonce: Program, file: Path, server: FakeOpenAi, *options: object) -> Finished:
    atonce.environment["OPENAI_API_KEY"] = fake.KEY
    atonce.environment["OPENAI_BASE_URL"] = server.base_url
    return atonce.run("ask", file, "go", "--model", "openai/fake", "--json", *options)


def test_parallel_calls_run_together_and_each_gets_its_message(atonce: Program, file: Path) -> None:
    with FakeOpenAi(
        answers(call("c1", "meet", {"name": "Ada"}), call("c2", "meet", {"name": "Bo"})),
        answers(text="They met."),
    ) as server:
        done = ask(atonce, file, server, "--no-stream")

    assert done.code == 0, done.err
    assert server.problems == []
    assert done.json["text"] == "They met."
    assert fake.results_of(server.asked[1]) == {"c1": "met Ada", "c2": "met Bo"}
    assert done.json["usage"]["total_tokens"] == 24


@pytest.mark.parametrize(
    ("arguments", "outcome"),
    [("", "invalid"), ("{oops", "invalid"), ('{"y": 1}', "invalid"), ('{"x": 3}', "returned")],
)
def test_arguments_of_every_kind_are_answered(
    atonce: Program, file: Path, arguments: str, outcome: str
) -> None:
    said = answers(call("c1", "half", arguments))
    if arguments == "":
        said = replace(said, sent=())  # no server takes that back; it is mended to "{}"

    with FakeOpenAi(said, answers(text="ok")) as server:
        done = ask(atonce, file, server, "--no-stream")

    assert done.code == 0, done.err
    assert server.problems == []
    assert done.json["turns"][0]["calls"][0]["outcome"] == outcome
    assert list(fake.results_of(server.asked[1])) == ["c1"]


def test_an_unknown_function_is_answered_not_run(atonce: Program, file: Path) -> None:
    with FakeOpenAi(answers(call("c1", "halve", {"x": 3})), answers(text="ok")) as server:
        done = ask(atonce, file, server, "--no-stream")

    assert server.problems == []
    assert "`half`" in fake.results_of(server.asked[1])["c1"]
    assert done.json["text"] == "ok"


def test_any_is_required_in_the_first_turn_only(atonce: Program, file: Path) -> None:
    with FakeOpenAi(answers(call("c1", "half", {"x": 3})), answers(text="1.5")) as server:
        done = ask(atonce, file, server, "--no-stream", "--mode", "any")

    assert done.code == 0, done.err
    choices = [asked.body.get("tool_choice", "auto") for asked in server.asked]
    assert choices == ["required", "auto"]


@pytest.mark.parametrize("wire", [Chat(), Responses()], ids=repr)
@pytest.mark.parametrize("is_strict", [False, True])
def test_strict_tools_are_declared_so_and_null_is_their_default(
    atonce: Program, file: Path, wire: Wire, is_strict: bool
) -> None:
    called = [Called("scale", {"x": 3, "by": None} if is_strict else {"x": 3})]
    wire.prepare(atonce)
    with wire.serve(wire.calls(called, False), wire.says("6", False)) as server:
        done = atonce.run(
            "ask",
            file,
            "go",
            "--json",
            "--no-stream",
            *(["--strict"] if is_strict else []),
            *wire.arguments(server),
        )

    assert done.code == 0, done.err
    assert server.problems == []
    assert done.json["turns"][0]["calls"][0]["result"] == 6.0
    functions = [tool.get("function", tool) for tool in server.asked[0].body["tools"]]
    assert {each.get("strict", False) for each in functions} == {is_strict}


def test_a_wrong_key_is_one_clear_line(atonce: Program, file: Path) -> None:
    with FakeOpenAi() as server:
        atonce.environment["OPENAI_API_KEY"] = "wrong-key"
        done = atonce.run(
            "ask", file, "go", "--model", "openai/fake", "--base-url", server.base_url
        )

    assert done.code == 1
    assert "401" in done.err and "OPENAI_API_KEY" in done.err
    assert "wrong-key" not in done.err


def test_no_key_and_no_address_says_what_to_set(atonce: Program, file: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        atonce.environment.pop(name, None)

    done = atonce.run("ask", file, "go", "--model", "openai/gpt")

    assert done.code == 2
    assert "OPENAI_API_KEY" in done.err
