"""A strict OpenAI-compatible server: refuses what the chat completions API refuses.

Known fields only, every call of an assistant message directly followed by one tool message for
each, no orphans, and every message of the model as it was sent, byte for byte.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from scripted_server import (
    Answer,
    Asked,
    RefusedError,
    ScriptedServer,
    known_parameters,
    typed,
)

KEY = "fake-openai-key"
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
UNANSWERED = (
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
    "'tool_call_id'. The following tool_call_ids did not have response messages: "
)

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
        body = known_parameters(REQUEST, asked.body)
        typed(body["model"], str, "model")
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
            function = known_parameters({"type", "function"}, tool, "tools[0]")["function"]
            allowed = {"name", "description", "parameters", "strict"}
            known_parameters(allowed, function, "tools[0].function")
            names.append(function["name"])
        if "tools" in body and not names:
            raise RefusedError("[] is too short - 'tools'")
        if "tool_choice" in body and not names:
            raise RefusedError("'tool_choice' is only allowed when 'tools' are specified.")
        return names

    def _check_messages(self, messages: list[Any]) -> None:
        if not messages:
            raise RefusedError("[] is too short - 'messages'")
        open_ids: list[str] = []
        for at, message in enumerate(messages):
            where = f"messages[{at}]"
            role = typed(message, dict, where)["role"]
            if role == "tool":
                known_parameters(MESSAGE["tool"], message, where)
                if typed(message["content"], (str, list), f"{where}.content") in ("", []):
                    raise RefusedError(f"{where}.content is empty")
                if message["tool_call_id"] not in open_ids:
                    raise RefusedError(
                        "messages with role 'tool' must be a response to a preceeding message "
                        "with 'tool_calls'."
                    )
                open_ids.remove(message["tool_call_id"])
                continue
            if open_ids:
                raise RefusedError(UNANSWERED + ", ".join(open_ids))
            if role == "assistant":
                open_ids = self._check_calls(message, where)
            elif role not in MESSAGE:
                raise RefusedError(f"Invalid value: '{role}'.")
            else:
                known_parameters(MESSAGE[role], message, where)
                if not typed(message["content"], (str, list), f"{where}.content"):
                    raise RefusedError(f"{where}.content is empty")
        if open_ids:
            raise RefusedError(UNANSWERED + ", ".join(open_ids))

    def _check_calls(self, message: dict[str, Any], where: str) -> list[str]:
        """The ids of the calls of a message of the model."""
        calls = message.get("tool_calls")
        if calls == [] or (calls is None and message.get("content") is None):
            raise RefusedError(f"{where} has neither content nor tool_calls")
        ids = []
        for at, each in enumerate(calls or []):
            place = f"{where}.tool_calls[{at}]"
            ids.append(typed(each["id"], str, f"{place}.id"))
            if each["type"] != "function":
                raise RefusedError(f"Invalid value: '{each['type']}'.")
            if not NAME.fullmatch(each["function"]["name"]):
                raise RefusedError(
                    f"Invalid '{place}.function.name': string does not match pattern. Expected a "
                    "string that matches the pattern '^[a-zA-Z0-9_-]+$'."
                )
            typed(each["function"]["arguments"], str, f"{place}.function.arguments")
        if len(set(ids)) != len(ids) or "" in ids:
            raise RefusedError(f"the calls' ids are not all different: {ids}")
        return ids
