"""Media as results: bytes that say what they are."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from typing import Any, ClassVar, TypeVar

Self = TypeVar("Self", bound="Media")


class Media:
    """Bytes of some kind; what tools use are the classes below.

    In JSON it is `{"media_type": "image/png", "data": "<base64>"}`.
    """

    __slots__ = ("data", "media_type")

    data: bytes
    media_type: str

    _prefix: ClassVar[str]  # of every media type that it may have
    _example: ClassVar[str]

    def __init__(self, data: bytes, media_type: str) -> None:
        if not isinstance(data, bytes):
            raise TypeError(f"data must be bytes, not {type(data).__name__}")
        if not media_type.startswith(self._prefix):
            raise ValueError(f"media_type {media_type!r} is not {self._example}")
        self.data = data
        self.media_type = media_type

    @classmethod
    def from_file(cls: type[Self], path: str | os.PathLike[str]) -> Self:
        """Reads a file; its media type follows from the file's name.

        Raises ValueError when the name does not tell, OSError when the file cannot be read.
        """
        import mimetypes  # rarely needed, and slow to import

        media_type, _ = mimetypes.guess_type(os.fspath(path))
        if media_type is None:
            raise ValueError(f"the name of {os.fspath(path)!r} does not tell the media type")
        with open(path, "rb") as file:
            return cls(file.read(), media_type)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        """For pydantic: lets a model or a parameter have this type, in the JSON form above."""
        from pydantic_core import core_schema

        form = core_schema.typed_dict_schema(
            {
                "media_type": core_schema.typed_dict_field(core_schema.str_schema()),
                "data": core_schema.typed_dict_field(core_schema.str_schema()),
            }
        )
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(cls._from_json, form),
            python_schema=core_schema.is_instance_schema(cls),
            serialization=core_schema.plain_serializer_function_ser_schema(
                cls._to_json, when_used="json"
            ),
        )

    @classmethod
    def _from_json(cls: type[Self], form: dict[str, str]) -> Self:
        return cls(b64decode(form["data"], validate=True), form["media_type"])

    def _to_json(self) -> dict[str, str]:
        return {"media_type": self.media_type, "data": b64encode(self.data).decode()}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.data)} bytes, {self.media_type!r})"


class Image(Media):
    """A picture that a tool returns, alone or inside a list, dict or dataclass."""

    __slots__ = ()

    _prefix = "image/"
    _example = 'an image, such as "image/png"'


class Audio(Media):
    """A sound that a tool returns, alone or inside a list, dict or dataclass."""

    __slots__ = ()

    _prefix = "audio/"
    _example = 'a sound, such as "audio/wav"'
