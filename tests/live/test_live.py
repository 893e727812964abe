"""The real APIs, for whichever keys are set: `make test-live` asks them a few short questions.

Which models is said by ATONCE_LIVE_GEMINI_MODEL and ATONCE_LIVE_OPENAI_MODEL.
"""

import os
from pathlib import Path

import pytest
from conftest import Finished, Program, WriteTools

GEMINI = os.environ.get("ATONCE_LIVE_GEMINI_MODEL", "gemini-flash-latest")
OPENAI = os.environ.get("ATONCE_LIVE_OPENAI_MODEL", "gpt-4.1-mini")
KEYS = {
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "gemini-interactions": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "openai": ("OPENAI_API_KEY",),
    "openai-responses": ("OPENAI_API_KEY",),
}
MODELS = {
    "gemini": f"gemini/{GEMINI}",
    "gemini-interactions": f"gemini-interactions/{GEMINI}",
    "openai": f"openai/{OPENAI}",
    "openai-responses": f"openai-responses/{OPENAI}",
}
# Codes that no model can guess: who knows them has called the function.
CODES = {"Ada": "7319", "Grace": "2846"}
TOOLS = f"""
    CODES = {CODES}

    def get_code(person: str) -> str:
        "The access code of one person, as four digits."
        return CODES[person]

    def get_first(names: list[str], limit: int = 1) -> list[str]:
        "The first few of some names, in alphabetical order."
        return sorted(names)[:limit]
    """
QUESTION = "What are the access codes of Ada and of Grace? Look both up at once; answer with both."
STREAMS = pytest.mark.parametrize("option", ["--stream", "--no-stream"])


def use(atonce: Program, provider: str) -> None:
    """Gives the program the provider's key; skips the test where there is none."""
    if os.environ.get("ATONCE_LIVE") != "1":
        pytest.skip("asks the real APIs only in `make test-live`")
    keys = {name: os.environ[name] for name in KEYS[provider] if os.environ.get(name)}
    if not keys:
        pytest.skip(f"no key: {' or '.join(KEYS[provider])} is not set")
    addresses = {"GOOGLE_GEMINI_BASE_URL", "OPENAI_BASE_URL"}  # which other tests must not see
    atonce.environment |= keys | {name: os.environ[name] for name in addresses & os.environ.keys()}


def ask(atonce: Program, file: Path, provider: str, question: str, *options: object) -> Finished:
    use(atonce, provider)
    done = atonce.run(
        "ask", file, question, "--model", MODELS[provider], "--json", *options, timeout=300
    )
    assert done.code == 0, done.err
    assert done.json["finish"] == "answered"
    return done


@pytest.mark.parametrize("provider", KEYS)
@STREAMS
def test_parallel_calls(atonce: Program, tools: WriteTools, provider: str, option: str) -> None:
    done = ask(atonce, tools(TOOLS), provider, QUESTION, option)

    turns = [[call["args"] for call in turn["calls"]] for turn in done.json["turns"]]
    assert {"person": "Ada"} in turns[0] and {"person": "Grace"} in turns[0], turns
    assert all(code in done.json["text"] for code in CODES.values()), done.json["text"]
    assert done.json["usage"]["total_tokens"] > 0


@pytest.mark.parametrize("provider", KEYS)
def test_calls_that_need_the_results_of_others(
    atonce: Program, tools: WriteTools, provider: str
) -> None:
    question = (
        "Use the functions: find the first of the names Grace and Ada, then look up that person's "
        "access code, and answer with the code."
    )

    done = ask(atonce, tools(TOOLS), provider, question)

    assert len(done.json["turns"]) >= 2
    assert CODES["Ada"] in done.json["text"]


@pytest.mark.parametrize("provider", KEYS)
def test_a_conversation_goes_on(
    atonce: Program, tools: WriteTools, tmp_path: Path, provider: str
) -> None:
    transcript = ("--transcript", tmp_path / "transcript.jsonl")
    file = tools(TOOLS)
    ask(atonce, file, provider, QUESTION, *transcript)

    done = ask(
        atonce, file, provider, "Say Ada's code again, without calling anything.", *transcript
    )

    assert CODES["Ada"] in done.json["text"]


@pytest.mark.parametrize("provider", ["openai", "openai-responses"])
def test_strict_declarations_are_taken(atonce: Program, tools: WriteTools, provider: str) -> None:
    done = ask(atonce, tools(TOOLS), provider, QUESTION, "--strict")

    assert all(code in done.json["text"] for code in CODES.values())


@pytest.mark.parametrize("provider", ["gemini", "openai"])
def test_the_models_are_listed(atonce: Program, provider: str) -> None:
    use(atonce, provider)

    done = atonce.run("models", provider, "--json")

    assert done.code == 0, done.err
    assert all(model["spec"].startswith(f"{provider}/") for model in done.json)
    assert len(done.json) > 1


def test_tokens_are_counted(atonce: Program, tools: WriteTools) -> None:
    use(atonce, "gemini")

    done = atonce.run(
        "ask", tools(TOOLS), QUESTION, "--model", MODELS["gemini"], "--count-tokens", "--no-stream"
    )

    assert done.code == 0, done.err
    assert int(done.out.split()[0]) > 0
