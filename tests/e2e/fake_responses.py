"""A strict server of OpenAI's Responses API: refuses what the real one refuses, in its words.

Known fields of the right types, one output for each call of the model and none without, everything
that the model said as it was sent, byte for byte - or only what came after an answer that the
server has kept.
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

KEY = "fake-responses-key"
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")

REQUEST: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "input": (str, list),
    "instructions": str,
    "previous_response_id": str,
    "tools": list,
    "tool_choice": (str, dict),
    "parallel_tool_calls": bool,
    "temperature": (int, float),
    "max_output_tokens": int,
    "store": bool,
    "include": list,
    "stream": bool,
}
ITEMS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "message": {"type": str, "id": str, "role": str, "status": str, "content": (str, list)},
    "reasoning": {"type": str, "id": str, "summary": list, "encrypted_content": str},
    "function_call": {
        "type": str,
        "id": str,
        "call_id": str,
        "name": str,
        "arguments": str,
        "status": str,
    },
    "function_call_output": {"type": str, "call_id": str, "output": (str, list)},
}
NEEDED = {
    "message": ("role", "content"),
    "reasoning": ("id", "summary"),
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
}


def call(id_: str, name: str, arguments: Any) -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"type": "function_call", "call_id": id_, "name": name, "arguments": text}


def says(text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "role": "assistant", "content": content}


def reasoning(id_: str = "rs_1") -> dict[str, Any]:
    return {"type": "reasoning", "id": id_, "summary": [], "encrypted_content": "c2VjcmV0"}


def answers(*items: dict[str, Any], id_: str = "resp_1") -> Answer:
    texts = tuple(json.dumps(item, separators=(", ", ":  ")) for item in items)
    body = (
        f'{{"id": "{id_}", "object": "response", "status": "completed", "model": "fake-1",'
        f' "output": [{", ".join(texts)}], "usage": {{"input_tokens": 10, "output_tokens": 2,'
        f' "total_tokens": 12}}}}'
    )
    return Answer(body, sent=texts, parts=texts, id=id_)


def stream(
    *items: dict[str, Any],
    gates: dict[int, Callable[[], object]] | None = None,
    id_: str = "resp_1",
) -> Answer:
    """An answer in pieces; `gates[at]` holds back the end of item `at` and all that follows."""
    events: list[str] = []
    waits: list[Callable[[], object]] = []

    def send(kind: str, wait: Callable[[], object] = lambda: None, **fields: Any) -> None:
        data = {"type": kind, "sequence_number": len(events), **fields}
        events.append(f"event: {kind}\ndata: {json.dumps(data)}")
        waits.append(wait)

    response = {"id": id_, "object": "response", "model": "fake-1", "status": "in_progress"}
    send("response.created", response=response | {"output": []})
    for at, item in enumerate(items):
        _send_item(send, at, item, (gates or {}).get(at, lambda: None))
    usage = {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12}
    done = response | {"status": "completed", "output": list(items), "usage": usage}
    send("response.completed", response=done)
    texts = tuple(json.dumps(item) for item in items)
    return Answer(
        chunks=tuple(events),
        gates=tuple(waits),
        content_type="text/event-stream",
        parts=texts,
        id=id_,
    )


def _send_item(
    send: Callable[..., None], at: int, item: dict[str, Any], gate: Callable[[], object]
) -> None:
    opened = item | ({"arguments": ""} if "arguments" in item else {})
    opened |= {"content": []} if "content" in item else {}
    send("response.output_item.added", output_index=at, item=opened)
    place = {"item_id": f"item_{at}", "output_index": at}
    if item["type"] == "function_call":
        text = item["arguments"]
        kind = "response.function_call_arguments"
        send(f"{kind}.delta", delta=text[:5], **place)
        send(f"{kind}.delta", wait=gate, delta=text[5:], **place)
        send(f"{kind}.done", arguments=text, **place)
    elif item["type"] == "message":
        for piece in re.findall(r".{1,4}", item["content"][0]["text"]):
            send("response.output_text.delta", delta=piece, content_index=0, **place)
    send("response.output_item.done", output_index=at, item=item)


def results_of(asked: Asked) -> dict[str, str]:
    """What each output says, by the id of its call."""
    return {
        item["call_id"]: item["output"]
        for item in asked.body["input"]
        if item.get("type") == "function_call_output"
    }


class FakeResponses(ScriptedServer):
    @property
    def base_url(self) -> str:
        return self.url + "/v1"

    def turn_away(self, headers: dict[str, str]) -> Answer | None:
        if headers.get("authorization") == f"Bearer {KEY}":
            return None
        return self._error(401, "Incorrect API key provided")

    def refuse(self, message: str) -> Answer:
        return self._error(400, message)

    @staticmethod
    def _error(status: int, message: str) -> Answer:
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
        return Answer(json.dumps({"error": error}), status)

    def check(self, asked: Asked) -> None:
        if asked.path != "/v1/responses":
            raise RefusedError(f"no such path: {asked.path}")
        body = known_parameters(set(REQUEST), asked.body)
        for name, value in body.items():
            typed(value, REQUEST[name], name)
        self._check_tools(body)
        open_ids = self._kept_calls(body.get("previous_response_id"))
        items = body["input"]
        if not items:
            raise RefusedError("Missing required parameter: 'input'.")
        if isinstance(items, list):
            self._check_items(items, open_ids)
        if "previous_response_id" not in body:
            self._check_echo(asked.text, items)

    def _kept_calls(self, id_: str | None) -> list[str]:
        """The calls of the answer that is gone on from."""
        if id_ is None:
            return []
        for answer in self.sent:
            if answer.id == id_:
                said = map(json.loads, answer.parts)
                return [item["call_id"] for item in said if item["type"] == "function_call"]
        raise RefusedError(f"Previous response with id '{id_}' not found.")

    def _check_tools(self, body: dict[str, Any]) -> None:
        names = set()
        for at, tool in enumerate(body.get("tools", [])):
            where = f"tools[{at}]"
            known_parameters({"type", "name", "description", "parameters", "strict"}, tool, where)
            if not NAME.fullmatch(tool.get("name", "")):
                raise RefusedError(f"Missing required parameter: '{where}.name'.")
            names.add(tool["name"])
        choice = body.get("tool_choice", "auto")
        if isinstance(choice, dict):
            if choice.get("name") not in names:
                raise RefusedError(f"Tool choice '{choice.get('name')}' not found in 'tools'.")
        elif choice not in ("auto", "none", "required"):
            raise RefusedError(f"Invalid value: '{choice}'.")
        if "tool_choice" in body and not names:
            raise RefusedError("Tool choice is only allowed when 'tools' are specified.")

    def _check_items(self, items: list[Any], open_ids: list[str]) -> None:
        open_ids = list(open_ids)
        for at, item in enumerate(items):
            kind = self._check_fields(item, f"input[{at}]")
            if kind == "function_call":
                open_ids.append(item["call_id"])
                if not item["call_id"] or len(set(open_ids)) != len(open_ids):
                    raise RefusedError(f"Duplicate item found with call_id {item['call_id']}.")
            elif kind == "function_call_output":
                if item["call_id"] not in open_ids:
                    raise RefusedError(
                        f"No tool call found for function call output with call_id "
                        f"{item['call_id']}."
                    )
                open_ids.remove(item["call_id"])
            elif kind == "message" and item["role"] != "assistant" and open_ids:
                break
            after = items[at + 1] if at + 1 < len(items) else {}
            follows = after.get("type") == "function_call" or after.get("role") == "assistant"
            if kind == "reasoning" and not follows:
                raise RefusedError(
                    f"Item '{item['id']}' of type 'reasoning' was provided without its required "
                    "following item."
                )
        if open_ids:
            raise RefusedError(f"No tool output found for function call {open_ids[0]}.")

    def _check_fields(self, item: Any, where: str) -> str:
        kind: str = typed(item, dict, where).get("type", "message")
        if kind not in ITEMS:
            raise RefusedError(f"Invalid value: '{kind}'. Supported values are: {sorted(ITEMS)}")
        known_parameters(set(ITEMS[kind]), item, where)
        for name in NEEDED[kind]:
            if name not in item:
                raise RefusedError(f"Missing required parameter: '{where}.{name}'.")
        for name, value in item.items():
            typed(value, ITEMS[kind][name], f"{where}.{name}")
        if kind == "function_call" and not NAME.fullmatch(item["name"]):
            raise RefusedError(
                f"Invalid '{where}.name': string does not match pattern. Expected a string that "
                "matches the pattern '^[a-zA-Z0-9_-]+$'."
            )
        if kind == "function_call_output" and item["output"] in ("", []):
            raise RefusedError(f"Invalid '{where}.output': empty.")
        if kind == "message" and not item["content"]:
            raise RefusedError(f"Invalid '{where}.content': empty.")
        return kind

    def _check_echo(self, text: str, items: Any) -> None:
        at = 0
        for piece in (piece for answer in self.sent for piece in answer.sent):
            at = text.find(piece, at)
            if at < 0:
                raise RefusedError(f"the item did not come back as it was sent: {piece}")
            at += len(piece)
        said = [json.loads(piece) for answer in self.sent for piece in answer.parts]
        models = ("function_call", "reasoning")
        back = [
            item
            for item in items
            if isinstance(item, dict)
            and (item.get("type") in models or item.get("role") == "assistant")
        ]
        if back != said:
            raise RefusedError(f"the model's items are {said}, not {back}")
