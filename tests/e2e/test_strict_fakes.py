"""The fakes refuse what the real servers refuse: else nothing that they let pass would prove a
thing."""

import copy
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import fake_gemini
import fake_interactions
import fake_openai
import fake_responses
import pytest
from fake_gemini import FakeGemini
from fake_interactions import FakeInteractions
from fake_openai import FakeOpenAi
from fake_responses import FakeResponses
from scripted_server import Answer, ScriptedServer

Change = Callable[[Any], object]


class Reply(NamedTuple):
    status: int
    body: Any


def written(value: Any) -> str:
    """JSON with the fakes' unusual blanks, so that what they said comes back byte for byte."""
    return json.dumps(value, separators=(", ", ":  "))


def post(server: ScriptedServer, path: str, headers: dict[str, str], body: Any) -> Reply:
    request = urllib.request.Request(
        server.url + path,
        written(body).encode(),
        {"Content-Type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Reply(answer.status, json.load(answer))
    except urllib.error.HTTPError as refused:
        with refused:
            return Reply(refused.code, json.load(refused))


def set_at(*path: Any, to: Any) -> Change:
    """Puts a value somewhere into a request."""

    def change(body: Any) -> None:
        for step in path[:-1]:
            body = body[step]
        body[path[-1]] = to

    return change


def drop(*path: Any) -> Change:
    def change(body: Any) -> None:
        for step in path[:-1]:
            body = body[step]
        del body[path[-1]]

    return change


def swap(*path: Any, one: int, other: int) -> Change:
    def change(body: Any) -> None:
        for step in path:
            body = body[step]
        body[one], body[other] = body[other], body[one]

    return change


def check(
    make: Callable[..., ScriptedServer],
    path: str,
    headers: dict[str, str],
    answer: Answer,
    bodies: tuple[Any, Any],
    change: Change | None,
) -> Reply:
    """Asks a first question, then answers the calls of `answer` as `change` makes of it."""
    first, second = copy.deepcopy(bodies)
    with make(answer, answer) as server:
        assert post(server, path, headers, first).status == 200
        if change is not None:
            change(second)
        reply = post(server, path, headers, second)
        assert bool(server.problems) == (reply.status != 200)
    return reply


CHAT_CALLS = fake_openai.answers(
    fake_openai.call("a", "f", {"x": 1}), fake_openai.call("b", "f", {"x": 1})
)
CHAT_FIRST = {
    "model": "m",
    "messages": [{"role": "user", "content": "go"}],
    "tools": [{"type": "function", "function": {"name": "f"}}],
}
CHAT_SECOND = CHAT_FIRST | {
    "messages": [
        {"role": "user", "content": "go"},
        "the model's message",
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
    ]
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (None, ""),
        (set_at("top", to=1), "Unknown parameter: 'top'."),
        (set_at("model", to=1), "Invalid type for 'model'"),
        (set_at("messages", to=[]), "[] is too short"),
        (set_at("messages", 2, "name", to="f"), "Unknown parameter: 'messages[2].name'."),
        (set_at("messages", 2, "content", to={}), "Invalid type for 'messages[2].content'"),
        (set_at("messages", 2, "content", to=""), "content is empty"),
        (drop("messages", 3), "did not have response messages: b"),
        (drop("messages", 1), "must be a response"),
        (set_at("messages", 3, "tool_call_id", to="c"), "must be a response"),
        (set_at("messages", 0, "role", to="human"), "Invalid value: 'human'"),
        (set_at("messages", 1, "tool_calls", 0, "id", to=""), "not all different"),
        (set_at("messages", 1, "tool_calls", 1, "id", to="a"), "not all different"),
        (set_at("messages", 1, "tool_calls", 0, "function", "name", to="a b"), "pattern"),
        (set_at("messages", 1, "tool_calls", 0, "function", "arguments", to={}), "Invalid type"),
        (set_at("messages", 1, "content", to="changed"), "did not come back"),
        (set_at("tools", to=[]), "too short"),
        (drop("tools", 0, "function", "name"), "wrong form"),
        (set_at("tool_choice", to="any"), "Invalid value: 'any'"),
    ],
)
def test_chat_completions(change: Change | None, says: str) -> None:
    message = json.loads(CHAT_CALLS.body)["choices"][0]["message"]
    second = copy.deepcopy(CHAT_SECOND)
    second["messages"][1] = message  # type: ignore[index]
    headers = {"Authorization": f"Bearer {fake_openai.KEY}"}

    path = "/v1/chat/completions"
    reply = check(FakeOpenAi, path, headers, CHAT_CALLS, (CHAT_FIRST, second), change)

    expect(reply, change, says)


def expect(reply: Reply, change: Change | None, says: str) -> None:
    assert reply.status == (200 if change is None else 400), reply
    if change is not None:
        assert says in reply.body["error"]["message"]


RESPONSES_ITEMS = (
    fake_responses.reasoning(),
    fake_responses.call("a", "f", {"x": 1}),
    fake_responses.call("b", "f", {"x": 1}),
)
RESPONSES_FIRST = {"model": "m", "input": [{"role": "user", "content": "go"}], "store": False}
RESPONSES_SECOND = RESPONSES_FIRST | {
    "input": [
        {"role": "user", "content": "go"},
        *RESPONSES_ITEMS,
        {"type": "function_call_output", "call_id": "a", "output": "1"},
        {"type": "function_call_output", "call_id": "b", "output": "2"},
    ]
}
RESPONSES_KEPT = {
    "model": "m",
    "previous_response_id": "resp_1",
    "input": RESPONSES_SECOND["input"][4:],  # type: ignore[index]
}


@pytest.mark.parametrize(
    ("body", "change", "says"),
    [
        (RESPONSES_SECOND, None, ""),
        (RESPONSES_KEPT, None, ""),
        (RESPONSES_SECOND, set_at("messages", to=[]), "Unknown parameter: 'messages'."),
        (RESPONSES_SECOND, set_at("store", to="no"), "Invalid type for 'store'"),
        (RESPONSES_SECOND, set_at("max_output_tokens", to=True), "Invalid type"),
        (RESPONSES_SECOND, set_at("input", to=[]), "Missing required parameter: 'input'"),
        (RESPONSES_SECOND, set_at("input", 4, "name", to="f"), "Unknown parameter"),
        (
            RESPONSES_SECOND,
            set_at("input", 4, "output", to=1),
            "Invalid type for 'input[4].output'",
        ),
        (RESPONSES_SECOND, set_at("input", 4, "output", to=""), "empty"),
        (RESPONSES_SECOND, drop("input", 4, "output"), "Missing required parameter"),
        (RESPONSES_SECOND, drop("input", 5), "No tool output found for function call b."),
        (RESPONSES_SECOND, drop("input", 2), "No tool call found for function call output"),
        (RESPONSES_SECOND, set_at("input", 2, "call_id", to="b"), "Duplicate item"),
        (RESPONSES_SECOND, set_at("input", 2, "name", to="a b"), "does not match pattern"),
        (RESPONSES_SECOND, set_at("input", 2, "arguments", to={}), "Invalid type"),
        (RESPONSES_SECOND, set_at("input", 2, "arguments", to="{}"), "did not come back"),
        (RESPONSES_SECOND, drop("input", 1), "did not come back"),
        (RESPONSES_SECOND, set_at("input", 0, "type", to="question"), "Invalid value: 'question'"),
        (RESPONSES_SECOND, set_at("input", 0, "content", to=""), "empty"),
        (RESPONSES_SECOND, swap("input", one=1, other=4), "No tool call found"),
        (RESPONSES_SECOND, swap("input", one=0, other=1), "without its required following item"),
        (RESPONSES_SECOND, swap("input", one=0, other=4), "No tool call found"),
        (RESPONSES_SECOND, set_at("tools", to=[{"type": "function"}]), "'tools[0].name'"),
        (RESPONSES_SECOND, set_at("tool_choice", to="any"), "Invalid value: 'any'"),
        (RESPONSES_SECOND, set_at("tool_choice", to="auto"), "only allowed when 'tools'"),
        (RESPONSES_KEPT, set_at("previous_response_id", to="resp_9"), "not found"),
        (RESPONSES_KEPT, drop("input", 0), "No tool output found for function call a."),
        (RESPONSES_KEPT, drop("previous_response_id"), "No tool call found"),
    ],
)
def test_responses(body: Any, change: Change | None, says: str) -> None:
    headers = {"Authorization": f"Bearer {fake_responses.KEY}"}
    answer = fake_responses.answers(*RESPONSES_ITEMS)

    reply = check(FakeResponses, "/v1/responses", headers, answer, (RESPONSES_FIRST, body), change)

    expect(reply, change, says)


STEPS = (
    fake_interactions.thought(),
    fake_interactions.call("a", "f", {"x": 1}),
    fake_interactions.call("b", "f", {"x": 1}),
)
ASKED = {"type": "user_input", "content": [{"type": "text", "text": "go"}]}
INTERACTIONS_FIRST = {"model": "m", "input": [ASKED], "store": False}
INTERACTIONS_SECOND = INTERACTIONS_FIRST | {
    "input": [
        ASKED,
        *STEPS,
        *(
            {"type": "function_result", "call_id": id_, "name": "f", "result": {"y": 1}}
            for id_ in "ab"
        ),
    ]
}
INTERACTIONS_KEPT = {
    "model": "m",
    "previous_interaction_id": "v1_1",
    "input": INTERACTIONS_SECOND["input"][4:],  # type: ignore[index]
}


@pytest.mark.parametrize(
    ("body", "change", "says"),
    [
        (INTERACTIONS_SECOND, None, ""),
        (INTERACTIONS_KEPT, None, ""),
        (INTERACTIONS_SECOND, set_at("contents", to=[]), 'Unknown name "contents"'),
        (INTERACTIONS_SECOND, set_at("store", to=1), "Invalid type for 'store'"),
        (INTERACTIONS_SECOND, set_at("input", to=[]), "input is not specified"),
        (INTERACTIONS_SECOND, set_at("input", 4, "output", to=1), 'Unknown name "output"'),
        (INTERACTIONS_SECOND, set_at("input", 4, "result", to=1), "Invalid type"),
        (INTERACTIONS_SECOND, set_at("input", 4, "result", to=""), "result is empty"),
        (INTERACTIONS_SECOND, drop("input", 4, "name"), "name is not specified"),
        (INTERACTIONS_SECOND, set_at("input", 4, "name", to="g"), "does not answer"),
        (INTERACTIONS_SECOND, drop("input", 5), "number of function response parts is equal"),
        (INTERACTIONS_SECOND, drop("input", 2), "does not answer"),
        (INTERACTIONS_SECOND, swap("input", one=4, other=5), "does not answer"),
        (INTERACTIONS_SECOND, swap("input", one=0, other=5), "immediately after"),
        (INTERACTIONS_SECOND, swap("input", one=0, other=3), "immediately after"),
        (INTERACTIONS_SECOND, set_at("input", 2, "arguments", to="{}"), "Invalid type"),
        (INTERACTIONS_SECOND, set_at("input", 1, "signature", to="eA=="), "did not come back"),
        (INTERACTIONS_SECOND, drop("input", 1), "did not come back"),
        (INTERACTIONS_SECOND, set_at("input", 0, "content", to=[]), "content must not be empty"),
        (INTERACTIONS_SECOND, set_at("input", 0, "type", to="question"), "Invalid value"),
        (
            INTERACTIONS_SECOND,
            set_at("tools", to=[{"name": "f", "parameters": {"required": []}}]),
            "required must not be empty",
        ),
        (INTERACTIONS_SECOND, set_at("generation_config", to={"tool_choice": "auto"}), "without"),
        (INTERACTIONS_SECOND, set_at("generation_config", to={"tool_choice": "x"}), "Invalid"),
        (INTERACTIONS_KEPT, set_at("previous_interaction_id", to="v1_9"), "not found"),
        (INTERACTIONS_KEPT, drop("input", 1), "number of function response parts is equal"),
        (INTERACTIONS_KEPT, drop("previous_interaction_id"), "immediately after"),
    ],
)
def test_interactions(body: Any, change: Change | None, says: str) -> None:
    headers = {"x-goog-api-key": fake_interactions.KEY}
    answer = fake_interactions.answers(*STEPS)

    path = "/v1beta/interactions"
    reply = check(FakeInteractions, path, headers, answer, (INTERACTIONS_FIRST, body), change)

    expect(reply, change, says)


SIGNED = {"functionCall": {"id": "a", "name": "f", "args": {}}, "thoughtSignature": "c2ln"}
GEMINI_FIRST = {"contents": [{"role": "user", "parts": [{"text": "go"}]}]}
GEMINI_SECOND = {
    "contents": [
        {"role": "user", "parts": [{"text": "go"}]},
        {"role": "model", "parts": [SIGNED]},
        {
            "role": "user",
            "parts": [{"functionResponse": {"id": "a", "name": "f", "response": {"output": 1}}}],
        },
    ]
}
RESULT = ("contents", 2, "parts", 0, "functionResponse")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (None, ""),
        (set_at("messages", to=[]), 'Unknown name "messages"'),
        (set_at("contents", 2, "parts", to=[]), "must not be empty"),
        (drop("contents", 2), "last content is not the user's"),
        (drop("contents", 1), "immediately after a function call turn"),
        (drop("contents", 1, "parts", 0, "thoughtSignature"), "missing a thought_signature"),
        (set_at(*RESULT, "id", to="b"), "does not answer"),
        (set_at(*RESULT, "name", to="g"), "does not answer"),
        (set_at(*RESULT, "response", to=1), "neither an output nor an error"),
        (set_at(*RESULT, "status", to=1), 'Unknown name "status"'),
        (
            lambda body: body["contents"][2]["parts"].append(body["contents"][2]["parts"][0]),
            "number of function response parts is equal",
        ),
        (set_at("contents", 1, "parts", 0, "functionCall", "args", to={"x": 1}), "did not come"),
    ],
)
def test_gemini(change: Change | None, says: str) -> None:
    headers = {"x-goog-api-key": fake_gemini.KEY}
    content = {"role": "model", "parts": [SIGNED]}
    answer = replace(fake_gemini.parts(json.dumps(SIGNED)), sent=(written(content),))

    path = "/v1beta/models/fake:generateContent"
    reply = check(FakeGemini, path, headers, answer, (GEMINI_FIRST, GEMINI_SECOND), change)

    expect(reply, change, says)
