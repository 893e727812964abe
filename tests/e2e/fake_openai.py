"""A strict OpenAI-compatible server: refuses what the chat completions API refuses.

Known fields only, every call of an assistant message directly followed by one tool message for
each, no orphans, and every message of the model as it was sent, byte for byte.
"""

import json
from collections.abc import Callable
from typing import Any

from scripted_server import Answer, Asked, RefusedError, ScriptedServer, known

KEY = "fake-openai-key"

REQUEST = {
    "model",
    "messages",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "stream",
    "stream_options",
    "temperature",
    "max_tokens",
    "max_completion_tokens",
}
MESSAGE: dict[str, set[str]] = {
    "system": {"role", "content"},
    "user": {"role", "content"},
    "tool": {"role", "content", "tool_call_id"},
}


def call(id_: str, name: str, arguments: Any) -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": text}}


def answers(*calls: dict[str, Any], text: str | None = None, finish: str = "") -> Answer:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = list(calls)
    sent = json.dumps(message, separators=(", ", ":  "))  # unusual blanks, to be kept
    reason = finish or ("tool_calls" if calls else "stop")
    body = (
        f'{{"id": "chatcmpl-1", "object": "chat.completion", "model": "fake-1", "choices":'
        f' [{{"index": 0, "message": {sent}, "finish_reason": "{reason}"}}],'
        f' "usage": {{"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}}}}'
    )
    return Answer(body, sent=(sent,))


def stream(*deltas: dict[str, Any], gates: tuple[Callable[[], object], ...] = ()) -> Answer:
    """An answer in pieces; the echo is checked by the calls' ids, names and arguments."""
    calls = any("tool_calls" in delta for delta in deltas)
    chunks = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    chunks.append({"index": 0, "delta": {}, "finish_reason": "tool_calls" if calls else "stop"})
    texts = [
        json.dumps({"object": "chat.completion.chunk", "model": "fake-1", "choices": [chunk]})
        for chunk in chunks
    ]
    return Answer(chunks=(*texts, "[DONE]"), gates=gates, content_type="text/event-stream")


def error(status: int, kind: str, message: str) -> Answer:
    return Answer(json.dumps({"error": {"message": message, "type": kind, "code": None}}), status)


def results_of(asked: Asked) -> dict[str, str]:
    """What each tool message says, by the id of its call."""
    return {
        message["tool_call_id"]: message["content"]
        for message in asked.body["messages"]
        if message["role"] == "tool"
    }


class FakeOpenAi(ScriptedServer):
    @property
    def base_url(self) -> str:
        return self.url + "/v1"

    def turn_away(self, headers: dict[str, str]) -> Answer | None:
        if headers.get("authorization") == f"Bearer {KEY}":
            return None
        return error(401, "invalid_request_error", "Incorrect API key provided")

    def refuse(self, message: str) -> Answer:
        return error(400, "invalid_request_error", message)

    def check(self, asked: Asked) -> None:
        if asked.path != "/v1/chat/completions":
            raise RefusedError(f"no such path: {asked.path}")
        body = known(REQUEST, asked.body, "request")
        declared = self._check_tools(body)
        choice = body.get("tool_choice", "auto")
        if isinstance(choice, dict):
            if choice["function"]["name"] not in declared:
                raise RefusedError(f"tool_choice names no tool: {choice}")
        elif choice not in ("auto", "none", "required"):
            raise RefusedError(f"Invalid value: '{choice}'.")
        self._check_messages(body["messages"])
        at = 0
        for piece in (piece for answer in self.sent for piece in answer.sent):
            at = asked.text.find(piece, at)
            if at < 0:
                raise RefusedError(f"the message did not come back as it was sent: {piece}")
            at += len(piece)

    def _check_tools(self, body: dict[str, Any]) -> list[str]:
        names = []
        for tool in body.get("tools", []):
            function = known({"type", "function"}, tool, "tools[0]")["function"]
            known({"name", "description", "parameters", "strict"}, function, "tools[0].function")
            names.append(function["name"])
        if "tools" in body and not names:
            raise RefusedError("[] is too short - 'tools'")
        if "tool_choice" in body and not names:
            raise RefusedError("'tool_choice' is only allowed when 'tools' are specified.")
        return names

    def _check_messages(self, messages: list[Any]) -> None:
        open_ids: list[str] = []
        for at, message in enumerate(messages):
            role = message["role"]
            if role == "tool":
                known(MESSAGE["tool"], message, f"messages[{at}]")
                if not isinstance(message["content"], str) or message["content"] == "":
                    raise RefusedError(f"messages[{at}].content is empty")
                if message["tool_call_id"] not in open_ids:
                    raise RefusedError(
                        "messages with role 'tool' must be a response to a preceeding message "
                        "with 'tool_calls'."
                    )
                open_ids.remove(message["tool_call_id"])
                continue
            if open_ids:
                raise RefusedError(
                    "An assistant message with 'tool_calls' must be followed by tool messages "
                    f"responding to each 'tool_call_id': {open_ids}"
                )
            if role == "assistant":
                open_ids = [each["id"] for each in message.get("tool_calls") or []]
                if len(set(open_ids)) != len(open_ids) or "" in open_ids:
                    raise RefusedError(f"the calls' ids are not all different: {open_ids}")
            else:
                known(MESSAGE[role], message, f"messages[{at}]")
        if open_ids:
            raise RefusedError(f"tool_call_ids did not have response messages: {open_ids}")
