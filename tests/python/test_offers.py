"""Resources, prompts and completions: how they are listed, called, and what is wrong with some."""

import asyncio
import dataclasses
import json
from pathlib import Path
from typing import Any

import atonce
import pytest
from atonce._host.discover import Found
from atonce._host.load import Loaded, load
from atonce._host.offers import make_offers
from atonce._host.toolset import Tool
from caller import InvalidError, arguments_of, call, load_source, names, unchanged_imports, write
from pydantic import Base64Bytes

PNG = atonce.Image(b"png", "image/png")


def offers_of(*functions: Any) -> tuple[Tool, ...]:
    return make_offers([Found(one.__name__, one) for one in functions])


def listed(offer: Tool) -> Any:
    assert offer.declarations[:3] == ("", "", "")
    return json.loads(offer.declarations[3])


def refused(*functions: Any) -> atonce.ToolsError:
    with pytest.raises(atonce.ToolsError) as caught:
        offers_of(*functions)
    return caught.value


def contents_of(result: Any, mime_type: str | None = None, annotation: Any = None) -> Any:
    @atonce.resource("test://x", mime_type=mime_type)
    def read() -> Any:
        return result

    if annotation is not None:
        read.__annotations__["return"] = annotation
    (offer,) = offers_of(read)
    return call(offer, {"uri": "test://x"})


def messages_of(result: Any) -> Any:
    @atonce.prompt
    def write() -> Any:
        return result

    (offer,) = offers_of(write)
    return call(offer)["messages"]


# Resources.


@atonce.resource("config://app", title="Config", mime_type="text/x-ini")
def config() -> str:
    """What the program goes by."""
    return "a=1"


@atonce.resource("users://{user_id}/notes/{title}", name="note", description="A note.")
def note(user_id: int, title: str, uri: str, size: int = 3) -> dict[str, Any]:
    return {"id": user_id, "title": title, "uri": uri, "size": size}


def test_a_resource_is_listed_and_read() -> None:
    (offer,) = offers_of(config)

    assert (offer.name, offer.role, offer.subject) == (
        "resource config://app",
        "resource",
        "config://app",
    )
    assert listed(offer) == {
        "uri": "config://app",
        "name": "config",
        "title": "Config",
        "description": "What the program goes by.",
        "mimeType": "text/x-ini",
    }
    assert call(offer, {"uri": "config://app"}) == [
        {"uri": "config://app", "mimeType": "text/x-ini", "text": "a=1"}
    ]
    assert config() == "a=1"


def test_a_templates_variables_have_the_functions_types() -> None:
    (offer,) = offers_of(note)
    uri = "users://7/notes/x"

    assert offer.role == "resource_template"
    assert listed(offer) == {
        "uriTemplate": "users://{user_id}/notes/{title}",
        "name": "note",
        "description": "A note.",
    }
    (contents,) = call(offer, {"uri": uri, "user_id": "7", "title": "x"})
    assert contents["uri"] == uri and contents["mimeType"] == "application/json"
    assert json.loads(contents["text"]) == {"id": 7, "title": "x", "uri": uri, "size": 3}
    with pytest.raises(InvalidError, match="user_id"):
        call(offer, {"uri": uri, "user_id": "seven", "title": "x"})


def test_an_async_resource_is_read() -> None:
    @atonce.resource("test://{n}")
    async def later(n: int, ctx: atonce.Context) -> bytes:
        assert isinstance(ctx, atonce.Context)
        return b"\xff" * n

    (offer,) = offers_of(later)
    given = arguments_of(offer, {"uri": "test://2", "n": "2"}) | {"ctx": atonce.Context()}

    assert (offer.kind, offer.context_parameter) == ("async", "ctx")
    assert asyncio.run(offer.function(**given)) == [
        {"uri": "test://2", "mimeType": "application/octet-stream", "blob": "//8="}
    ]


@pytest.mark.parametrize(
    ("result", "kind", "member", "value"),
    [
        ("words", "text/plain", "text", "words"),
        (atonce.Text("words"), "text/plain", "text", "words"),
        (b"ab", "application/octet-stream", "blob", "YWI="),
        (PNG, "image/png", "blob", "cG5n"),
        (atonce.Audio(b"wav", "audio/wav"), "audio/wav", "blob", "d2F2"),
        ({"a": {1}}, "application/json", "text", '{"a":[1]}'),
        (["a", "b"], "application/json", "text", '["a","b"]'),
        (None, "application/json", "text", "null"),
    ],
)
def test_what_a_resource_returns(result: Any, kind: str, member: str, value: str) -> None:
    assert contents_of(result) == [{"uri": "test://x", "mimeType": kind, member: value}]
    assert contents_of(result, "own/type")[0]["mimeType"] == "own/type"


