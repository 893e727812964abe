"""`atonce ask` with Gemini on Vertex AI: its addresses, its tokens, and what else differs there."""

import json
from pathlib import Path

import fake_gemini as fake
import pytest
from conftest import Finished, Program, WriteTools
from fake_gemini import FakeGemini

TOOLS = """
    def half(x: float) -> float:
        "Half of a number."
        return x / 2
    """
CALL = '{"functionCall": {"name": "half", "args": {"x": 3}}, "thoughtSignature": "YQ=="}'
PLACE = "/v1/projects/fake-project/locations/global/publishers/google/models/gemini-3-fake"


@pytest.fixture
def file(tools: WriteTools) -> Path:
    return tools(TOOLS)


def ask(atonce: Program, file: Path, server: FakeGemini, *options: object) -> Finished:
    atonce.environment.setdefault("GOOGLE_OAUTH_ACCESS_TOKEN", fake.TOKEN)
    atonce.environment["GOOGLE_CLOUD_PROJECT"] = fake.PROJECT
    atonce.environment["GOOGLE_VERTEX_BASE_URL"] = server.url
    return atonce.run("ask", file, "go", "--model", "vertex/gemini-3-fake", *options)


def test_calls_are_made_with_a_token_inside_the_project(atonce: Program, file: Path) -> None:
    with FakeGemini(fake.parts(CALL), fake.says("1.5")) as server:
        done = ask(atonce, file, server, "--no-stream")

    assert server.problems == []
    assert done.out == "1.5\n", done.err
    assert [asked.path for asked in server.asked] == [f"{PLACE}:generateContent"] * 2
    assert server.asked[0].headers["authorization"] == f"Bearer {fake.TOKEN}"


def test_arguments_that_are_streamed_are_put_together(atonce: Program, file: Path) -> None:
    pieces = [
        '{"functionCall": {"name": "half", "willContinue": true}, "thoughtSignature": "YQ=="}',
        '{"functionCall": {"partialArgs": [{"jsonPath": "$.x", "numberValue": 3}],'
        ' "willContinue": true}}',
        '{"functionCall": {}}',
    ]
    said = fake.stream(*([piece] for piece in pieces))
    said.sent, said.parts = (), (CALL,)  # it comes back as one part
    with FakeGemini(said, fake.stream(['{"text": "1.5"}'])) as server:
        done = ask(atonce, file, server, "--stream")

    assert server.problems == []
    assert done.out.strip() == "1.5", done.err
    assert server.asked[0].path == f"{PLACE}:streamGenerateContent?alt=sse"
    config = server.asked[0].body["toolConfig"]["functionCallingConfig"]
    assert config["streamFunctionCallArguments"] is True
    assert fake.results_of(server.asked[1])[0]["response"] == {"output": 1.5}


def test_a_location_is_part_of_the_path(atonce: Program, file: Path) -> None:
    atonce.environment["GOOGLE_CLOUD_LOCATION"] = "europe-west4"
    with FakeGemini(fake.says("hello")) as server:
        done = ask(atonce, file, server, "--no-stream")

    assert done.out == "hello\n", done.err
    assert "/locations/europe-west4/" in server.asked[0].path


def test_express_mode_needs_a_key_only(atonce: Program, file: Path) -> None:
    atonce.environment["GOOGLE_API_KEY"] = fake.KEY
    with FakeGemini(fake.says("hello")) as server:
        done = atonce.run(
            "ask",
            file,
            "go",
            "--model",
            "vertex/gemini-3-fake",
            "--base-url",
            server.url,
            "--no-stream",
        )

    assert server.problems == []
    assert done.out == "hello\n", done.err
    assert server.asked[0].path == "/v1/publishers/google/models/gemini-3-fake:generateContent"


def test_the_providers_own_tools_go_beside_the_functions(atonce: Program, file: Path) -> None:
    with FakeGemini(fake.says("hello")) as server:
        done = ask(atonce, file, server, "--no-stream", "--provider-tool", "search")

    assert server.problems == []
    assert done.out == "hello\n", done.err
    assert {"googleSearch": {}} in server.asked[0].body["tools"]


def test_tokens_are_counted_with_what_counting_takes(atonce: Program, file: Path) -> None:
    with FakeGemini() as server:
        done = ask(atonce, file, server, "--count-tokens", "--system", "Be very brief.")

    assert server.problems == []
    assert (done.code, done.out) == (0, "8\n"), done.err  # go, Be very brief., Half of a number.
    assert server.asked[0].path == f"{PLACE}:countTokens"


def test_a_refused_token_is_said_without_showing_it(atonce: Program, file: Path) -> None:
    atonce.environment["GOOGLE_OAUTH_ACCESS_TOKEN"] = "ya29.expired"
    with FakeGemini() as server:
        done = ask(atonce, file, server)

    assert done.code == 1
    assert "401 UNAUTHENTICATED" in done.err
    assert "gcloud auth print-access-token" in done.err
    assert "ya29.expired" not in done.out + done.err


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "there is no token and no key for `vertex/gemini-3-fake`"),
        ({"GOOGLE_OAUTH_ACCESS_TOKEN": "t"}, "there is no project for `vertex/gemini-3-fake`"),
        (
            {"GOOGLE_OAUTH_ACCESS_TOKEN": "t", "GOOGLE_CLOUD_PROJECT": "a b"},
            "`a b` is no project's id",
        ),
    ],
)
def test_what_is_missing_is_said(
    atonce: Program, file: Path, environment: dict[str, str], message: str
) -> None:
    atonce.environment |= environment

    done = atonce.run("ask", file, "go", "--model", "vertex/gemini-3-fake")

    assert done.code == 2
    assert f"error: {message}" in done.err and "hint: " in done.err


def test_gemini_takes_a_token_where_there_is_no_key(atonce: Program, file: Path) -> None:
    atonce.environment["CLOUDSDK_AUTH_ACCESS_TOKEN"] = fake.TOKEN
    with FakeGemini(fake.says("hello")) as server:
        done = atonce.run(
            "ask", file, "go", "--model", "gemini/fake", "--base-url", server.url, "--json"
        )

    assert done.code == 0, done.err
    assert json.loads(done.out)["text"] == "hello"
    assert server.asked[0].path == "/v1beta/models/fake:generateContent"
