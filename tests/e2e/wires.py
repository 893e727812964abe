"""The four wires under one face, for tests of what has to hold over each of them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import fake_gemini
import fake_interactions
import fake_openai
import fake_responses
from conftest import Program
from fake_gemini import FakeGemini
from fake_interactions import FakeInteractions
from fake_openai import FakeOpenAi
from fake_responses import FakeResponses
from scripted_server import Answer, Asked, ScriptedServer

Gates = Mapping[int, Callable[[], object]]  # what holds back the end of which call


class Called(NamedTuple):
    """A call of the model's; arguments that are None are not sent."""

    name: str
    arguments: dict[str, Any] | None


class Wire:
    """One of them: what its model says, and what is read of its requests."""

    name: str
    model: str
    key_name: str
    key: str

    def serve(self, *answers: Answer) -> ScriptedServer:
        raise NotImplementedError

    def says(self, text: str, streams: bool) -> Answer:
        raise NotImplementedError

    def calls(self, called: list[Called], streams: bool, gates: Gates | None = None) -> Answer:
        """An answer of these calls, whose ids are c0, c1 and so on."""
        raise NotImplementedError

    def results(self, asked: Asked) -> list[str]:
        """What the request says became of the calls before, in its order."""
        raise NotImplementedError

    def arguments(self, server: ScriptedServer) -> list[str]:
        base = server.url + ("/v1" if self.model.startswith("openai") else "")
        return ["--model", self.model, "--base-url", base]

    def prepare(self, atonce: Program) -> None:
        atonce.environment[self.key_name] = self.key

    def __repr__(self) -> str:  # pytest names the tests by it
        return self.name


def nothing() -> None:
    pass


class Chat(Wire):
    name = "chat"
    model = "openai/fake"
    key_name = "OPENAI_API_KEY"
    key = fake_openai.KEY

    def serve(self, *answers: Answer) -> ScriptedServer:
        return FakeOpenAi(*answers)

    def says(self, text: str, streams: bool) -> Answer:
        if streams:
            return fake_openai.stream({"role": "assistant", "content": text})
        return fake_openai.answers(text=text)

    def calls(self, called: list[Called], streams: bool, gates: Gates | None = None) -> Answer:
        if streams:
            return self._stream(called, gates or {})
        answer = fake_openai.answers(
            *(
                fake_openai.call(f"c{at}", one.name, "" if one.arguments is None else one.arguments)
                for at, one in enumerate(called)
            )
        )
        # Absent arguments are mended to "{}", which every server takes back.
        is_whole = all(one.arguments is not None for one in called)
        return answer if is_whole else replace(answer, sent=())

    def _stream(self, called: list[Called], gates: Gates) -> Answer:
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None}]
        waits: list[Callable[[], object]] = [nothing]
        for at, one in enumerate(called):
            text = "" if one.arguments is None else json.dumps(one.arguments)
            opening = {"name": one.name, "arguments": ""}
            call = {"index": at, "id": f"c{at}", "type": "function", "function": opening}
            pieces = [
                {"index": at, "function": {"arguments": part}} for part in (text[:5], text[5:])
            ]
            deltas += [{"tool_calls": [each]} for each in (call, *pieces)]
            waits += [nothing, nothing, gates.get(at, nothing)]
        return fake_openai.stream(*deltas, gates=tuple(waits))

    def results(self, asked: Asked) -> list[str]:
        return list(fake_openai.results_of(asked).values())


class Responses(Wire):
    name = "responses"
    model = "openai-responses/fake"
    key_name = "OPENAI_API_KEY"
    key = fake_responses.KEY

    def serve(self, *answers: Answer) -> ScriptedServer:
        return FakeResponses(*answers)

    def says(self, text: str, streams: bool) -> Answer:
        make = fake_responses.stream if streams else fake_responses.answers
        return make(fake_responses.says(text))

    def calls(self, called: list[Called], streams: bool, gates: Gates | None = None) -> Answer:
        items = [
            fake_responses.call(f"c{at}", one.name, "" if one.arguments is None else one.arguments)
            for at, one in enumerate(called)
        ]
        before = fake_responses.reasoning()
        if streams:
            later = {at + 1: gate for at, gate in (gates or {}).items()}
            answer = fake_responses.stream(before, *items, gates=later)
        else:
            answer = fake_responses.answers(before, *items)
        if all(one.arguments is not None for one in called):
            return answer
        mended = [item | {"arguments": item["arguments"] or "{}"} for item in items]
        return replace(answer, sent=(), parts=tuple(map(json.dumps, (before, *mended))))

    def results(self, asked: Asked) -> list[str]:
        return list(fake_responses.results_of(asked).values())