def test_a_list_with_media_has_several_parts() -> None:
    other = atonce.EmbeddedResource("test://y", "inside", "text/x-y")

    first, second, third = contents_of(["words", PNG, other])

    assert (first["text"], second["blob"]) == ("words", "cG5n")
    assert third == {"uri": "test://y", "mimeType": "text/x-y", "text": "inside"}


def test_a_return_type_with_a_form_of_its_own_has_it() -> None:
    (contents,) = contents_of({"key": b"ab"}, annotation=dict[str, Base64Bytes])

    assert contents["mimeType"] == "application/json"
    assert json.loads(contents["text"]) == {"key": "YWI="}


@pytest.mark.parametrize(
    "uri",
    ["app", "a b://c", "x://{a}{b}", "x://{a}/{a}", "x://{+a}", "x://{a", "x://{}", "x://a}", 3],
)
def test_addresses_that_cannot_be(uri: Any) -> None:
    with pytest.raises(atonce.ToolsError):
        atonce.resource(uri)


def test_parameters_and_variables_must_fit() -> None:
    @atonce.resource("test://{a}")
    def missing(b: str) -> str: ...

    @atonce.resource("test://x")
    def unfilled(b: str = "") -> str: ...

    @atonce.resource("test://x")
    def generated() -> Any:
        yield 1

    assert "the variable `a`" in str(refused(missing))
    assert "nothing gives the parameter `b`" in str(refused(unfilled))
    assert "is a generator" in str(refused(generated))


def test_an_address_is_given_once() -> None:
    @atonce.resource("config://app")
    def other() -> str: ...

    assert "two of `resource config://app`" in str(refused(config, other))


# Prompts.


@dataclasses.dataclass
class Place:
    town: str


@atonce.prompt(title="Greet")
def greet(name: str, count: int = 1, places: list[Place] | None = None) -> Any:
    """Greets somebody.

    Args:
        name: who it is
    """
    return [f"Greet {name} {count} times", atonce.Message(f"{places}", "assistant")]


def test_a_prompt_is_listed_with_its_arguments() -> None:
    (offer,) = offers_of(greet)

    assert (offer.name, offer.role, offer.subject) == ("prompt greet", "prompt", "greet")
    assert listed(offer) == {
        "name": "greet",
        "title": "Greet",
        "description": "Greets somebody.",
        "arguments": [
            {"name": "name", "description": "who it is", "required": True},
            {"name": "count", "required": False},
            {"name": "places", "required": False},
        ],
    }


def test_a_prompts_texts_become_its_types() -> None:
    (offer,) = offers_of(greet)

    got = call(offer, {"name": "Al", "count": "2", "places": '[{"town": "Rome"}]'})

    assert got == {
        "description": "Greets somebody.",
        "messages": [
            {"role": "user", "content": {"type": "text", "text": "Greet Al 2 times"}},
            {"role": "assistant", "content": {"type": "text", "text": "[Place(town='Rome')]"}},
        ],
    }
    with pytest.raises(InvalidError, match="count"):
        call(offer, {"name": "Al", "count": "many"})
    with pytest.raises(InvalidError, match="name"):
        call(offer)


def test_what_a_prompt_returns() -> None:
    def of_user(content: Any) -> Any:
        return {"role": "user", "content": content}

    link = atonce.ResourceLink("test://x", "x", mime_type="text/plain")
    inside = atonce.EmbeddedResource("test://x", b"ab", "image/png", {"priority": 1})
    image = {"type": "image", "data": "cG5n", "mimeType": "image/png"}

    assert messages_of("hi") == [of_user({"type": "text", "text": "hi"})]
    assert messages_of({"a": 1}) == [of_user({"type": "text", "text": '{"a":1}'})]
    assert messages_of(atonce.Message(PNG, "assistant")) == [
        {"role": "assistant", "content": image}
    ]
    assert messages_of([PNG, {"role": "assistant", "content": image}]) == [
        of_user(image),
        {"role": "assistant", "content": image},
    ]
    assert messages_of([link, inside, atonce.Text("t", meta={"a": 1})]) == [
        of_user(
            {"type": "resource_link", "uri": "test://x", "name": "x", "mimeType": "text/plain"}
        ),
        of_user(
            {
                "type": "resource",
                "resource": {"uri": "test://x", "mimeType": "image/png", "blob": "YWI="},
                "annotations": {"priority": 1},
            }
        ),
        of_user({"type": "text", "text": "t", "_meta": {"a": 1}}),
    ]
    with pytest.raises(ValueError, match="system"):
        messages_of(atonce.Message("hi", "system"))


def test_a_prompts_name_must_be_one() -> None:
    with pytest.raises(atonce.ToolsError, match="prompt's name"):
        atonce.prompt(name="two words")
    with pytest.raises(atonce.ToolsError, match="no function"):
        atonce.prompt(3)  # type: ignore[call-overload]


