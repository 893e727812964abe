"""What a call says and asks through its Context, with a caller made of a list of answers."""

import asyncio
import dataclasses
import enum
import json
import threading
from datetime import date
from typing import Any, Literal

import atonce
import pytest
from atonce._host import bridge
from atonce._host.contexts import CallContext, Unwound
from atonce._host.generators import settle
from caller import call, tool_of
from pydantic import BaseModel, Field
from typing_extensions import TypedDict


class Caller:
    """What C++ gives a call: answers each question by its key, and unwinds where it has none."""

    def __init__(self, answers: dict[str, Any] | None = None, refusal: str | None = None) -> None:
        self.answers = answers or {}
        self.refusal = refusal
        self.told: list[tuple[Any, ...]] = []
        self.asked: list[dict[str, Any]] = []
        self.threads: list[threading.Thread] = []

    def tell(self, what: str, *more: Any) -> Any:
        if what == "client":
            return '{"name":"test","version":"1","capabilities":{"elicitation":{}}}'
        if what != "ask":
            self.told.append((what, *more))
            return None
        self.threads.append(threading.current_thread())
        requests = json.loads(more[0])
        self.asked.append(requests)
        if self.refusal is not None:
            return "refused", self.refusal
        if not set(requests) <= set(self.answers):
            return "unwind", ""
        return "answered", json.dumps({key: self.answers[key] for key in requests})

    def context(self) -> Any:
        return bridge.make_context(0.0, lambda: False, self.tell)


def accepted(**content: Any) -> dict[str, Any]:
    return {"action": "accept", "content": content}


def form_of(schema: Any) -> Any:
    caller = Caller()
    with pytest.raises(Unwound):
        caller.context().elicit("?", schema)
    return caller.asked[0]["q1"]["params"]["requestedSchema"]


# What is said.


def test_what_is_said_is_passed_on() -> None:
    caller = Caller()
    context = caller.context()

    context.progress(1, 2, "half")
    context.log("hello")
    context.log({"a": {1}}, "alert", "db")
    context.log(object(), "debug")
    context.list_changed("tools")
    context.resource_updated("test://x")

    assert caller.told[:3] == [
        ("progress", 1, 2, "half"),
        ("log", "info", None, b'"hello"'),
        ("log", "alert", "db", b'{"a":[1]}'),
    ]
    assert caller.told[3][3].startswith(b'"<object')
    assert caller.told[4:] == [("changed", "tools"), ("changed", "test://x")]
    assert context.client["capabilities"] == {"elicitation": {}}


def test_words_that_mean_nothing_are_refused() -> None:
    context = Caller().context()

    with pytest.raises(ValueError, match="loud"):
        context.log("hello", "loud")
    with pytest.raises(ValueError, match="tool"):
        context.list_changed("tool")
    with pytest.raises(ValueError, match="tools"):
        context.resource_updated("tools")


def test_without_a_listener_the_context_is_the_plain_one() -> None:
    context = bridge.make_context(0.0, lambda: False)

    assert type(context) is atonce.Context
    assert type(bridge.make_context(0.0, lambda: False, Caller().tell)) is CallContext


def test_yields_are_progress() -> None:
    def count() -> Any:
        yield "one"
        yield {"two": 2}
        yield atonce.Image(b"123", "image/png")
        yield "x" * 5000
        return 0

    caller = Caller()

    assert bridge.drain(count(), caller.tell) == 0

    assert [told[:3] for told in caller.told] == [("progress", n, None) for n in range(1, 5)]
    texts = [told[3] for told in caller.told]
    assert texts[:3] == ["one", '{"two":2}', "Image(3 bytes, 'image/png')"]
    assert len(texts[3]) == 1000 and texts[3].endswith("...")


def test_async_yields_are_progress_and_still_the_result() -> None:
    async def count() -> Any:
        yield 1
        yield object

    caller = Caller()

    assert asyncio.run(settle(count(), caller.tell)) == [1, object]

    assert caller.told == [("progress", 1, None, "1"), ("progress", 2, None, str(object))]


# Plain Python.


@pytest.mark.parametrize(
    "ask",
    [
        lambda context: context.elicit("?", int),
        lambda context: context.elicit_url("?", "https://x"),
        lambda context: context.sample("hi", 10),
        lambda context: context.roots(),
        lambda context: context.ask_all(a=atonce.Roots()),
    ],
)
def test_nobody_can_be_asked_without_a_host(ask: Any) -> None:
    with pytest.raises(atonce.CannotAsk, match="nobody can be asked"):
        ask(atonce.Context())
    assert atonce.Context().client == {}
    atonce.Context().list_changed("tools")


