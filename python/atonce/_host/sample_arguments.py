"""Plausible arguments for a tool, from its schema: for measuring a function that nobody gave any.

The same tool always gets the same ones.
"""

import itertools
import json
import math
import re
from typing import Any, TypeGuard

from atonce import ToolsError
from atonce._host.schemas import Schema, reference, to_text
from atonce._host.toolset import Tool

_INTEGER = 20  # enough for a loop or a recursion to do something, too little to hang in one
_NUMBER = 1.5
_TEXT = "text"
_ITEMS = 3

FORMATS = {
    "base64url": "dGV4dA==",
    "binary": _TEXT,
    "date": "2025-01-15",
    "date-time": "2025-01-15T12:30:00Z",
    "duration": "PT90S",
    "email": "someone@example.com",
    "hostname": "example.com",
    "idn-email": "someone@example.com",
    "ipv4": "192.0.2.1",
    "ipv4interface": "192.0.2.1/24",
    "ipv4network": "192.0.2.0/24",
    "ipv6": "2001:db8::1",
    "ipv6interface": "2001:db8::1/64",
    "ipv6network": "2001:db8::/64",
    "ipvanyaddress": "192.0.2.1",
    "ipvanyinterface": "192.0.2.1/24",
    "ipvanynetwork": "192.0.2.0/24",
    "json-string": "{}",
    "name-email": "Someone <someone@example.com>",
    "time": "12:30:00",
    "uri": "https://example.com/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    **{f"uuid{one}": f"123e4567-e89b-{one}2d3-a456-426614174000" for one in range(1, 9)},
}


def sample(tool: Tool) -> str:
    """Arguments as JSON text that the tool's own validator takes.

    A parameter's default is taken where there is one, then an example of its schema, then what
    fits its type and bounds. Raises ToolsError, which names the tool, when none of that is valid.
    """
    schema = json.loads(tool.input_schema)
    reason = ""
    # A default is not always valid as JSON, and schemas do not say of keys that they are numbers.
    for with_defaults, key in itertools.product((True, False), (_TEXT, str(_INTEGER))):
        try:
            text = to_text(_arguments(schema, with_defaults, key))
            tool.validate(text.encode())
        except Exception as error:  # the types are the user's, and so may be what they raise
            reason = reason or _first_line(error)
            continue
        return text
    raise ToolsError(
        f"no arguments could be made up for `{tool.name}`: {reason}",
        "give them: `--args JSON`, with an object such as "
        f"`{{{', '.join(json.dumps(name) + ': ...' for name in schema.get('required', []))}}}`",
    )


class _EndlessError(Exception):
    """A value of a recursive type has to hold another one."""

    def __str__(self) -> str:
        return "a recursive type has no end"


def _arguments(schema: Schema, with_defaults: bool, key: str) -> dict[str, Any]:
    required = schema.get("required", [])
    sampler = _Sampler(schema.get("$defs", {}), key)
    return {
        name: sampler.value(one)
        for name, one in schema.get("properties", {}).items()
        if name in required or (with_defaults and isinstance(one, dict) and "default" in one)
    }