# Completions.


@atonce.complete(greet, "name")
def names_of(text: str) -> list[str]:
    return [one for one in ("Al", "Alba", "Bo") if one.startswith(text)]


@atonce.complete(note, "title")
async def titles(text: str, given: dict[str, str]) -> Any:
    return (n for n in [text, len(given), given.get("user_id")])


def test_completions_are_called_for_their_argument() -> None:
    offers = offers_of(titles, greet, note, names_of)
    _, _, for_note, for_prompt = offers

    assert [one.role for one in offers] == [
        "resource_template",
        "prompt",
        "completion",
        "completion",
    ]
    assert for_prompt.name == "completion prompt greet name"
    assert for_note.name == "completion template users://{user_id}/notes/{title} title"
    assert listed(for_prompt) == {
        "ref": {"type": "ref/prompt", "name": "greet"},
        "argument": {"name": "name"},
    }
    assert call(for_prompt, {"value": "Al"}) == ["Al", "Alba"]
    given = arguments_of(for_note, {"value": "x", "context": {"arguments": {"user_id": "7"}}})
    assert asyncio.run(for_note.function(**given)) == ["x", "1", "7"]


def test_completions_of_nothing_are_refused() -> None:
    @atonce.complete(greet, "nobody")
    def wrong_argument(text: str) -> list[str]: ...

    @atonce.complete(len, "obj")
    def wrong_target(text: str) -> list[str]: ...

    @atonce.complete(greet, "name")
    def too_many(a: str, b: str, c: str) -> list[str]: ...

    assert "name one of name, count, places" in str(refused(greet, wrong_argument))
    assert "neither a prompt nor a resource" in str(refused(greet, wrong_target))
    assert "has 3 parameters" in str(refused(greet, too_many))


# Files.

SOURCE = """
import atonce

def add(a: int, b: int) -> int: ...

@atonce.resource("config://app")
def config() -> str: ...

@atonce.prompt
def greet(name: str) -> str: ...

@atonce.complete(greet, "name")
def names(text: str) -> list[str]: ...
"""


def load_for_mcp(folder: Path, source: str, suffix: str = "") -> Loaded:
    write(folder, {"my_tools.py": source})
    with unchanged_imports():
        return load(f"{folder / 'my_tools.py'}{suffix}", for_mcp=True)


def test_offers_are_no_tools_and_only_there_for_mcp(tmp_path: Path) -> None:
    plain = load_source(tmp_path, SOURCE)
    loaded = load_for_mcp(tmp_path, SOURCE)

    assert names(plain) == names(loaded) == ["add"]
    assert plain.offers == ()
    assert [one.name for one in loaded.offers] == [
        "resource config://app",
        "prompt greet",
        "completion prompt greet name",
    ]


def test_a_function_may_be_a_tool_too(tmp_path: Path) -> None:
    source = SOURCE.replace("@atonce.prompt", "@atonce.tool\n@atonce.prompt")

    loaded = load_for_mcp(tmp_path, source)

    assert names(loaded) == ["greet"]
    assert len(loaded.offers) == 3


def test_a_file_without_tools_is_enough_for_mcp_alone(tmp_path: Path) -> None:
    source = SOURCE.replace("def add(a: int, b: int) -> int: ...", "")

    loaded = load_for_mcp(tmp_path, source)

    assert loaded.tools == () and len(loaded.offers) == 3
    with pytest.raises(atonce.ToolsError, match="has no tools"):
        load_source(tmp_path, source)
    with pytest.raises(atonce.ToolsError, match="has no tools"):
        load_for_mcp(tmp_path, "x = 1")


def test_an_objects_methods_and_members_are_offered(tmp_path: Path) -> None:
    source = """
        import atonce

        class Server:
            def add(self, a: int) -> int: ...
            @atonce.resource("config://app")
            def config(self) -> str: ...
            @atonce.prompt
            def greet(self, name: str) -> str: ...
            @atonce.complete(greet, "name")
            def names(self, text: str) -> list[str]: return [text]

        server = Server()
        chosen = [server.add, server.config]
    """

    server = load_for_mcp(tmp_path, source, ":server")
    chosen = load_for_mcp(tmp_path, source, ":chosen")
    one = load_for_mcp(tmp_path, source, ":server.config")

    assert names(server) == names(chosen) == ["add"]
    assert [one.role for one in server.offers] == ["resource", "prompt", "completion"]
    assert call(server.offers[2], {"value": "x"}) == ["x"]
    assert [one.name for one in chosen.offers] == ["resource config://app"]
    assert one.tools == () and [each.name for each in one.offers] == ["resource config://app"]
