"""`atonce ask` with the embedded model, on the meetup's functions."""

import os
from pathlib import Path

import pytest
from conftest import Program

CACHE = Path(os.environ.get("ATONCE_CACHE") or Path.home() / ".cache" / "atonce")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not list((CACHE / "models").glob("*.gguf")),
        reason="no embedded model in the cache: run `make model`",
    ),
]

CODELAB = (
    "What is the exchange rate from Australian dollars to Swedish krona? "
    "How much is 500 Australian dollars worth in Swedish krona?"
)
FOUR = (
    "How many people came to the meetup in March? Who is Ada Quillfeather? Which talks are "
    'similar to "Function calling with Gemini"? How much is 500 AUD in SEK?'
)


def test_the_codelabs_question_is_answered_with_the_amount(atonce: Program, meetup: Path) -> None:
    done = atonce.run("ask", meetup, CODELAB, "--model", "local", "--json", timeout=300)

    assert done.code == 0, done.err
    calls = [call for turn in done.json["turns"] for call in turn["calls"]]
    rates = [call for call in calls if call["name"] == "get_exchange_rate"]
    assert rates and all(call["outcome"] == "returned" for call in rates)
    assert {(call["args"]["currency_from"], call["args"]["currency_to"]) for call in rates} == {
        ("AUD", "SEK")
    }
    amount = next(
        call["result"]["converted_amount"] for call in rates if call["result"]["amount"] == 500
    )
    assert f"{amount:.2f}"[:-1] in done.json["text"].replace(",", "").replace(" ", "")
    assert done.json["finish"] == "answered"
    assert done.json["usage"]["output_tokens"] > 0


def test_four_functions_are_called_in_one_turn_and_overlap(atonce: Program, meetup: Path) -> None:
    done = atonce.run("ask", meetup, FOUR, "--model", "local", "--json", timeout=300)

    assert done.code == 0, done.err
    calls = done.json["turns"][0]["calls"]
    assert {call["name"] for call in calls} == {
        "get_attendance",
        "get_speaker",
        "find_similar_talks",
        "get_exchange_rate",
    }
    assert all(call["outcome"] == "returned" for call in calls)
    long = next(call for call in calls if call["name"] == "find_similar_talks")
    others = [call for call in calls if call is not long]
    assert any(
        call["started_ms"] < long["ended_ms"] and long["started_ms"] < call["ended_ms"]
        for call in others
    )


def test_mode_none_answers_in_words(atonce: Program, meetup: Path) -> None:
    done = atonce.run(
        "ask", meetup, "Say hello.", "--model", "local", "--mode", "none", "--json", timeout=300
    )

    assert done.code == 0, done.err
    assert done.json["turns"] == []
    assert done.json["text"]


def test_a_streamed_answer_is_printed_once(atonce: Program, meetup: Path) -> None:
    question = ("ask", meetup, "Say hello.", "--model", "local", "--mode", "none")
    streamed = atonce.run(*question, "--stream", timeout=300)
    whole = atonce.run(*question, "--no-stream", timeout=300)

    assert streamed.code == 0, streamed.err
    assert streamed.out.strip()
    assert streamed.out == whole.out


def test_calls_of_a_streamed_answer_run_once(atonce: Program, meetup: Path) -> None:
    done = atonce.run(
        "ask",
        meetup,
        FOUR,
        "--model",
        "local",
        "--stream",
        "--json",
        "--max-turns",
        "2",
        timeout=300,
    )

    calls = done.json["turns"][0]["calls"]
    assert len(calls) == 4, calls
    assert [call["id"] for call in calls] == ["call_1", "call_2", "call_3", "call_4"]
    assert all(call["outcome"] == "returned" for call in calls)


def test_a_question_that_no_function_answers_is_answered_in_words(
    atonce: Program, meetup: Path
) -> None:
    done = atonce.run("ask", meetup, "Who wrote Hamlet?", "--model", "local", "--json", timeout=300)

    assert done.code == 0, done.err
    assert done.json["turns"] == []
    assert "Shakespeare" in done.json["text"]


def test_only_allowed_tools_are_called(atonce: Program, meetup: Path) -> None:
    done = atonce.run(
        "ask",
        meetup,
        CODELAB,
        "--model",
        "local",
        "--allow",
        "get_exchange_rate",
        "--mode",
        "any",
        "--json",
        timeout=300,
    )

    names = {call["name"] for turn in done.json["turns"] for call in turn["calls"]}
    assert names == {"get_exchange_rate"}


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        ("local:/no/such/file.gguf", "/no/such/file.gguf"),
        ("nonsense/model", "nonsense/model"),
        ("gemini/", "gemini/"),
    ],
)
def test_a_model_that_is_none(atonce: Program, meetup: Path, spec: str, word: str) -> None:
    done = atonce.run("ask", meetup, "Hello", "--model", spec)

    assert done.code == 2
    assert word in done.err and "\nhint: " in done.err