# Questions on the wire.


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


@dataclasses.dataclass
class Order:
    name: str
    count: int = 1
    size: Size = Size.SMALL
    when: date | None = None
    extras: list[Literal["salt", "oil"]] = dataclasses.field(default_factory=list)


def test_a_form_has_the_plain_fields_of_a_type() -> None:
    form = form_of(Order)

    assert form["type"] == "object"
    assert form["required"] == ["name"]
    assert form["properties"] == {
        "name": {"type": "string"},
        "count": {"type": "integer", "default": 1},
        "size": {"type": "string", "enum": ["s", "l"], "default": "s"},
        "when": {"type": "string", "format": "date"},
        "extras": {"type": "array", "items": {"type": "string", "enum": ["salt", "oil"]}},
    }


def test_forms_are_of_typed_dicts_models_scalars_and_schemas_too() -> None:
    class Named(TypedDict):
        name: str

    class Aged(BaseModel):
        age: int = Field(ge=18, title="Age")

    schema = {"type": "object", "properties": {"x": {"type": "string", "enumNames": ["X"]}}}

    assert form_of(Named)["properties"] == {"name": {"type": "string"}}
    assert form_of(Aged)["properties"] == {
        "age": {"type": "integer", "minimum": 18, "title": "Age"}
    }
    assert form_of(Literal["a", "b"])["properties"] == {
        "value": {"type": "string", "enum": ["a", "b"]}
    }
    assert form_of(bool)["required"] == ["value"]
    assert form_of(schema) == schema
    assert form_of(None) == {"type": "object", "properties": {}}


@pytest.mark.parametrize("wanted", [dict[str, Order], list[int], object(), str | int])
def test_what_no_form_can_ask_for_is_a_type_error(wanted: Any) -> None:
    with pytest.raises(TypeError):
        Caller().context().elicit("?", wanted)


def test_every_question_has_its_request() -> None:
    caller = Caller()
    context = caller.context()
    messages = ["hi", atonce.Message("so", "assistant"), atonce.Image(b"1", "image/png")]

    for ask in (
        lambda: context.elicit_url("Pay", "https://pay"),
        lambda: context.sample("hi", 10, key="s"),
        lambda: context.sample(messages, 5, "be brief", 0.5, ["."], {"speedPriority": 1}),
        lambda: context.roots(),
        lambda: context.ask_all(a=atonce.Elicit("?", bool), b=atonce.Roots()),
    ):
        with pytest.raises(Unwound):
            ask()

    url, short, long, roots, both = caller.asked
    assert url == {
        "q1": {
            "method": "elicitation/create",
            "params": {"mode": "url", "message": "Pay", "url": "https://pay"},
        }
    }
    user = {"role": "user", "content": {"type": "text", "text": "hi"}}
    assert short == {
        "s": {
            "method": "sampling/createMessage",
            "params": {"messages": [user], "maxTokens": 10},
        }
    }
    assert long["q2"]["params"] == {
        "messages": [
            user,
            {"role": "assistant", "content": {"type": "text", "text": "so"}},
            {
                "role": "user",
                "content": {"type": "image", "data": "MQ==", "mimeType": "image/png"},
            },
        ],
        "maxTokens": 5,
        "systemPrompt": "be brief",
        "temperature": 0.5,
        "stopSequences": ["."],
        "modelPreferences": {"speedPriority": 1},
    }
    assert roots == {"q3": {"method": "roots/list"}}
    assert set(both) == {"a", "b"} and both["a"]["params"]["mode"] == "form"


# Answers.


def test_answers_are_values() -> None:
    caller = Caller(
        {
            "q1": accepted(name="Al", size="l", when="2026-01-02"),
            "q2": accepted(value=3),
            "q3": {"action": "decline"},
            "q4": {"action": "accept"},
            "q5": {
                "role": "assistant",
                "content": {"type": "text", "text": "yes"},
                "model": "m",
                "stopReason": "endTurn",
            },
            "q6": {"roots": [{"uri": "file:///a", "name": "a"}, {"uri": "file:///b"}]},
            "q7": accepted(anything=[1]),
        }
    )
    context = caller.context()

    assert context.elicit("?", Order).content == Order("Al", 1, Size.LARGE, date(2026, 1, 2))
    assert context.elicit("?", int) == ("accept", 3)
    declined = context.elicit("?", int)
    assert not declined.accepted and declined == ("decline", None)
    assert context.elicit("sure?").accepted
    sampled = context.sample("really?", 5)
    assert (sampled.text, sampled.model, sampled.stop_reason) == ("yes", "m", "endTurn")
    assert context.roots() == [atonce.Root("file:///a", "a"), atonce.Root("file:///b")]
    assert context.elicit("?", {"type": "object"}).content == {"anything": [1]}


