"""`atonce chat`: a conversation, on a terminal and by a pipe."""

import dataclasses
import json
from pathlib import Path

import fake_gemini as fake
import pytest
from conftest import Finished, Program, WriteTools
from fake_gemini import Answer, FakeGemini
from terminal import Terminal

TOOLS = """
    import threading
    from pathlib import Path

    import atonce

    @atonce.tool
    def half(x: float) -> float:
        "Half of a number."
        return x / 2

    @atonce.tool(approve=True)
    def wipe(folder: str) -> str:
        "Deletes a folder."
        return "wiped " + folder

    @atonce.tool
    def hang(started: str) -> None:
        "Waits for ever."
        Path(started).write_text("yes")
        threading.Event().wait()
    """
HALF = (
    '{"functionCall": {"id": "c1", "name": "half", "args": {"x": 9}}, "thoughtSignature": "YQ=="}'
)
WIPE = (
    '{"functionCall": {"id": "c2", "name": "wipe", "args": {"folder": "/srv/a"}},'
    ' "thoughtSignature": "YQ=="}'
)


@pytest.fixture
def file(tools: WriteTools) -> Path:
    return tools(TOOLS)


def arguments(
    atonce: Program, file: Path, server: FakeGemini, *options: object
) -> tuple[object, ...]:
    atonce.environment["GEMINI_API_KEY"] = fake.KEY
    atonce.environment["GOOGLE_GEMINI_BASE_URL"] = server.url
    return ("chat", file, "--model", "gemini/fake", "--no-stream", *options)


def by_pipe(
    atonce: Program, file: Path, server: FakeGemini, typed: str, *options: object
) -> Finished:
    return atonce.run(*arguments(atonce, file, server, *options), stdin=typed)


def taken_back(text: str) -> Answer:
    """An answer that the conversation must not hold afterwards."""
    return dataclasses.replace(fake.says(text), sent=(), parts=())


def texts_of(request: object) -> list[str]:
    """The words of each content that a request carries, in order."""
    assert isinstance(request, dict)
    return [
        part["text"]
        for content in request["contents"]
        for part in content["parts"]
        if "text" in part
    ]


def test_questions_by_a_pipe_are_one_conversation(atonce: Program, file: Path) -> None:
    with FakeGemini(fake.parts(HALF), fake.says("4.5"), fake.says("Half of 9.")) as server:
        done = by_pipe(atonce, file, server, "What is half of 9?\n\nWhy?\n")

    assert server.problems == []
    assert done.code == 0, done.err
    assert done.out == "4.5\nHalf of 9.\n"
    assert "half" in done.err and "returned" in done.err
    assert texts_of(server.asked[2].body) == ["What is half of 9?", "4.5", "Why?"]


def test_json_is_one_array_of_answers(atonce: Program, file: Path) -> None:
    with FakeGemini(fake.says("one"), fake.says("two")) as server:
        done = by_pipe(atonce, file, server, "a\nb\n", "--json")

    assert [answer["text"] for answer in done.json] == ["one", "two"]


def test_a_line_goes_on_after_a_backslash(atonce: Program, file: Path) -> None:
    with FakeGemini(fake.says("ok")) as server:
        by_pipe(atonce, file, server, "first\\\nsecond\n")

    assert texts_of(server.asked[0].body) == ["first\nsecond"]


def test_retry_asks_the_last_question_again(atonce: Program, file: Path) -> None:
    with FakeGemini(fake.says("one"), taken_back("bad"), fake.says("good")) as server:
        done = by_pipe(atonce, file, server, "a\nb\n/retry\n")

    assert done.out == "one\nbad\ngood\n"
    assert texts_of(server.asked[2].body) == ["a", "one", "b"]


def test_commands_say_what_they_do(atonce: Program, file: Path, tmp_path: Path) -> None:
    saved = tmp_path / "talk.jsonl"
    typed = f"/help\n/tools\n/model\n/nonsense\n/retry\na\n/save {saved}\n/save {saved}\n/quit\nb\n"
    with FakeGemini(fake.says("one")) as server:
        done = by_pipe(atonce, file, server, typed)

    assert done.code == 0
    assert "/retry" in done.err and "/save FILE" in done.err
    assert "wipe (asks first): Deletes a folder." in done.err
    assert "gemini/fake" in done.err
    assert "there is no command `/nonsense`" in done.err
    assert "nothing was asked yet" in done.err
    assert "name a file that is not there yet" in done.err
    assert saved.read_text().splitlines()[1] == '{"user":{"text":"a"}}'
    assert len(server.asked) == 1


def test_the_model_can_be_changed_and_a_bad_one_changes_nothing(
    atonce: Program, file: Path
) -> None:
    with FakeGemini(fake.says("one"), fake.says("two")) as server:
        done = by_pipe(atonce, file, server, "a\n/model nonsense\n/model\n/model gemini/other\nb\n")

    assert "nonsense" in done.err and "gemini/fake" in done.err
    assert [asked.path.split(":")[0] for asked in server.asked] == [
        "/v1beta/models/fake",
        "/v1beta/models/other",
    ]
    assert texts_of(server.asked[1].body) == ["a", "one", "b"]


