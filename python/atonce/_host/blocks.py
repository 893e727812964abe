"""MCP's own forms of content, for what goes to its clients as it is: prompts, resources, questions.

A tool's result is written in a form that every dialect can read (atonce._content), and C++ makes
blocks of that.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from atonce import EmbeddedResource, Message, ResourceLink, Text
from atonce._host.results import json_text
from atonce._media import Media

Json = dict[str, Any]

_PARTS = (bytes, bytearray, memoryview, Media, EmbeddedResource)


def block_of(value: Any) -> Json:
    """One content block: what is neither text nor content becomes JSON text.

    Raises what writing JSON does.
    """
    if isinstance(value, str):
        return {"type": "text", "text": value}
    if isinstance(value, Media):
        kind = "image" if value.media_type.startswith("image/") else "audio"
        return {"type": kind, "data": _base64(value.data), "mimeType": value.media_type}
    if isinstance(value, Text):
        return {"type": "text", "text": value.text} | _extras(value)
    if isinstance(value, ResourceLink):
        return {"type": "resource_link", **value._to_json()["atonce:resource_link"]}
    if isinstance(value, EmbeddedResource):
        return {"type": "resource", "resource": _embedded(value)} | _extras(value)
    return {"type": "text", "text": json_text(value)}


def message_of(value: Any) -> Json:
    """A message as MCP has it: of a Message, of content (the user's), or a dict that is one."""
    if isinstance(value, Mapping) and set(value) == {"role", "content"}:
        return dict(value)
    if not isinstance(value, Message):
        return {"role": "user", "content": block_of(value)}
    if value.role not in ("user", "assistant"):
        raise ValueError(f'the role {value.role!r} of a message is neither "user" nor "assistant"')
    return {"role": value.role, "content": block_of(value.content)}


def messages_of(value: Any) -> list[Json]:
    """Those of a list or tuple; else of the one thing that is given."""
    is_many = isinstance(value, (list, tuple)) and not isinstance(value, Message)
    return [message_of(one) for one in (value if is_many else [value])]


def contents_of(value: Any, uri: str, mime_type: str | None) -> list[Json]:
    """What is at `uri`, as MCP has it."""
    is_many = isinstance(value, (list, tuple)) and any(isinstance(one, _PARTS) for one in value)
    parts: Iterable[Any] = value if is_many else [value]
    return [_contents(one, uri, mime_type) for one in parts]


def _contents(value: Any, uri: str, mime_type: str | None) -> Json:
    if isinstance(value, EmbeddedResource):
        return _embedded(value)
    if isinstance(value, Media):
        kind = mime_type or value.media_type
        return {"uri": uri, "mimeType": kind, "blob": _base64(value.data)}
    if isinstance(value, (bytes, bytearray, memoryview)):
        kind = mime_type or "application/octet-stream"
        return {"uri": uri, "mimeType": kind, "blob": _base64(value)}
    if isinstance(value, Text):
        value = value.text
    if isinstance(value, str):
        return {"uri": uri, "mimeType": mime_type or "text/plain", "text": value}
    return {"uri": uri, "mimeType": mime_type or "application/json", "text": json_text(value)}


def _embedded(value: EmbeddedResource) -> Json:
    if isinstance(value.data, str):
        kind = value.mime_type or "text/plain"
        return {"uri": value.uri, "mimeType": kind, "text": value.data}
    kind = value.mime_type or "application/octet-stream"
    return {"uri": value.uri, "mimeType": kind, "blob": _base64(value.data)}


def _extras(value: Text | EmbeddedResource) -> Json:
    more: Json = {}
    if value.annotations is not None:
        more["annotations"] = dict(value.annotations)
    if value.meta is not None:
        more["_meta"] = dict(value.meta)
    return more


def _base64(data: bytes | bytearray | memoryview) -> str:
    return b64encode(data).decode()