def test_several_answers_come_by_their_keys() -> None:
    caller = Caller({"b": {"roots": []}, "a": accepted(value=True)})

    answers = caller.context().ask_all(a=atonce.Elicit("?", bool), b=atonce.Roots())

    assert list(answers) == ["a", "b"]
    assert answers["a"].content is True and answers["b"] == []
    assert len(caller.asked) == 1


def test_an_answer_that_does_not_fit_is_asked_for_again_with_the_reason() -> None:
    caller = Caller({"age": accepted(value="old"), "age_2": accepted(value=20)})

    assert caller.context().elicit("Age?", int, key="age").content == 20

    message = caller.asked[1]["age_2"]["params"]["message"]
    assert message.startswith("Age?\n\nThe last answer did not fit: ")


def test_only_what_does_not_fit_is_asked_for_again() -> None:
    caller = Caller({"a": accepted(), "b": {"roots": []}, "a_2": accepted(value=1)})

    answers = caller.context().ask_all(a=atonce.Elicit("?", int), b=atonce.Roots())

    assert [set(asked) for asked in caller.asked] == [{"a", "b"}, {"a_2"}]
    assert list(answers) == ["a", "b"] and answers["a"].content == 1


def test_answers_that_never_fit_are_an_error() -> None:
    wrong = accepted(value="old")
    caller = Caller({"q1": wrong, "q1_2": wrong, "q1_3": wrong, "r": {"roots": 1}})

    with pytest.raises(ValueError, match="`q1` does not fit"):
        caller.context().elicit("?", int)
    assert len(caller.asked) == 3
    with pytest.raises(ValueError, match="`r` does not fit"):
        caller.context().roots(key="r")


def test_a_key_is_used_once_in_a_call() -> None:
    context = Caller({"a": {"roots": []}}).context()
    context.roots(key="a")

    with pytest.raises(ValueError, match="'a'"):
        context.roots(key="a")


def test_a_refusal_says_why_and_may_be_caught() -> None:
    with pytest.raises(atonce.CannotAsk, match="no sampling"):
        Caller(refusal="no sampling").context().sample("hi", 1)


def test_to_unwind_passes_by_except_exception_and_the_next_run_gets_further() -> None:
    def ask(ctx: atonce.Context) -> str:
        try:
            first = ctx.elicit("name?", str).content
            second = ctx.elicit("town?", str).content
        except Exception:
            return "caught"
        return f"{first} of {second}"

    caller = Caller()
    for expected in ({"q1"}, {"q1", "q2"}):
        caller.asked.clear()
        with pytest.raises(Unwound):
            call(tool_of(ask), context=caller.context())
        assert {key for asked in caller.asked for key in asked} == expected
        caller.answers[f"q{len(expected)}"] = accepted(value=f"v{len(expected)}")

    assert call(tool_of(ask), context=caller.context()) == "v1 of v2"


# Async functions.


def test_an_async_function_awaits_its_answers_and_the_loop_goes_on() -> None:
    caller = Caller({"q1": accepted(value=1), "a": {"roots": []}})
    gone_on = threading.Event()

    def tell(*what: Any) -> Any:
        assert gone_on.wait(10)  # the question is put while the loop does other things
        return caller.tell(*what)

    async def ask() -> Any:
        context = bridge.make_context(0.0, lambda: False, tell)
        asyncio.get_running_loop().call_soon(gone_on.set)
        elicited = await context.elicit("?", int)
        answers = await context.ask_all(a=atonce.Roots())
        return elicited.content, dict(answers)

    assert asyncio.run(ask()) == (1, {"a": []})
    assert threading.current_thread() not in caller.threads


def test_to_unwind_and_to_refuse_reach_an_async_function() -> None:
    async def ask(caller: Caller) -> None:
        await caller.context().roots()

    with pytest.raises(Unwound):
        asyncio.run(ask(Caller()))
    with pytest.raises(atonce.CannotAsk, match="no"):
        asyncio.run(ask(Caller(refusal="no")))


def test_an_answer_can_be_awaited_again() -> None:
    async def await_all() -> None:
        for answer in (
            atonce.Elicited("accept", 1),
            atonce.Sampled({"type": "text", "text": "a"}),
            atonce.RootList([atonce.Root("file:///a")]),
            atonce.Answers(a=1),
        ):
            assert await answer is answer

    asyncio.run(await_all())