def test_a_file_goes_with_the_next_question_only(
    atonce: Program, file: Path, tmp_path: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("the rate is 6.9")
    with FakeGemini(fake.says("6.9"), fake.says("yes")) as server:
        by_pipe(atonce, file, server, f"/file {note}\nWhich rate?\nSure?\n")

    assert texts_of(server.asked[1].body) == [
        "File `note.txt`:\nthe rate is 6.9\n\nWhich rate?",
        "6.9",
        "Sure?",
    ]


def test_a_failed_question_leaves_a_conversation_that_goes_on(atonce: Program, file: Path) -> None:
    with FakeGemini(
        fake.error(400, "INVALID_ARGUMENT", "no"), fake.says("better"), fake.says("fine")
    ) as server:
        done = by_pipe(atonce, file, server, "a\n/retry\nb\n")

    assert done.out == "better\nfine\n"
    assert "error: " in done.err
    assert server.problems == []


def test_on_a_terminal_lines_are_edited_and_remembered(atonce: Program, file: Path) -> None:
    with (
        FakeGemini(fake.says("Grüße"), fake.says("again")) as server,
        Terminal(atonce, *arguments(atonce, file, server)) as terminal,
    ):
        terminal.expect("> ")
        terminal.type("Straße?x\x7f\n")  # a letter too many, taken back
        terminal.expect("Grüße")
        terminal.expect("> ")
        terminal.type("\x1b[A\n")  # the line before
        terminal.expect("again")
        terminal.expect("> ")
        terminal.type("\x04")
        assert terminal.end() == 0

    assert texts_of(server.asked[0].body) == ["Straße?"]
    assert texts_of(server.asked[1].body) == ["Straße?", "Grüße", "Straße?"]


def test_lines_are_remembered_from_one_session_to_the_next(atonce: Program, file: Path) -> None:
    for typed in ("What now?\n", "\x1b[A\n"):
        with (
            FakeGemini(fake.says("hello")) as server,
            Terminal(atonce, *arguments(atonce, file, server)) as terminal,
        ):
            terminal.expect("> ")
            terminal.type(typed)
            terminal.expect("hello")
            terminal.expect("> ")
            terminal.type("\x04")
            assert terminal.end() == 0
        assert texts_of(server.asked[0].body) == ["What now?"]


def test_control_c_gives_up_a_line_and_leaves_the_session(atonce: Program, file: Path) -> None:
    with (
        FakeGemini(fake.says("hello")) as server,
        Terminal(atonce, *arguments(atonce, file, server)) as terminal,
    ):
        terminal.expect("> ")
        terminal.type("a wrong line\x03")
        terminal.expect("> ")
        terminal.type("\x03")
        terminal.expect("> ")
        terminal.type("right\n")
        terminal.expect("hello")
        terminal.expect("> ")
        terminal.type("\x04")
        assert terminal.end() == 0

    assert texts_of(server.asked[0].body) == ["right"]


def test_control_c_ends_a_call_and_the_history_stays_valid(
    atonce: Program, file: Path, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    hang = json.dumps({"name": "hang", "args": {"started": str(started)}})
    with (
        FakeGemini(
            fake.parts('{"functionCall": ' + hang + ', "thoughtSignature": "YQ=="}'),
            fake.says("As you like."),
        ) as server,
        Terminal(atonce, *arguments(atonce, file, server)) as terminal,
    ):
        terminal.expect("> ")
        terminal.type("wait\n")
        terminal.expect("running 1 call")
        assert started.exists()
        terminal.type("\x03")
        terminal.expect("cancelled")
        terminal.expect("> ")
        terminal.type("never mind\n")
        terminal.expect("As you like.")
        terminal.expect("> ")
        terminal.type("\x04")
        terminal.end()

    assert server.problems == []
    [result] = server.asked[1].body["contents"][2]["parts"]
    assert "cancelled" in result["functionResponse"]["response"]["error"]


@pytest.mark.parametrize(("typed", "expected"), [("y\n", "wiped /srv/a"), ("n\n", "not approve")])
def test_a_call_is_approved_between_two_lines(
    atonce: Program, file: Path, typed: str, expected: str
) -> None:
    with (
        FakeGemini(fake.parts(WIPE), fake.says("Done.")) as server,
        Terminal(atonce, *arguments(atonce, file, server)) as terminal,
    ):
        terminal.expect("> ")
        terminal.type("clean up\n")
        terminal.expect('wipe({"folder": "/srv/a"})')
        terminal.expect("run it?")
        terminal.type(typed)
        terminal.expect("Done.")
        terminal.expect("> ")
        terminal.type("/quit\n")
        assert terminal.end() == 0

    assert expected in json.dumps(fake.results_of(server.asked[1]))


def test_a_transcript_is_gone_on_with(atonce: Program, file: Path, tmp_path: Path) -> None:
    transcript = tmp_path / "talk.jsonl"
    with FakeGemini(
        fake.parts(HALF), fake.says("4.5"), taken_back("bad"), fake.says("yes"), fake.says("no")
    ) as server:
        first = by_pipe(
            atonce, file, server, "Half of 9?\nSure?\n/retry\n", "--transcript", transcript
        )
        second = atonce.run(
            *("ask", file, "Really?", "--model", "gemini/fake", "--transcript", transcript)
        )

    assert first.out == "4.5\nbad\nyes\n"
    assert second.out == "no\n", second.err
    assert server.problems == []
    assert texts_of(server.asked[4].body) == ["Half of 9?", "4.5", "Sure?", "yes", "Really?"]
    assert HALF in server.asked[4].text
    assert transcript.stat().st_mode & 0o077 == 0
