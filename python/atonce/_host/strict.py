"""The form of a schema that OpenAI holds a model to, and what null means in answers to it.

In the strict form every object is closed and requires all of its properties. A model that does not
want to give an optional one gives null, which the form allows for that reason alone: such a null
stands for an argument that is absent (without_added_nulls).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from atonce._host.schema_walk import alternatives, step_into
from atonce._host.schemas import Schema, inner, rebuild, to_text

# What may stand in a strict schema, beside what is rewritten on the way.
_KEPT = frozenset(
    {
        "$defs",
        "$ref",
        "additionalProperties",
        "anyOf",
        "const",
        "description",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "items",
        "maximum",
        "maxItems",
        "minimum",
        "minItems",
        "multipleOf",
        "pattern",
        "properties",
        "required",
        "title",
        "type",
    }
)
_FORMATS = frozenset(
    {"date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uuid"}
)
_SHAPES = ("$ref", "anyOf", "const", "enum", "properties", "type")  # one of them says what it takes
_SCALARS = frozenset({"boolean", "integer", "number", "string"})


class Strict(NamedTuple):
    schema: Schema | None  # None: there is no strict form
    warnings: tuple[str, ...]


class _LooseError(Exception):
    """There is no strict form; the text says what the value takes."""


def make_strict(schema: Schema, tool: str) -> Strict:
    """The strict form of a tool's schema, and what the person should know about it."""
    warnings = [
        f"`{tool}` is not declared strict: its parameter `{name}` {reason}"
        for name, node in schema.get("properties", {}).items()
        if (reason := _why_loose(node, schema))
    ]
    if schema.get("additionalProperties", False) is not False or "patternProperties" in schema:
        warnings.append(f"`{tool}` is not declared strict: it takes arguments of any name")
    if warnings:
        return Strict(None, tuple(warnings))
    lost = [
        f"`{tool}` is declared strict without {_listed(words)} of its parameter `{name}`, "
        "which is checked when it is called"
        for name, node in schema.get("properties", {}).items()
        if (words := _lost(node))
    ]
    strict: Schema = _object(schema)
    if "$defs" in schema:
        strict["$defs"] = {name: _node(one) for name, one in schema["$defs"].items()}
    return Strict(strict, tuple(lost))


def without_added_nulls(validate: Callable[[bytes], Any], schema: Schema) -> Callable[[bytes], Any]:
    """`validate` for answers to the strict form of `schema`.

    A null that only the strict form allows is taken out before; any other stays, to be refused or
    used as what it is.
    """
    definitions = schema.get("$defs", {})

    def validate_without(raw: bytes) -> Any:
        if b"null" not in raw:
            return validate(raw)
        try:
            value = from_json(raw)
        except ValueError:
            return validate(raw)  # which says what is wrong
        is_changed = _drop_nulls([schema], definitions, value)
        return validate(to_json(value, inf_nan_mode="constants") if is_changed else raw)

    return validate_without


def _drop_nulls(nodes: list[Schema], definitions: Schema, value: Any) -> bool:
    """Takes the nulls out of `value`, to which `nodes` apply; whether there were any."""
    is_changed = False
    if isinstance(value, dict):
        for key in list(value):
            holders = [node for node in nodes if key in node.get("properties", {})]
            if value[key] is None and holders and all(_adds_null(holders, key, definitions)):
                del value[key]
                is_changed = True
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for step, one in items:
        if isinstance(one, dict | list):
            below = [
                alternative
                for node in nodes
                for alternative in alternatives(step_into(node, step), definitions)
            ]
            is_changed = _drop_nulls(below, definitions, one) or is_changed
    return is_changed


def _adds_null(holders: list[Schema], key: str, definitions: Schema) -> list[bool]:
    """For each object schema, whether the strict form alone lets its property be null."""
    return [
        key not in node.get("required", ())
        and not any(map(_takes_null, alternatives(node["properties"][key], definitions)))
        for node in holders
    ]


def _takes_null(node: Schema) -> bool:
    if "enum" in node:
        return None in node["enum"]
    if "const" in node:
        return node["const"] is None
    kind = node.get("type", "null")  # without a type it takes anything
    return kind == "null" or (isinstance(kind, list) and "null" in kind)


