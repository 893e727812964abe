"""`atonce ask` with a Gemini model: what is sent, and what becomes of every kind of answer."""

import json
import signal
from pathlib import Path

import fake_gemini as fake
import pytest
from conftest import Finished, Program, WriteTools
from fake_gemini import Answer, FakeGemini

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

    def fail() -> None:
        "Always fails."
        raise LookupError("no such thing")
    """


@pytest.fixture
def file(tools: WriteTools) -> Path:
    return tools(TOOLS)


def ask(atonce: Program, file: Path, server: FakeGemini, *options: object) -> Finished:
    use(atonce, server)
    return atonce.run("ask", file, "go", "--model", "gemini/fake", *options)


def use(atonce: Program, server: FakeGemini) -> None:
    atonce.environment["GEMINI_API_KEY"] = fake.KEY
    atonce.environment["GOOGLE_GEMINI_BASE_URL"] = server.url


def outcomes(done: Finished) -> list[tuple[str, str]]:
    return [
        (call["name"], call["outcome"]) for turn in done.json["turns"] for call in turn["calls"]
    ]


def test_parallel_calls_run_together_and_are_answered_in_order(atonce: Program, file: Path) -> None:
    with FakeGemini(
        fake.parts(
            '{"functionCall": {"name": "meet", "args": {"name": "Ada"}},'
            ' "thoughtSignature": "YQ=="}',
            '{"functionCall": {"name": "meet", "args": {"name": "Bo"}}}',
        ),
        fake.says("They met."),
    ) as server:
        done = ask(atonce, file, server, "--json")

    assert server.problems == []
    assert done.code == 0, done.err
    assert done.json["text"] == "They met."
    assert done.json["finish"] == "answered"
    assert done.json["model"] == "fake-1"
    assert done.json["usage"]["total_tokens"] == 24
    assert outcomes(done) == [("meet", "returned"), ("meet", "returned")]
    assert fake.results_of(server.asked[1]) == [
        {"name": "meet", "response": {"output": "met Ada"}},
        {"name": "meet", "response": {"output": "met Bo"}},
    ]


def test_steps_come_back_byte_for_byte_with_ids_and_unknown_parts(
    atonce: Program, file: Path
) -> None:
    with FakeGemini(
        fake.parts(
            '{"text": "Let me  see.", "thought": true}',
            '{"hologram": {"depth": 1.50, "id": 12345678901234567890}}',
            '{ "functionCall" : {"id": "fc_1", "name": "half", "args": {"x": 3.0}},'
            ' "thoughtSignature": "c2lnMQ=="}',
        ),
        fake.parts(
            '{"text": "And again: \\u00e5"}',
            '{"functionCall": {"id": "fc_2", "args": {"x": 1E1}, "name": "half"},'
            ' "thoughtSignature": "c2lnMg=="}',
        ),
        fake.says("Five."),
    ) as server:
        done = ask(atonce, file, server, "--json")

    assert server.problems == []
    assert done.code == 0, done.err
    assert fake.results_of(server.asked[1]) == [
        {"id": "fc_1", "name": "half", "response": {"output": 1.5}}
    ]
    assert fake.results_of(server.asked[2]) == [
        {"id": "fc_2", "name": "half", "response": {"output": 5.0}}
    ]
    assert [len(turn["calls"]) for turn in done.json["turns"]] == [1, 1]


def test_mode_any_is_auto_after_the_first_round(atonce: Program, file: Path) -> None:
    with FakeGemini(
        fake.parts('{"functionCall": {"name": "half", "args": {"x": 2}}}'), fake.says("One.")
    ) as server:
        done = ask(atonce, file, server, "--mode", "any", "--allow", "half")

    assert server.problems == []
    assert done.code == 0 and done.out == "One.\n", done.err
    first = server.asked[0].body["toolConfig"]["functionCallingConfig"]
    assert first == {"mode": "ANY", "allowedFunctionNames": ["half"]}
    assert fake.mode_of(server.asked[1]) == "AUTO"


@pytest.mark.parametrize("mode", ["auto", "none", "validated"])
def test_other_modes_and_settings_are_sent_as_they_are(
    atonce: Program, file: Path, mode: str
) -> None:
    options = ("--mode", mode, "--system", "Be brief.", "--temperature", "0.5")
    with FakeGemini(fake.says("ok")) as server:
        done = ask(atonce, file, server, *options)

    assert server.problems == []
    assert done.code == 0, done.err
    assert fake.mode_of(server.asked[0]) == mode.upper()
    assert server.asked[0].body["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    assert server.asked[0].body["generationConfig"] == {"temperature": 0.5}


def test_the_meetups_declarations_are_ones_that_gemini_takes(atonce: Program, meetup: Path) -> None:
    with FakeGemini(fake.says("ok")) as server:
        done = ask(atonce, meetup, server)

    assert server.problems == []
    assert done.code == 0, done.err
    declared = server.asked[0].body["tools"][0]["functionDeclarations"]
    assert "get_exchange_rate" in [each["name"] for each in declared]


def test_every_outcome_is_answered_and_the_model_goes_on(atonce: Program, file: Path) -> None:
    with FakeGemini(
        fake.parts(
            '{"functionCall": {"name": "fail"}, "thoughtSignature": "YQ=="}',
            '{"functionCall": {"name": "launch_rocket", "args": {}}}',
            '{"functionCall": {"name": "half", "args": {"x": "many"}}}',
            '{"functionCall": {"name": "half", "args": {"x": 8}}}',
        ),
        fake.says("Some of it worked."),
    ) as server:
        done = ask(atonce, file, server, "--json")

    assert server.problems == []
    assert done.code == 0, done.err
    assert outcomes(done) == [
        ("fail", "raised"),
        ("launch_rocket", "invalid"),
        ("half", "invalid"),
        ("half", "returned"),
    ]
    raised, unknown, wrong, fine = [
        result["response"] for result in fake.results_of(server.asked[1])
    ]
    assert raised == {"error": "LookupError: no such thing"}
    assert "launch_rocket" in unknown["error"] and "half" in unknown["error"]
    assert "x" in wrong["error"] and "many" in wrong["error"]
    assert fine == {"output": 4.0}


def test_a_503_is_tried_again_after_the_servers_delay(atonce: Program, file: Path) -> None:
    with FakeGemini(fake.overloaded(), fake.overloaded(), fake.says("At last.")) as server:
        done = ask(atonce, file, server)

    assert server.problems == []
    assert done.code == 0 and done.out == "At last.\n", done.err
    assert len(server.asked) == 3


def test_a_malformed_call_is_asked_for_again(atonce: Program, file: Path) -> None:
    with FakeGemini(
        fake.malformed(),
        fake.parts('{"functionCall": {"name": "half", "args": {"x": 2}}}'),
        fake.says("One."),
    ) as server:
        done = ask(atonce, file, server)

    assert server.problems == []
    assert done.code == 0 and done.out == "One.\n", done.err


def test_an_unexpected_call_is_never_run(atonce: Program, file: Path) -> None:
    with FakeGemini(
        fake.parts(
            '{"functionCall": {"name": "half", "args": {"x": 2}}}',
            finish="UNEXPECTED_TOOL_CALL",
            message="Unexpected tool call",
        ),
        fake.says("Sorry."),
    ) as server:
        done = ask(atonce, file, server, "--mode", "none", "--json")

    assert server.problems == []
    assert ("half", "returned") not in outcomes(done)


def test_the_last_turns_calls_are_not_run(atonce: Program, file: Path) -> None:
    call = '{"functionCall": {"name": "half", "args": {"x": 2}}}'
    with FakeGemini(fake.parts(call), fake.parts(call)) as server:
        done = ask(atonce, file, server, "--max-turns", "2", "--json")

    assert server.problems == []
    assert done.code == 1
    assert done.json["finish"] == "call_limit"
    assert ("half", "returned") in outcomes(done)
    assert outcomes(done).count(("half", "returned")) == 1


def test_a_blocked_prompt_says_so(atonce: Program, file: Path) -> None:
    body = '{"promptFeedback": {"blockReason": "SAFETY"}}'
    with FakeGemini(Answer(body)) as server:
        done = ask(atonce, file, server, "--json")

    assert done.code == 1
    assert done.json["finish"] == "blocked"
    assert "SAFETY" in done.err


@pytest.mark.parametrize(
    ("answer", "message", "hint"),
    [
        (
            fake.error(404, "NOT_FOUND", "models/fake is not found for API version v1beta."),
            "Gemini answered 404 NOT_FOUND: models/fake is not found for API version v1beta.",
            "check the model's name `fake`",
        ),
        (fake.page(404), "the server answered 404 with a web page", "GOOGLE_GEMINI_BASE_URL"),
        (fake.page(200), "the server answered with a web page", "GOOGLE_GEMINI_BASE_URL"),
        (Answer('{"candidates"', lost_bytes=87), "after 13 of 100 bytes of the body", ""),
    ],
    ids=["no such model", "page under 404", "page under 200", "closes in mid-body"],
)
def test_a_bad_answer_is_one_clear_line(
    atonce: Program, file: Path, answer: Answer, message: str, hint: str
) -> None:
    with FakeGemini(answer) as server:
        done = ask(atonce, file, server)

    assert done.code == 1
    assert done.out == ""
    errors = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and message in errors[0]
    assert hint in done.err
    assert len(server.asked) == 1


def test_a_wrong_key_is_said_without_showing_it(atonce: Program, file: Path) -> None:
    with FakeGemini() as server:
        use(atonce, server)
        atonce.environment["GEMINI_API_KEY"] = "AIzaWrongKey"
        done = atonce.run("ask", file, "go", "--model", "gemini/fake")

    assert done.code == 1
    assert "API key not valid" in done.err
    assert "https://aistudio.google.com/apikey" in done.err
    assert "AIzaWrongKey" not in done.out + done.err


def test_no_key_at_all_says_where_to_get_one(atonce: Program, file: Path) -> None:
    done = atonce.run("ask", file, "go", "--model", "gemini/fake")

    assert done.code != 0
    assert "GEMINI_API_KEY" in done.err and "https://aistudio.google.com/apikey" in done.err


def test_a_server_that_takes_for_ever_can_be_interrupted(atonce: Program, file: Path) -> None:
    with FakeGemini(Answer(is_silent=True)) as server:
        use(atonce, server)
        child = atonce.start("ask", file, "go", "--model", "gemini/fake", "--json")
        assert server.has_asked.acquire(timeout=60)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)

    assert child.returncode != 0
    assert json.loads(out)["finish"] == "cancelled", err


@pytest.mark.parametrize("how", ["--no-stream", "--stream"])
def test_an_answer_that_stopped_half_way_is_asked_on(atonce: Program, file: Path, how: str) -> None:
    call = '{"functionCall": {"name": "half", "args": {"x": 3}}, "thoughtSignature": "YQ=="}'
    text = '{"text": "Let me see. "}'
    if how == "--stream":
        pieces = [
            fake.stream([text], token="dG9r"),
            fake.stream([call], token="bW9y"),
            fake.stream(['{"text": "Now."}']),
        ]
    else:
        pieces = [
            fake.stops_half_way("dG9r", text),
            fake.stops_half_way("bW9y", call),
            fake.parts('{"text": "Now."}'),
        ]
    with FakeGemini(*pieces, fake.says("1.5")) as server:
        done = ask(atonce, file, server, "--json", how)

    assert server.problems == []
    assert done.code == 0, done.err
    assert done.json["text"] == "1.5"
    assert outcomes(done) == [("half", "returned")]
    tokens = [asked.body.get("continuationToken") for asked in server.asked]
    assert tokens == [None, "dG9r", "bW9y", None]


def test_an_answer_that_never_ends_is_given_up(atonce: Program, file: Path) -> None:
    pieces = [fake.stops_half_way("dG9r", '{"text": "and "}') for _ in range(9)]
    with FakeGemini(*pieces) as server:
        done = ask(atonce, file, server, "--json")

    assert server.problems == []
    assert done.code == 1
    assert done.json["finish"] == "length"
    assert done.json["text"] == "and " * 9
    assert "asked on 8 times" in done.err


def test_the_providers_own_tools_go_beside_the_functions(atonce: Program, file: Path) -> None:
    tools = "search,code-execution,url-context"
    with FakeGemini(fake.says("hello")) as server:
        done = ask(atonce, file, server, "--provider-tool", tools)

    assert server.problems == []
    assert done.out == "hello\n", done.err
    for tool in ("googleSearch", "codeExecution", "urlContext"):
        assert {tool: {}} in server.asked[0].body["tools"]


def test_tokens_are_counted_and_nothing_is_asked(atonce: Program, file: Path) -> None:
    with FakeGemini() as server:
        done = ask(atonce, file, server, "--count-tokens", "--json")

    assert server.problems == []
    assert done.code == 0, done.err
    # go; Waits until two calls are here. Half of a number. Always fails.
    assert done.json == {"input_tokens": 1 + 6 + 4 + 2}
    assert [asked.path for asked in server.asked] == ["/v1beta/models/fake:countTokens"]


def test_the_quota_of_a_day_is_not_waited_for(atonce: Program, file: Path) -> None:
    violation = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}
    said = fake.error(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota.",
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.01s"},
    )
    with FakeGemini(said, fake.says("never")) as server:
        done = ask(atonce, file, server)

    assert done.code == 1
    assert "another model or key" in done.err
    assert len(server.asked) == 1
