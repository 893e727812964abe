"""A strict Gemini server on this machine: it plays a script and refuses what the real one refuses.

Each request takes the next answer of the script, if it keeps the rules: known fields only, calls
directly followed by one result each, ids copied, and every content of the model as it was sent,
byte for byte. If it breaks one, the answer is a 400 in Google's form and `problems` says why.
"""

import json
import re
from collections.abc import Callable
from typing import Any

import scripted_server
from scripted_server import Answer, Asked, RefusedError, ScriptedServer

__all__ = ["Answer", "Asked", "FakeGemini"]

KEY = "fake-key-for-tests"

# What each object of a request may have. "*": anything.
FIELDS: dict[str, set[str]] = {
    "request": {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig"},
    "content": {"role", "parts"},
    "text part": {"text"},
    "result part": {"functionResponse"},
    "functionResponse": {"id", "name", "response", "parts"},
    "tool": {"functionDeclarations"},
    "declaration": {
        "name",
        "description",
        "parameters",
        "parametersJsonSchema",
        "response",
        "responseJsonSchema",
    },
    "toolConfig": {"functionCallingConfig"},
    "functionCallingConfig": {"mode", "allowedFunctionNames"},
    "generationConfig": {"temperature", "maxOutputTokens"},
}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


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


def stream(*chunks: list[str], gates: tuple[Callable[[], object], ...] = ()) -> Answer:
    """An answer in pieces: each chunk is a list of parts, and the last one says STOP."""
    texts = []
    for at, chunk in enumerate(chunks):
        content = '{"role":"model","parts":[' + ",".join(chunk) + "]}"
        finish = ', "finishReason": "STOP"' if at == len(chunks) - 1 else ""
        texts.append(
            f'{{"candidates": [{{"content": {content}{finish}}}], "modelVersion": "fake-1"}}'
        )
    parts = tuple(part for chunk in chunks for part in chunk)
    return Answer(
        sent=parts, parts=parts, chunks=tuple(texts), gates=gates, content_type="text/event-stream"
    )


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


def known(what: str, value: Any, where: str) -> dict[str, Any]:
    return scripted_server.known(FIELDS[what], value, where)


def check_tools(body: dict[str, Any]) -> None:
    declared = []
    for tool in body.get("tools", []):
        for each in known("tool", tool, "tools[0]")["functionDeclarations"]:
            declaration = known("declaration", each, "tools[0].function_declarations[0]")
            if not NAME.fullmatch(declaration["name"]) or not declaration.get("description"):
                raise RefusedError(f"Invalid function name or description: {declaration}")
            if {"parameters", "parametersJsonSchema"} <= declaration.keys():
                raise RefusedError("parameters and parametersJsonSchema are mutually exclusive")
            declared.append(declaration["name"])
    if len(set(declared)) != len(declared):
        raise RefusedError(f"Duplicate function declaration found: {declared}")
    if "toolConfig" not in body:
        return
    config = known("toolConfig", body["toolConfig"], "tool_config")["functionCallingConfig"]
    known("functionCallingConfig", config, "tool_config.function_calling_config")
    if not declared:
        raise RefusedError("Function calling config is set without function_declarations.")
    if config["mode"] not in ("AUTO", "ANY", "NONE", "VALIDATED"):
        raise RefusedError(f"Invalid value at 'mode': {config['mode']}")
    allowed = config.get("allowedFunctionNames", [])
    if allowed and config["mode"] not in ("ANY", "VALIDATED"):
        raise RefusedError("allowed_function_names may be set only with mode ANY or VALIDATED")
    if not set(allowed) <= set(declared):
        raise RefusedError(f"allowed_function_names {allowed} are not all declared")


def calls_of(content: dict[str, Any]) -> list[Any]:
    return [part["functionCall"] for part in content["parts"] if "functionCall" in part]


def check_results(calls: list[Any], content: dict[str, Any]) -> None:
    """The content that follows these calls."""
    results = []
    for part in content["parts"]:
        if "functionResponse" not in part:
            raise RefusedError("function response turn comes with other parts")
        known("result part", part, "contents.parts")
        results.append(known("functionResponse", part["functionResponse"], "function_response"))
    if len(results) != len(calls):
        raise RefusedError(
            "Please ensure that the number of function response parts is equal to the number of "
            "function call parts of the function call turn."
        )
    for call, result in zip(calls, results, strict=True):
        if result["name"] != call.get("name", "") or result.get("id") != call.get("id"):
            raise RefusedError(f"the response {result} does not answer the call {call}")
        if not isinstance(result["response"], dict) or result["response"].keys() not in (
            {"output"},
            {"error"},
        ):
            raise RefusedError(f"response is neither an output nor an error: {result['response']}")


def check_order(contents: list[Any]) -> None:
    """Roles, parts, and calls directly followed by their results."""
    open_calls: list[Any] = []
    for at, content in enumerate(contents):
        known("content", content, f"contents[{at}]")
        if content.get("role") not in ("user", "model"):
            raise RefusedError("Please use a valid role: user, model.")
        if not content.get("parts"):
            raise RefusedError("contents.parts must not be empty.")
        is_results = any("functionResponse" in part for part in content["parts"])
        if open_calls and not is_results:
            raise RefusedError("a function call turn must be followed directly by its responses")
        if is_results and (not open_calls or content["role"] != "user"):
            raise RefusedError(
                "Please ensure that function response turn comes immediately after a function "
                "call turn."
            )
        if is_results:
            check_results(open_calls, content)
        elif content["role"] == "user":
            for part in content["parts"]:
                known("text part", part, f"contents[{at}].parts")
        open_calls = calls_of(content) if content["role"] == "model" else []
    if open_calls or contents[-1]["role"] != "user":
        raise RefusedError("the last content is not the user's")


def check_echo(text: str, contents: list[Any], sent: list[Answer]) -> None:
    """Each content that the model sent is there again, byte for byte, and no other."""
    turns = [content for content in contents if content["role"] == "model"]
    for turn, was in zip(turns, sent, strict=False):
        for call, part in zip(turn["parts"], map(json.loads, was.parts), strict=False):
            if "functionCall" in part and call.get("thoughtSignature") != part.get(
                "thoughtSignature"
            ):
                raise RefusedError(
                    "Function call is missing a thought_signature in functionCall parts."
                )
    at = 0
    for piece in (piece for answer in sent for piece in answer.sent):
        at = text.find(piece, at)
        if at < 0:
            raise RefusedError(f"the model's content did not come back as it was sent: {piece}")
        at += len(piece)
    if len(turns) != len(sent):
        raise RefusedError(f"{len(turns)} contents of the model came back, {len(sent)} were sent")


def mode_of(asked: Asked) -> str | None:
    config = asked.body.get("toolConfig", {}).get("functionCallingConfig", {})
    mode: str | None = config.get("mode")
    return mode


def results_of(asked: Asked) -> list[Any]:
    """The function responses of the last content."""
    parts = asked.body["contents"][-1]["parts"]
    return [part["functionResponse"] for part in parts if "functionResponse" in part]


class FakeGemini(ScriptedServer):
    def turn_away(self, headers: dict[str, str]) -> Answer | None:
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
        method = r"(generateContent|streamGenerateContent\?alt=sse)"
        if not re.fullmatch(r"/v1beta/models/[A-Za-z0-9.-]+:" + method, asked.path):
            raise RefusedError(f"no such method: {asked.path}")
        if not asked.headers.get("content-type", "").startswith("application/json"):
            raise RefusedError("the content type is not JSON")
        body = known("request", asked.body, "")
        if not body.get("contents"):
            raise RefusedError("contents is not specified")
        if "systemInstruction" in body:
            for part in known("content", body["systemInstruction"], "system_instruction")["parts"]:
                known("text part", part, "system_instruction.parts")
        known("generationConfig", body.get("generationConfig", {}), "generation_config")
        check_tools(body)
        check_order(body["contents"])
        check_echo(asked.text, body["contents"], self.sent)
