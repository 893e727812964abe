"""`atonce ask` over OpenAI's Responses and Gemini's Interactions: a turn there and back."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Finished, Program, WriteTools
from scripted_server import Answer, Asked, RefusedError, ScriptedServer

KEY = "fake-key"
TOOLS = """
    import threading

    both = threading.Barrier(2)

    def meet(name: str) -> str:
        "Waits until two calls are here."
        both.wait(10)
        return "met " + name
    """


class Peer(ScriptedServer):
    """Checks the path, and that what it sent comes back with one result for each call after it."""

    path = ""
    result_type = ""

    def turn_away(self, headers: dict[str, str]) -> Answer | None:
        keys = (headers.get("x-goog-api-key"), headers.get("authorization", "").partition(" ")[2])
        return None if KEY in keys else Answer('{"error": {"message": "no key"}}', 401)

    def refuse(self, message: str) -> Answer:
        return Answer(json.dumps({"error": {"message": message, "type": "bad"}}), 400)

    def check(self, asked: Asked) -> None:
        if asked.path != self.path:
            raise RefusedError(f"no such path: {asked.path}")
        for answer in self.sent:
            for piece in answer.sent:
                if piece not in asked.text:
                    raise RefusedError(f"did not come back as it was sent: {piece}")
            ids = [
                item.get("call_id") or item["id"]
                for item in map(json.loads, answer.sent)
                if item["type"] == "function_call"
            ]
            results = [each["call_id"] for each in self.results_of(asked)]
            if ids and results[-len(ids) :] != ids:
                raise RefusedError(f"{results} are not the results of {ids}")

    def results_of(self, asked: Asked) -> list[Any]:
        return [item for item in asked.body["input"] if item.get("type") == self.result_type]


class Responses(Peer):
    path = "/v1/responses"
    result_type = "function_call_output"

    @staticmethod
    def answer(*items: dict[str, Any]) -> Answer:
        texts = tuple(json.dumps(item) for item in items)
        body = (
            f'{{"id": "resp_1", "object": "response", "status": "completed", "model": "fake-1",'
            f' "output": [{", ".join(texts)}], "usage": {{"input_tokens": 1, "output_tokens": 1,'
            f' "total_tokens": 2}}}}'
        )
        return Answer(body, sent=texts)

    @staticmethod
    def call(id_: str, name: str) -> dict[str, Any]:
        arguments = json.dumps({"name": name})
        return {"type": "function_call", "call_id": id_, "name": "meet", "arguments": arguments}

    @staticmethod
    def says(text: str) -> dict[str, Any]:
        content = [{"type": "output_text", "text": text, "annotations": []}]
        return {"type": "message", "role": "assistant", "content": content}


class Interactions(Peer):
    path = "/v1beta/interactions"
    result_type = "function_result"

    @staticmethod
    def answer(*steps: dict[str, Any]) -> Answer:
        texts = tuple(json.dumps(step) for step in steps)
        calls = any(step["type"] == "function_call" for step in steps)
        body = (
            f'{{"id": "v1_1", "object": "interaction", "model": "fake-1",'
            f' "status": "{"requires_action" if calls else "completed"}",'
            f' "steps": [{", ".join(texts)}], "usage": {{"total_tokens": 2}}}}'
        )
        return Answer(body, sent=texts)

    @staticmethod
    def call(id_: str, name: str) -> dict[str, Any]:
        return {"type": "function_call", "id": id_, "name": "meet", "arguments": {"name": name}}

    @staticmethod
    def says(text: str) -> dict[str, Any]:
        return {"type": "model_output", "content": [{"type": "text", "text": text}]}


def ask(atonce: Program, file: Path, server: Peer, model: str) -> Finished:
    atonce.environment |= {"GEMINI_API_KEY": KEY, "OPENAI_API_KEY": KEY}
    base = server.url + ("/v1" if isinstance(server, Responses) else "")
    return atonce.run("ask", file, "go", "--model", model, "--base-url", base, "--json")


@pytest.mark.parametrize(
    ("kind", "model", "before"),
    [
        (Responses, "openai-responses/fake", {"type": "reasoning", "id": "rs_1", "summary": []}),
        (Interactions, "gemini-interactions/fake", {"type": "thought", "signature": "c2ln"}),
    ],
)
def test_a_turn_of_calls_there_and_back(
    atonce: Program,
    tools: WriteTools,
    kind: type[Responses] | type[Interactions],
    model: str,
    before: dict[str, Any],
) -> None:
    calls = (before, kind.call("c1", "Ada"), kind.call("c2", "Bo"))
    with kind(kind.answer(*calls), kind.answer(kind.says("They met."))) as server:
        done = ask(atonce, tools(TOOLS), server, model)

    assert done.code == 0, done.err
    assert server.problems == []
    assert done.json["text"] == "They met."
    assert [call["result"] for call in done.json["turns"][0]["calls"]] == ["met Ada", "met Bo"]


@pytest.mark.parametrize(
    ("kind", "model"),
    [(Responses, "openai-responses/fake"), (Interactions, "gemini-interactions/fake")],
)
def test_a_refusal_is_one_clear_line(
    atonce: Program, tools: WriteTools, kind: type[Peer], model: str
) -> None:
    with kind(Answer('{"error": {"message": "not\\ntoday", "type": "bad"}}', 400)) as server:
        done = ask(atonce, tools(TOOLS), server, model)

    assert done.code == 1
    assert "not today" in done.err