class _Sampler:
    def __init__(self, definitions: Schema, key: str) -> None:
        self._definitions = definitions
        self._key = key  # of mappings
        self._open: list[str] = []  # the definitions that the value to be made is inside of

    def value(self, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return _TEXT  # True: anything will do
        name = reference(schema)
        if name is not None:
            return self._referred(name)
        if "const" in schema:
            return schema["const"]
        if "default" in schema:
            return schema["default"]
        for choices in (schema.get("examples"), schema.get("enum")):
            if isinstance(choices, list) and choices:
                return choices[0]
        return self._made(schema)

    def _referred(self, name: str) -> Any:
        if name in self._open:
            raise _EndlessError
        self._open.append(name)
        try:
            return self.value(self._definitions.get(name))
        finally:
            self._open.pop()

    def _made(self, schema: Schema) -> Any:
        if members := schema.get("anyOf") or schema.get("oneOf"):
            return self._one_of(members)
        if parts := schema.get("allOf"):
            rest = {key: one for key, one in schema.items() if key != "allOf"}
            return self.value(_merged([*parts, rest], self._definitions))
        if schema.get("contentMediaType") == "application/json":
            return to_text(self.value(schema.get("contentSchema")))
        match _type_of(schema):
            case "object":
                return self._object(schema)
            case "array":
                return self._array(schema)
            case "integer":
                return _integer(schema)
            case "number":
                return _number(schema)
            case "boolean":
                return True
            case "null":
                return None
        return _text(schema)

    def _one_of(self, members: list[Any]) -> Any:
        is_null = [isinstance(one, dict) and one.get("type") == "null" for one in members]
        # Something says more of a function than nothing does.
        ordered = sorted(range(len(members)), key=lambda at: is_null[at])
        for at in ordered:
            try:
                return self.value(members[at])
            except _EndlessError:
                continue
        raise _EndlessError

    def _object(self, schema: Schema) -> dict[str, Any]:
        properties = schema.get("properties", {})
        made = {name: self.value(properties.get(name)) for name in schema.get("required", [])}
        rest = schema.get("additionalProperties")
        if "properties" not in schema and isinstance(rest, dict):
            made |= self._mapping(schema, rest)
        return made

    def _mapping(self, schema: Schema, values: Schema) -> dict[str, Any]:
        count = max(1, schema.get("minProperties", 0))
        names = schema.get("propertyNames")
        key = self._key if names is None else self.value(names)
        try:
            return {_varied(str(key), at): self.value(values) for at in range(count)}
        except _EndlessError:
            if schema.get("minProperties"):
                raise
            return {}

    def _array(self, schema: Schema) -> list[Any]:
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", max(least, _ITEMS))
        first = [self.value(one) for one in schema.get("prefixItems", [])][:most]
        items = schema.get("items", True)
        if first and "items" not in schema:
            return first
        count = max(least, min(most, _ITEMS)) - len(first)
        if items is False or count <= 0:
            return first
        try:
            more = [self.value(items) for _ in range(count)]
        except _EndlessError:
            if len(first) < least:
                raise
            return first
        if schema.get("uniqueItems"):
            more = self._distinct(items, more, least)
        return first + more

    def _distinct(self, items: Any, made: list[Any], least: int) -> list[Any]:
        if isinstance(items, dict) and isinstance(items.get("enum"), list):
            return list(items["enum"][: len(made)])
        varied = [_varied(one, at) for at, one in enumerate(made)]
        # Not every value can be varied, and not every variation fits.
        is_free = isinstance(items, dict) and items.keys() <= {"type", "title", "description"}
        return varied if is_free or least > 1 else made[:1]


def _merged(parts: list[Any], definitions: Schema) -> Schema:
    whole: Schema = {}
    for part in parts:
        name = reference(part)
        one = definitions.get(name) if name is not None else part
        for key, value in (one if isinstance(one, dict) else {}).items():
            if key == "properties":
                value = whole.get(key, {}) | value
            elif key == "required":
                value = [*whole.get(key, []), *value]
            whole[key] = value
    return whole


def _type_of(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else "string"


def _integer(schema: Schema) -> int:
    low, high = _bounds(schema, 1)
    return int(_fitting(schema, _INTEGER, math.ceil(low), math.floor(high)))


def _number(schema: Schema) -> float:
    low, high = _bounds(schema, 0)
    width = high - low
    low, high = _bounds(schema, min(1, width / 4))
    return _fitting(schema, _NUMBER, low, high)


def _bounds(schema: Schema, step: float) -> tuple[float, float]:
    """The least and the greatest; `step` is how far to keep from those that are excluded."""
    # Python's own numbers go further than a float does, but nobody bounds them there.
    low, high = schema.get("minimum", -1e300), schema.get("maximum", 1e300)
    if _is_number(bound := schema.get("exclusiveMinimum")):
        low = max(low, bound + step)
    if _is_number(bound := schema.get("exclusiveMaximum")):
        high = min(high, bound - step)
    return low, high


def _fitting(schema: Schema, usual: float, low: float, high: float) -> float:
    value = min(max(usual, low), high)
    multiple = schema.get("multipleOf")
    if not _is_number(multiple) or multiple <= 0:
        return value
    up = math.ceil(value / multiple) * multiple
    return up if up <= high else math.floor(value / multiple) * multiple


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(schema: Schema) -> str:
    text = FORMATS.get(schema.get("format", ""), _TEXT)
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        return _matching(pattern, text, least, most)
    if len(text) < least:
        text = (text * least)[:least]
    return text if len(text) <= most else text[: int(most)]


def _matching(pattern: str, text: str, least: int, most: float) -> str:
    """A text of one letter repeated, if that matches; most patterns say only which, and how many.

    The validator judges what comes out.
    """
    candidates = [text, *(letter * count for count in range(41) for letter in "a0A-")]
    for one in candidates:
        if least <= len(one) <= most and re.search(pattern, one):
            return one
    return text


def _varied(value: Any, number: int) -> Any:
    if number == 0 or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value + number
    return f"{value}{number + 1}" if isinstance(value, str) else value


def _first_line(error: BaseException) -> str:
    """pydantic's errors have the place in the first lines and the reason after it."""
    errors = getattr(error, "errors", None)
    if callable(errors):
        first = errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        return f"{place}: {first['msg']}" if place else str(first["msg"])
    return str(error).partition("\n")[0] or type(error).__name__
