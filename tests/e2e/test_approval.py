"""Tools marked approve=True: a person sees the exact call and decides."""

from pathlib import Path

import fake_gemini as fake
import pytest
from conftest import Program, WriteTools
from fake_gemini import FakeGemini
from terminal import Terminal

TOOLS = """
    import atonce

    @atonce.tool(approve=True)
    def wipe(folder: str) -> str:
        "Deletes a folder."
        return "wiped " + folder
    """
CALL = (
    '{"functionCall": {"name": "wipe", "args": {"folder": "/srv/a"}}, "thoughtSignature": "YQ=="}'
)


@pytest.fixture
def file(tools: WriteTools) -> Path:
    return tools(TOOLS)


def use(atonce: Program, server: FakeGemini) -> list[str]:
    atonce.environment["GEMINI_API_KEY"] = fake.KEY
    atonce.environment["GOOGLE_GEMINI_BASE_URL"] = server.url
    return ["go", "--model", "gemini/fake", "--no-stream"]


@pytest.mark.parametrize(("answer", "runs"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_a_person_is_shown_the_exact_call_and_decides(
    atonce: Program, file: Path, answer: str, runs: bool
) -> None:
    with (
        FakeGemini(fake.parts(CALL), fake.says("Done.")) as server,
        Terminal(atonce, "ask", file, *use(atonce, server), shows_output=False) as terminal,
    ):
        terminal.expect('wipe({"folder": "/srv/a"})')
        terminal.expect("run it?")
        terminal.type(answer)
        terminal.end()

    assert server.problems == []
    (result,) = fake.results_of(server.asked[1])
    if runs:
        assert result["response"] == {"output": "wiped /srv/a"}
    else:
        assert "not approve" in result["response"]["error"]


def test_without_a_terminal_it_is_declined(atonce: Program, file: Path) -> None:
    with FakeGemini(fake.parts(CALL), fake.says("Then not.")) as server:
        done = atonce.run("ask", file, *use(atonce, server))

    assert done.code == 0, done.err
    assert "declined" in done.err
    assert "error" in fake.results_of(server.asked[1])[0]["response"]


def test_yes_approves_everything(atonce: Program, file: Path) -> None:
    with FakeGemini(fake.parts(CALL), fake.says("Done.")) as server:
        done = atonce.run("ask", file, *use(atonce, server), "--yes")

    assert done.code == 0, done.err
    assert fake.results_of(server.asked[1])[0]["response"] == {"output": "wiped /srv/a"}
