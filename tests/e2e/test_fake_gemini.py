"""The fake Gemini refuses what the real one refuses: else what it lets pass would prove nothing."""

import json
import urllib.error
import urllib.request
from typing import Any

import fake_gemini as fake
import pytest
from fake_gemini import FakeGemini

GOOD: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "go"}]}]}
CALL = '{"functionCall": {"name": "f", "args": {"x": 3.0}}, "thoughtSignature": "YQ=="}'
ECHO = '{"role":"model", "parts":[' + CALL + "]}"
RESULT = '{"functionResponse": {"name": "f", "response": {"output": 1}}}'


def history(echo: str = ECHO, *results: str) -> str:
    """A request after one call, with this echo of it and these results."""
    answer = '{"role": "user", "parts": [' + ", ".join(results or (RESULT,)) + "]}"
    return '{"contents": [' + ", ".join([json.dumps(GOOD["contents"][0]), echo, answer]) + "]}"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (history(), ""),
        (history(ECHO.replace("3.0", "3")), "as it was sent"),
        (history(ECHO.replace(', "thoughtSignature": "YQ=="', "")), "thought_signature"),
        (history(ECHO, RESULT, RESULT), "number of function response parts"),
        (history(ECHO, RESULT.replace('"f"', '"g"')), "does not answer"),
        (history(ECHO, RESULT.replace('"name"', '"id": "1", "name"')), "does not answer"),
        (history(ECHO, RESULT, '{"text": "also"}'), "other parts"),
        (history(ECHO, '{"text": "no result"}'), "followed directly"),
        (json.dumps(GOOD), "as it was sent"),
        (json.dumps({**GOOD, "tool_config": {}}), 'Unknown name "tool_config"'),
        (json.dumps({**GOOD, "tools": [{"functionDeclarations": [{"name": "f"}]}]}), "description"),
        (json.dumps({**GOOD, "continuationToken": "dG9r"}), "continuation_token"),
    ],
)
def test_the_fake_server_itself_is_strict(body: str, problem: str) -> None:
    with FakeGemini(fake.parts(CALL), fake.says("ok")) as server:
        post(server, json.dumps(GOOD))
        status = post(server, body)

    assert status == (400 if problem else 200)
    assert problem in "".join(server.problems) and bool(problem) == bool(server.problems)


FUNCTION = {"functionDeclarations": [{"name": "f", "description": "F."}]}
AUTO = {"functionCallingConfig": {"mode": "AUTO"}}
MIXED = {**AUTO, "includeServerSideToolInvocations": True}
STREAMED = {"functionCallingConfig": {"mode": "AUTO", "streamFunctionCallArguments": True}}
BOTH = [FUNCTION, {"googleSearch": {}}]
PICTURE = {"inlineData": {"mimeType": "image/png", "data": "YQ=="}}
DEVELOPER = "/v1beta/models/fake"
VERTEX = f"/v1/projects/{fake.PROJECT}/locations/global/publishers/google/models/fake"
EXPRESS = "/v1/publishers/google/models/fake"


