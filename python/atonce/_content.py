"""What a result may hold beside JSON and media: the other blocks of MCP's content.

In JSON each is an object with one member whose name says what it is, `{"atonce:text": {...}}`;
clients of MCP get the block, models of other APIs see that JSON. Annotations are MCP's: `audience`
(a list of "user" and "assistant"), `priority` (0 to 1) and `lastModified`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple


class Text:
    """A text of its own among other content; a plain str is one too, but has no annotations."""

    __slots__ = ("annotations", "meta", "text")

    def __init__(
        self,
        text: str,
        annotations: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        self.text = text
        self.annotations = annotations
        self.meta = meta

    def _to_json(self) -> Any:
        more = _annotated(self.annotations, self.meta)
        return {"atonce:text": {"text": self.text, **more}} if more else self.text

    def __repr__(self) -> str:
        return f"Text({self.text!r})"


class ResourceLink:
    """Where something is that the caller may read: one of the server's resources, or a web page."""

    __slots__ = ("annotations", "description", "meta", "mime_type", "name", "size", "title", "uri")

    def __init__(
        self,
        uri: str,
        name: str,
        title: str | None = None,
        description: str | None = None,
        mime_type: str | None = None,
        size: int | None = None,
        annotations: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        self.uri = uri
        self.name = name
        self.title = title
        self.description = description
        self.mime_type = mime_type
        self.size = size
        self.annotations = annotations
        self.meta = meta

    def _to_json(self) -> dict[str, Any]:
        link = {
            "uri": self.uri,
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "mimeType": self.mime_type,
            "size": self.size,
        }
        given = {name: value for name, value in link.items() if value is not None}
        return {"atonce:resource_link": given | _annotated(self.annotations, self.meta)}

    def __repr__(self) -> str:
        return f"ResourceLink({self.uri!r}, {self.name!r})"


class EmbeddedResource:
    """A resource with what is in it: text as str, anything else as bytes."""

    __slots__ = ("annotations", "data", "meta", "mime_type", "uri")

    def __init__(
        self,
        uri: str,
        data: str | bytes,
        mime_type: str | None = None,
        annotations: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(data, (str, bytes)):
            raise TypeError(f"data must be str or bytes, not {type(data).__name__}")
        self.uri = uri
        self.data = data
        self.mime_type = mime_type
        self.annotations = annotations
        self.meta = meta

    def _to_json(self) -> dict[str, Any]:
        # Bytes stand in the form of Image, so that models that are shown pictures see it.
        data: Any = self.data
        resource: dict[str, Any] = {"uri": self.uri}
        if isinstance(data, bytes):
            kind = self.mime_type or "application/octet-stream"
            resource["blob"] = {"media_type": kind, "data": b64encode(data).decode()}
        else:
            resource |= {"mimeType": self.mime_type or "text/plain", "text": data}
        return {"atonce:resource": resource | _annotated(self.annotations, self.meta)}

    def __repr__(self) -> str:
        return f"EmbeddedResource({self.uri!r})"


class ToolResult:
    """A result whose every part is said: the content, the structured content, whether it failed.

    `content` is one thing or a list of them: str, media, the classes above, or what JSON can say.
    `is_error` tells the model that the call failed, without an exception. `meta` is for the client.
    """

    __slots__ = ("content", "is_error", "meta", "structured")

    def __init__(
        self,
        content: Any = (),
        structured: Any = None,
        is_error: bool = False,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        self.content = list(content) if isinstance(content, (list, tuple)) else [content]
        self.structured = structured
        self.is_error = is_error
        self.meta = meta

    def _to_json(self) -> dict[str, Any]:
        result: dict[str, Any] = {"content": self.content}
        if self.structured is not None:
            result["structured"] = self.structured
        if self.is_error:
            result["is_error"] = True
        if self.meta is not None:
            result["meta"] = dict(self.meta)
        return {"atonce:result": result}

    def __repr__(self) -> str:
        return f"ToolResult({self.content!r})"


class Message(NamedTuple):
    """One message of a prompt, or of what is asked of the caller's model.

    `content` is a str, media, or one of the classes above; `role` is "user" or "assistant".
    """

    content: Any
    role: str = "user"


def _annotated(
    annotations: Mapping[str, Any] | None, meta: Mapping[str, Any] | None
) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if annotations is not None:
        more["annotations"] = dict(annotations)
    if meta is not None:
        more["_meta"] = dict(meta)
    return more
