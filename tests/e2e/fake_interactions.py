"""A strict server of Gemini's Interactions API: refuses what the real one refuses.

Known fields of the right types, the results of all calls directly after them, every step of the
model as it was sent, byte for byte, thoughts with their signatures - or, with
`previous_interaction_id`, only what came after an interaction that the server has kept.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from scripted_server import Answer, Asked, RefusedError, ScriptedServer, known, typed

KEY = "fake-interactions-key"

REQUEST: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "input": (str, list),
    "system_instruction": str,
    "previous_interaction_id": str,
    "tools": list,
    "generation_config": dict,
    "store": bool,
    "stream": bool,
}
STEPS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "user_input": {"type": str, "content": list},
    "model_output": {"type": str, "content": list},
    "thought": {"type": str, "signature": str, "summary": list},
    "function_call": {"type": str, "id": str, "name": str, "arguments": dict},
    "function_result": {
        "type": str,
        "call_id": str,
        "name": str,
        "result": (str, dict, list),
        "is_error": bool,
    },
}
MODES = ("auto", "any", "none", "validated")
AFTER_CALLS = (
    "Please ensure that function response turn comes immediately after a function call turn."
)
COUNTS = (
    "Please ensure that the number of function response parts is equal to the number of function "
    "call parts of the function call turn."
)


def call(id_: str, name: str, arguments: Any) -> dict[str, Any]:
    return {"type": "function_call", "id": id_, "name": name, "arguments": arguments}


def says(text: str) -> dict[str, Any]:
    return {"type": "model_output", "content": [{"type": "text", "text": text}]}


def thought(signature: str = "c2ln") -> dict[str, Any]:
    return {"type": "thought", "signature": signature}


def _status(steps: tuple[dict[str, Any], ...]) -> str:
    is_calling = any(step["type"] == "function_call" for step in steps)
    return "requires_action" if is_calling else "completed"


def answers(*steps: dict[str, Any], id_: str = "v1_1") -> Answer:
    texts = tuple(json.dumps(step, separators=(", ", ":  ")) for step in steps)
    body = (
        f'{{"id": "{id_}", "object": "interaction", "model": "fake-1",'
        f' "status": "{_status(steps)}", "steps": [{", ".join(texts)}],'
        f' "usage": {{"total_input_tokens": 10, "total_output_tokens": 2, "total_tokens": 12}}}}'
    )
    return Answer(body, sent=texts, parts=texts, id=id_)


def stream(
    *steps: dict[str, Any], gates: dict[int, Callable[[], object]] | None = None, id_: str = "v1_1"
) -> Answer:
    """An answer in pieces; `gates[at]` holds back the end of step `at` and all that follows."""
    events: list[str] = []
    waits: list[Callable[[], object]] = []

    def send(kind: str, wait: Callable[[], object] = lambda: None, **fields: Any) -> None:
        data = {"event_type": kind, "event_id": str(len(events)), **fields}
        events.append(f"event: {kind}\ndata: {json.dumps(data)}")
        waits.append(wait)

    interaction = {"id": id_, "object": "interaction", "model": "fake-1", "status": "in_progress"}
    send("interaction.created", interaction=interaction)
    for at, step in enumerate(steps):
        _send_step(send, at, step, (gates or {}).get(at, lambda: None))
    done = interaction | {"status": _status(steps), "usage": {"total_tokens": 12}}
    send("interaction.completed", interaction=done)
    events.append("event: done\ndata: [DONE]")
    return Answer(
        chunks=tuple(events),
        gates=tuple(waits),
        content_type="text/event-stream",
        parts=tuple(json.dumps(step) for step in steps),
        id=id_,
    )


def _send_step(
    send: Callable[..., None], at: int, step: dict[str, Any], gate: Callable[[], object]
) -> None:
    if step["type"] == "function_call":
        send("step.start", index=at, step=step | {"arguments": {}, "signature": ""})
        text = json.dumps(step["arguments"]) if "arguments" in step else ""
        for piece, wait in ((text[:5], lambda: None), (text[5:], gate)):
            delta = {"type": "arguments_delta", "arguments": piece}
            send("step.delta", wait=wait, index=at, delta=delta)
    elif step["type"] == "model_output":
        send("step.start", index=at, step={"type": "model_output", "content": []})
        for piece in re.findall(r".{1,4}", step["content"][0]["text"]):
            send("step.delta", index=at, delta={"type": "text", "text": piece})
    else:
        send("step.start", index=at, step={"type": "thought"})
        delta = {"type": "thought_signature", "signature": step["signature"]}
        send("step.delta", index=at, delta=delta)
    send("step.stop", index=at)


def results_of(asked: Asked) -> list[Any]:
    """The results in the request, in order."""
    return [step for step in asked.body["input"] if step.get("type") == "function_result"]


class FakeInteractions(ScriptedServer):
    @property
    def base_url(self) -> str:
        return self.url

    def turn_away(self, headers: dict[str, str]) -> Answer | None:
        if headers.get("x-goog-api-key") == KEY:
            return None
        error = {"code": "unauthenticated", "message": "API key not valid."}
        return Answer(json.dumps({"error": error}), 401)

    def refuse(self, message: str) -> Answer:
        error = {"code": "invalid_request", "message": message}
        return Answer(json.dumps({"error": error}), 400)

    def check(self, asked: Asked) -> None:
        if asked.path != "/v1beta/interactions":
            raise RefusedError(f"no such path: {asked.path}")
        body = known(set(REQUEST), asked.body, "")
        for name, value in body.items():
            typed(value, REQUEST[name], name)
        self._check_tools(body)
        open_calls = self._kept_calls(body.get("previous_interaction_id"))
        steps = body["input"]
        if not steps:
            raise RefusedError("input is not specified")
        if isinstance(steps, list):
            self._check_steps(steps, open_calls)
        if "previous_interaction_id" not in body:
            self._check_echo(asked.text, steps)

    def _kept_calls(self, id_: str | None) -> list[Any]:
        """The calls of the interaction that is gone on from."""
        if id_ is None:
            return []
        for answer in self.sent:
            if answer.id == id_:
                said = map(json.loads, answer.parts)
                return [step for step in said if step["type"] == "function_call"]
        raise RefusedError(f"Interaction {id_} not found.")

    def _check_tools(self, body: dict[str, Any]) -> None:
        names = set()
        for at, tool in enumerate(body.get("tools", [])):
            known({"type", "name", "description", "parameters"}, tool, f"tools[{at}]")
            if tool.get("parameters", {}).get("required") == []:
                raise RefusedError(f"tools[{at}].parameters.required must not be empty")
            names.add(tool["name"])
        config = body.get("generation_config", {})
        known({"temperature", "max_output_tokens", "tool_choice"}, config, "generation_config")
        choice = config.get("tool_choice", "auto")
        if isinstance(choice, dict):
            allowed = known({"allowed_tools"}, choice, "tool_choice")["allowed_tools"]
            choice = known({"mode", "tools"}, allowed, "allowed_tools")["mode"]
            if not set(allowed["tools"]) <= names:
                raise RefusedError(f"allowed_tools are not all declared: {allowed['tools']}")
        if choice not in MODES:
            raise RefusedError(f"Invalid value at 'tool_choice': {choice}")
        if "tool_choice" in config and not names:
            raise RefusedError("tool_choice is set without tools")

    def _check_steps(self, steps: list[Any], open_calls: list[Any]) -> None:
        open_calls = list(open_calls)
        has_results = False
        for at, step in enumerate(steps):
            kind = self._check_fields(step, f"input[{at}]")
            if kind == "function_result":
                if not open_calls:
                    raise RefusedError(COUNTS if has_results else AFTER_CALLS)
                self._check_result(step, open_calls.pop(0))
                has_results = True
                continue
            if open_calls and (has_results or kind == "user_input"):
                raise RefusedError(COUNTS if has_results else AFTER_CALLS)
            has_results = False
            if kind == "function_call":
                open_calls.append(step)
        if open_calls:
            raise RefusedError(COUNTS if has_results else AFTER_CALLS)
        if steps[-1]["type"] not in ("user_input", "function_result"):
            raise RefusedError("the last step is the model's")

    def _check_result(self, result: dict[str, Any], called: dict[str, Any]) -> None:
        if result["call_id"] != called["id"] or result["name"] != called["name"]:
            raise RefusedError(f"the result {result} does not answer the call {called}")
        if result["result"] in ("", []):
            raise RefusedError("function_result.result is empty")

    def _check_fields(self, step: Any, where: str) -> str:
        kind: str = typed(step, dict, where).get("type", "")
        if kind not in STEPS:
            raise RefusedError(f"Invalid value at '{where}.type': \"{kind}\"")
        known(set(STEPS[kind]), step, where)
        for name, value in step.items():
            typed(value, STEPS[kind][name], f"{where}.{name}")
        needed = {"thought": {"type"}, "function_result": set(STEPS[kind]) - {"is_error"}}
        for name in needed.get(kind, set(STEPS[kind])) - step.keys():
            raise RefusedError(f"{where}.{name} is not specified")
        if step.get("content") == []:
            raise RefusedError(f"{where}.content must not be empty")
        if kind == "function_call" and not (step["id"] and step["name"]):
            raise RefusedError(f"{where}: a call has an id and a name")
        return kind

    def _check_echo(self, text: str, steps: Any) -> None:
        at = 0
        for piece in (piece for answer in self.sent for piece in answer.sent):
            at = text.find(piece, at)
            if at < 0:
                raise RefusedError(f"the step did not come back as it was sent: {piece}")
            at += len(piece)
        said = [json.loads(piece) for answer in self.sent for piece in answer.parts]
        back = [step for step in steps if step["type"] not in ("user_input", "function_result")]
        if back != said:
            raise RefusedError(f"the model's steps are {said}, not {back}")