def with_part(part: object) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [part]}]}


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        (f"{DEVELOPER}:generateContent", {"tools": BOTH, "toolConfig": MIXED}, ""),
        (f"{DEVELOPER}:generateContent", {"tools": BOTH, "toolConfig": AUTO}, "Please enable"),
        (f"{DEVELOPER}:generateContent", {"tools": BOTH}, "Please enable"),
        (f"{DEVELOPER}:generateContent", {"tools": [{"googleSearch": {}}]}, ""),
        (f"{DEVELOPER}:generateContent", {"tools": [{"googleSearch": {"x": 1}}]}, 'name "x"'),
        (f"{DEVELOPER}:generateContent", {"tools": [{}]}, "exactly one"),
        (f"{DEVELOPER}:generateContent", {"tools": BOTH[1:], "toolConfig": AUTO}, "without"),
        (
            f"{DEVELOPER}:streamGenerateContent?alt=sse",
            {"tools": [FUNCTION], "toolConfig": STREAMED},
            'Unknown name "streamFunctionCallArguments"',
        ),
        (f"{DEVELOPER}:generateContent", with_part(PICTURE), ""),
        (f"{DEVELOPER}:generateContent", with_part({"inlineData": {"data": "YQ=="}}), "mimeType"),
        (
            f"{DEVELOPER}:generateContent",
            with_part({"inlineData": {"mimeType": "image/png", "data": "?"}}),
            "Base64 decoding failed",
        ),
        (f"{DEVELOPER}:countTokens", {}, ""),
        (f"{DEVELOPER}:countTokens", {"tools": [FUNCTION]}, 'Unknown name "tools"'),
        (f"{DEVELOPER}:embedContent", {}, "no such method"),
        (f"{VERTEX}:generateContent", {"tools": BOTH, "toolConfig": AUTO}, ""),
        (
            f"{VERTEX}:generateContent",
            {"tools": BOTH, "toolConfig": MIXED},
            'Unknown name "includeServerSideToolInvocations"',
        ),
        (f"{VERTEX}:generateContent", {"tools": [FUNCTION], "toolConfig": STREAMED}, "streamed"),
        (
            f"{VERTEX}:streamGenerateContent?alt=sse",
            {"tools": [FUNCTION], "toolConfig": STREAMED},
            "",
        ),
        (f"{VERTEX}:countTokens", {"tools": [FUNCTION]}, ""),
        (f"{VERTEX}:countTokens", {"toolConfig": AUTO}, 'Unknown name "toolConfig"'),
        (f"{EXPRESS}:generateContent", {}, "a token needs a project"),
    ],
)
def test_the_fake_server_knows_what_each_address_takes(
    path: str, body: dict[str, Any], problem: str
) -> None:
    authorization = {"Authorization": f"Bearer {fake.TOKEN}"}
    with FakeGemini(fake.says("ok")) as server:
        status = post(server, json.dumps({**GOOD, **body}), path, authorization)

    assert status == (400 if problem else 200)
    assert problem in "".join(server.problems) and bool(problem) == bool(server.problems)


def test_the_fake_server_wants_the_same_request_with_the_token_that_it_gave() -> None:
    with FakeGemini(fake.stops_half_way("dG9r", '{"text": "a"}'), fake.says("b")) as server:
        statuses = [
            post(server, json.dumps(body))
            for body in (
                GOOD,
                GOOD,
                {**GOOD, "continuationToken": "eA=="},
                {**with_part({"text": "other"}), "continuationToken": "dG9r"},
                {**GOOD, "continuationToken": "dG9r"},
            )
        ]

    assert statuses == [200, 400, 400, 400, 200]


def test_the_fake_server_gives_one_model_or_says_that_there_is_none() -> None:
    with FakeGemini() as server:
        one, status = get(server, DEVELOPER)
        none = get(server, "/v1beta/models/nothing")[1]
        wrong_page = get(server, "/v1beta/models?pageToken=x")[1]

    assert (one["displayName"], status) == ("Fake", 200)
    assert (none, wrong_page) == (404, 404)


def get(server: FakeGemini, path: str) -> tuple[Any, int]:
    request = urllib.request.Request(server.url + path, headers={"x-goog-api-key": fake.KEY})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return json.load(answer), answer.status
    except urllib.error.HTTPError as refused:
        with refused:
            return json.load(refused), refused.code


def test_the_fake_server_refuses_a_credential_that_it_does_not_know() -> None:
    with FakeGemini(fake.says("ok")) as server:
        wrong = [
            post(server, json.dumps(GOOD), DEVELOPER + ":generateContent", headers)
            for headers in ({}, {"x-goog-api-key": "x"}, {"Authorization": "Bearer x"})
        ]

    assert wrong == [400, 400, 401]


def post(
    server: FakeGemini,
    body: str,
    path: str = DEVELOPER + ":generateContent",
    credential: dict[str, str] | None = None,
) -> int:
    if credential is None:
        credential = {"x-goog-api-key": fake.KEY}
    request = urllib.request.Request(
        server.url + path, body.encode(), {"Content-Type": "application/json", **credential}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
