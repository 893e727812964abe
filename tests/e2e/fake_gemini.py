"""A strict Gemini server on this machine: it plays a script and refuses what the real one refuses.

Each request for content takes the next answer of the script, if it keeps the rules of
gemini_rules.py: known fields only, calls directly followed by one result each, ids copied, and
every content of the model as it was sent, byte for byte. If it breaks one, the answer is a 400 in
Google's form and `problems` says why. Both the Developer API and Vertex AI are served, and both
list their models and count tokens without a script.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gemini_rules import (
    Route,
    check_echo,
    check_order,
    check_system,
    check_tools,
    count_words,
    find_route,
    known,
)
from scripted_server import Answer, Asked, RefusedError, ScriptedServer

__all__ = ["Answer", "Asked", "FakeGemini"]

KEY = "fake-key-for-tests"
TOKEN = "ya29.fake-token-for-tests"
PROJECT = "fake-project"

MODELS: list[dict[str, Any]] = [
    {
        "name": "models/fake",
        "version": "1",
        "displayName": "Fake",
        "inputTokenLimit": 1048576,
        "outputTokenLimit": 65536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    },
    {"name": "models/embed", "supportedGenerationMethods": ["embedContent"]},
    {"name": "models/another-fake", "supportedGenerationMethods": ["generateContent"]},
]
PUBLISHED = [
    {"name": f"publishers/google/models/{name}", "versionId": "default"}
    for name in ("gemini-fake", "imagen-fake", "gemini-embedding-fake")
]
PAGE_TOKEN = "next+/="  # has to be escaped


def parts(*parts: str, finish: str = "STOP", message: str = "", calls_it: str = "fake-1") -> Answer:
    """An answer of these parts, each JSON text that is sent as it is written here."""
    content = '{"role":"model", "parts":[' + ", ".join(parts) + "]}"
    more = f', "finishMessage": {json.dumps(message)}' if message else ""
    body = (
        f'{{"candidates": [{{"content": {content}, "finishReason": "{finish}"{more}}}],\n'
        f' "usageMetadata": {{"promptTokenCount": 10, "candidatesTokenCount": 2,'
        f' "totalTokenCount": 12}}, "modelVersion": "{calls_it}"}}'
    )
    return Answer(body, sent=(content,) if parts else (), parts=parts)


def stream(
    *chunks: list[str], gates: tuple[Callable[[], object], ...] = (), token: str = ""
) -> Answer:
    """An answer in pieces: each chunk is a list of parts, and the last one says STOP, or with a
    token that the answer is to be asked on."""
    finish = '"STOP"'
    if token:
        finish = f'"CONTINUATION", "continuationToken": "{token}"'
    texts = []
    for at, chunk in enumerate(chunks):
        content = '{"role":"model","parts":[' + ",".join(chunk) + "]}"
        end = f', "finishReason": {finish}' if at == len(chunks) - 1 else ""
        texts.append(f'{{"candidates": [{{"content": {content}{end}}}], "modelVersion": "fake-1"}}')
    parts = tuple(part for chunk in chunks for part in chunk)
    return Answer(
        sent=parts, parts=parts, chunks=tuple(texts), gates=gates, content_type="text/event-stream"
    )


def stops_half_way(token: str, *said: str) -> Answer:
    """An answer that has to be asked on with this token."""
    answer = parts(*said, finish="CONTINUATION")
    body = json.loads(answer.body)
    body["candidates"][0]["continuationToken"] = token
    return replace(answer, body=json.dumps(body), sent=answer.parts)


def says(text: str) -> Answer:
    return parts(json.dumps({"text": text}))


def error(status: int, word: str, message: str, *details: Any) -> Answer:
    told = {"code": status, "message": message, "status": word, "details": details}
    return Answer(json.dumps({"error": told}, indent=2), status)


def overloaded() -> Answer:
    """503 that asks for the shortest of waits."""
    wait = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.01s"}
    return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.", wait)


def malformed() -> Answer:
    body = '{"candidates": [{"content": {}, "finishReason": "MALFORMED_FUNCTION_CALL"}]}'
    return Answer(body)


def page(status: int) -> Answer:
    return Answer("<!DOCTYPE html><html>not here</html>", status, content_type="text/html")


def mode_of(asked: Asked) -> str | None:
    config = asked.body.get("toolConfig", {}).get("functionCallingConfig", {})
    mode: str | None = config.get("mode")
    return mode


def results_of(asked: Asked) -> list[Any]:
    """The function responses of the last content."""
    parts = asked.body["contents"][-1]["parts"]
    return [part["functionResponse"] for part in parts if "functionResponse" in part]


def token_of(answer: Answer) -> str | None:
    """What the answer has to be asked on with, if it stopped half way."""
    said = json.loads(answer.chunks[-1] if answer.chunks else answer.body)
    token: str | None = said["candidates"][0].get("continuationToken")
    return token


class FakeGemini(ScriptedServer):
    def __init__(self, *answers: Answer) -> None:
        super().__init__(*answers)
        self._newest: dict[str, Any] = {}  # request for content
        self._goes_on = False  # whether it was for the rest of an answer
        self._sent_before = 0  # how many answers had been sent by then

    def turn_away(self, headers: dict[str, str]) -> Answer | None:
        if "authorization" in headers:
            if headers["authorization"] == f"Bearer {TOKEN}":
                return None
            message = "Request had invalid authentication credentials."
            return error(401, "UNAUTHENTICATED", message)
        if headers.get("x-goog-api-key") == KEY:
            return None
        reason = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
        }
        message = "API key not valid. Please pass a valid API key."
        return error(400, "INVALID_ARGUMENT", message, reason)

    def refuse(self, message: str) -> Answer:
        return error(400, "INVALID_ARGUMENT", message)

    def check(self, asked: Asked) -> None:
        if asked.method == "GET":
            return
        if not asked.headers.get("content-type", "").startswith("application/json"):
            raise RefusedError("the content type is not JSON")
        route = find_route(asked.path)
        if route.is_vertex and route.has_project != ("authorization" in asked.headers):
            raise RefusedError("a token needs a project in the path, a key of express mode none")
        if route.method == "countTokens":
            self._check_count(asked.body, route)
        else:
            self._check_content(asked, route)

    def own_answer(self, asked: Asked) -> Answer | None:
        if asked.method == "GET":
            return self._list(asked)
        if asked.path.endswith(":countTokens"):
            body = asked.body.get("generateContentRequest", asked.body)
            return Answer(json.dumps({"totalTokens": count_words(body)}))
        return None

    def _list(self, asked: Asked) -> Answer:
        """All models but the last one, and that on a second page; or one of them."""
        url = urlsplit(asked.path)
        query = parse_qs(url.query)
        for path, key, models in (
            ("/v1beta/models", "models", MODELS),
            ("/v1beta1/publishers/google/models", "publisherModels", PUBLISHED),
        ):
            if url.path == path and query.get("pageToken") == [PAGE_TOKEN]:
                return Answer(json.dumps({key: models[-1:]}))
            if url.path == path and "pageToken" not in query:
                return Answer(json.dumps({key: models[:-1], "nextPageToken": PAGE_TOKEN}))
            for model in models:
                if url.path == path.removesuffix(key) + model["name"]:
                    return Answer(json.dumps(model))
        return error(404, "NOT_FOUND", f"{url.path} is not found, or the page is not")

    def _check_count(self, asked: dict[str, Any], route: Route) -> None:
        if route.is_vertex:
            body = known("count on vertex", asked, "")
        else:
            known("count", asked, "")
            if len(asked) != 1:
                raise RefusedError("exactly one of contents, generate_content_request must be set")
            body = asked
            if "generateContentRequest" in asked:
                body = known("counted", asked["generateContentRequest"], "generate_content_request")
                if body.get("model") != f"models/{route.model}":
                    raise RefusedError("generate_content_request.model is not the path's")
        self._check_body(body, route)

    def _check_content(self, asked: Asked, route: Route) -> None:
        body = known("request", asked.body, "")
        self._check_token(body)
        self._newest = body
        self._check_body(body, route)
        if self._goes_on:
            return
        check_echo(asked.text, body["contents"], self.sent, route.is_vertex)

    def _check_body(self, body: dict[str, Any], route: Route) -> None:
        if not body.get("contents"):
            raise RefusedError("contents is not specified")
        check_system(body)
        known("generationConfig", body.get("generationConfig", {}), "generation_config")
        check_tools(body, route)
        check_order(body["contents"])

    def _check_token(self, body: dict[str, Any]) -> None:
        """An answer that stopped half way is asked on with the same request and its token."""
        if self._goes_on and len(self.sent) > self._sent_before:
            # What came then is part of the answer before.
            first, rest = self.sent[-2:]
            whole = first.parts + rest.parts
            self.sent[-2:] = [replace(rest, sent=whole, parts=whole)]
        wanted = token_of(self.sent[-1]) if self.sent else None
        self._goes_on = "continuationToken" in body
        self._sent_before = len(self.sent)
        if body.get("continuationToken") != wanted:
            raise RefusedError(f"continuation_token is not {wanted}")
        same = {key: value for key, value in body.items() if key != "continuationToken"}
        before = {key: value for key, value in self._newest.items() if key != "continuationToken"}
        if wanted is not None and same != before:
            raise RefusedError("the request to be continued is not the same as before")