class Interactions(Wire):
    name = "interactions"
    model = "gemini-interactions/fake"
    key_name = "GEMINI_API_KEY"
    key = fake_interactions.KEY

    def serve(self, *answers: Answer) -> ScriptedServer:
        return FakeInteractions(*answers)

    def says(self, text: str, streams: bool) -> Answer:
        make = fake_interactions.stream if streams else fake_interactions.answers
        return make(fake_interactions.says(text))

    def calls(self, called: list[Called], streams: bool, gates: Gates | None = None) -> Answer:
        whole = [
            fake_interactions.call(f"c{at}", one.name, one.arguments or {})
            for at, one in enumerate(called)
        ]
        steps = [
            {key: value for key, value in step.items() if key != "arguments"}
            if one.arguments is None
            else step
            for one, step in zip(called, whole, strict=True)
        ]
        before = fake_interactions.thought()
        if streams:
            later = {at + 1: gate for at, gate in (gates or {}).items()}
            answer = fake_interactions.stream(before, *steps, gates=later)
        else:
            answer = fake_interactions.answers(before, *steps)
        if steps == whole:
            return answer
        return replace(answer, sent=(), parts=tuple(map(json.dumps, (before, *whole))))

    def results(self, asked: Asked) -> list[str]:
        return [json.dumps(step["result"]) for step in fake_interactions.results_of(asked)]


class Gemini(Wire):
    name = "gemini"
    model = "gemini/fake"
    key_name = "GEMINI_API_KEY"
    key = fake_gemini.KEY

    def serve(self, *answers: Answer) -> ScriptedServer:
        return FakeGemini(*answers)

    def says(self, text: str, streams: bool) -> Answer:
        part = json.dumps({"text": text})
        return fake_gemini.stream([part]) if streams else fake_gemini.parts(part)

    def calls(self, called: list[Called], streams: bool, gates: Gates | None = None) -> Answer:
        parts = [self.part(at, one) for at, one in enumerate(called)]
        if not streams:
            return fake_gemini.parts(*parts)
        waits = tuple((gates or {}).get(at, nothing) for at in range(len(parts)))
        return fake_gemini.stream(*([part] for part in parts), gates=waits)

    @staticmethod
    def part(at: int, one: Called) -> str:
        """Gemini 3's: the first of a step's calls is signed."""
        call: dict[str, Any] = {"id": f"c{at}", "name": one.name}
        if one.arguments is not None:
            call["args"] = one.arguments
        signature = {"thoughtSignature": "c2ln"} if at == 0 else {}
        return json.dumps({"functionCall": call, **signature})

    def results(self, asked: Asked) -> list[str]:
        return [
            json.dumps(part["functionResponse"]["response"])
            for content in asked.body["contents"]
            for part in content["parts"]
            if "functionResponse" in part
        ]


class GeminiInPieces(Gemini):
    """Gemini as Vertex streams it: the arguments of a call come piece by piece."""

    name = "gemini-in-pieces"

    def calls(self, called: list[Called], streams: bool, gates: Gates | None = None) -> Answer:
        assert streams
        chunks: list[list[str]] = []
        waits: list[Callable[[], object]] = []
        for at, one in enumerate(called):
            pieces: list[dict[str, Any]] = [{"name": one.name, "willContinue": True}]
            for key, value in (one.arguments or {}).items():
                pieces += [
                    {"partialArgs": [self._text(key, value[:3], True)], "willContinue": True},
                    {"partialArgs": [self._text(key, value[3:], False)], "willContinue": True},
                ]
            pieces.append({})
            signature = {"thoughtSignature": "c2ln"} if at == 0 else {}
            chunks += [
                [json.dumps({"functionCall": piece, **(signature if piece is pieces[0] else {})})]
                for piece in pieces
            ]
            waits += [nothing] * (len(pieces) - 2) + [gates.get(at, nothing) if gates else nothing]
            waits.append(nothing)
        answer = fake_gemini.stream(*chunks, gates=tuple(waits))
        parts = (json.loads(self.part(at, one)) for at, one in enumerate(called))
        # What comes back is one part for each call.
        return replace(answer, sent=(), parts=tuple(map(json.dumps, parts)))

    @staticmethod
    def _text(key: str, text: str, goes_on: bool) -> dict[str, Any]:
        more = {"willContinue": True} if goes_on else {}
        return {"jsonPath": f"$.{key}", "stringValue": text, **more}


WIRES: list[Wire] = [Chat(), Responses(), Interactions(), Gemini()]