def _why_loose(node: Any, schema: Schema) -> str:
    """Why the schema of a parameter has no strict form; empty if it has one."""
    definitions = schema.get("$defs", {})
    waiting, seen = [node], set()
    try:
        while waiting:
            one = _plain(waiting.pop())
            _check(one)
            for name, definition in definitions.items():
                if isinstance(one, dict) and one.get("$ref") == f"#/$defs/{name}":
                    waiting += [definition] if name not in seen else []
                    seen.add(name)
            waiting += inner(one)
    except _LooseError as reason:
        return str(reason)
    return ""


def _check(node: Any) -> None:
    if node is False:
        return  # as additionalProperties; nothing else may be it
    if not isinstance(node, dict) or not any(word in node for word in _SHAPES):
        raise _LooseError("takes any value")
    if "allOf" in node or "if" in node or "dependentSchemas" in node:
        raise _LooseError("has to fit several schemas at once")
    if "patternProperties" in node or node.get("additionalProperties", False) is not False:
        raise _LooseError("takes members of any name")
    if node.get("type") == "object" and "properties" not in node:
        raise _LooseError("takes members of any name")
    if node.get("type") == "array" and "items" not in node:
        raise _LooseError("takes a list of anything")


def _lost(node: Any) -> list[str]:
    """The keywords that the strict form of a parameter goes without, each once."""
    found: dict[str, None] = {}
    if isinstance(node, dict):
        # Said in other words, but not lost: a default is described, the others have a synonym.
        said = _KEPT | {"default", "oneOf", "allOf"}
        found.update(dict.fromkeys(word for word in node if word not in said))
        if node.get("format", "date") not in _FORMATS:
            found[f"format {node['format']}"] = None
    for one in inner(node):
        found.update(dict.fromkeys(_lost(one)))
    return list(found)


def _listed(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _plain(node: Any) -> Any:
    """The same with the few words that the strict form knows."""
    if not isinstance(node, dict):
        return node
    node = dict(node)
    if len(node.get("allOf", ())) == 1:
        (only,) = node.pop("allOf")
        node = {**only, **node}
    if "oneOf" in node and "anyOf" not in node:
        node["anyOf"] = node.pop("oneOf")
    if "prefixItems" in node and isinstance(node.get("items", False), bool):
        kinds = [
            one for at, one in enumerate(node["prefixItems"]) if one not in node["prefixItems"][:at]
        ]
        node["items"] = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    return node


def _node(node: Any) -> Any:
    """The strict form of a schema that has one."""
    node = _plain(node)
    if not isinstance(node, dict):
        return node
    if "$ref" in node:  # nothing may stand beside it
        target = {"$ref": node["$ref"]}
        return {"anyOf": [target], **_words(node)} if _words(node) else target
    if "properties" in node:
        return _object(node)
    return _kept(rebuild(node, _node))


def _object(node: Schema) -> Schema:
    required = node.get("required", ())
    properties = {
        name: _node(one) if name in required else _or_null(one)
        for name, one in node.get("properties", {}).items()
    }
    closed = {"type": "object", "properties": properties, "required": list(properties)}
    return closed | {"additionalProperties": False} | _words(node)


def _or_null(node: Any) -> Schema:
    """The strict form of an optional property: null stands for its absence."""
    strict: Schema = dict(_node(node))
    if "default" in node and node["default"] is not None:
        hint = f"Null means the default: {to_text(node['default'])}"
        strict["description"] = f"{strict.get('description', '')} {hint}".strip()
    if any(map(_takes_null, alternatives(strict, {}))):
        return strict
    if strict.get("type") in _SCALARS and "enum" not in strict and "const" not in strict:
        return strict | {"type": [strict["type"], "null"]}
    words = _words(strict)
    shape = {key: value for key, value in strict.items() if key not in words}
    members = shape["anyOf"] if shape.keys() == {"anyOf"} else [shape]
    return {"anyOf": [*members, {"type": "null"}], **words}


def _words(node: Schema) -> Schema:
    return {key: node[key] for key in ("title", "description") if key in node}


def _kept(node: Schema) -> Schema:
    kept = {key: value for key, value in node.items() if key in _KEPT}
    if kept.get("format", "date") not in _FORMATS:
        del kept["format"]
    return kept
