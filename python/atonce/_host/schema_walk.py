"""What a JSON Schema says about one place in a value."""

from collections.abc import Iterator
from typing import Any

from atonce._host.schemas import Schema, reference

Path = tuple[str | int, ...]


def describe_at(schema: Schema, path: Path) -> str:
    """What may stand there, in JSON's words: "integer", "string (date) or null"; may be empty."""
    return " or ".join(dict.fromkeys(filter(None, map(_describe, nodes_at(schema, path)))))


def choices_at(schema: Schema, path: Path) -> list[Any]:
    """The values that may stand there, if the schema lists them."""
    found: list[Any] = []
    for node in nodes_at(schema, path):
        values = [node["const"]] if "const" in node else node.get("enum", [])
        found.extend(one for one in values if one not in found)
    return found


def names_at(schema: Schema, path: Path) -> list[str]:
    """The names of the members that an object there may have."""
    found: dict[str, None] = {}
    for node in nodes_at(schema, path):
        found.update(dict.fromkeys(node.get("properties", {})))
    return list(found)


def nodes_at(schema: Schema, path: Path) -> list[Schema]:
    """The schemas that apply there, one for each alternative."""
    definitions = schema.get("$defs", {})
    nodes = list(alternatives(schema, definitions))
    for step in path:
        nodes = [
            alternative
            for node in nodes
            for alternative in alternatives(step_into(node, step), definitions)
        ]
    return nodes


def _describe(node: Schema) -> str:
    kind = node.get("type")
    if not isinstance(kind, str):
        return ""
    return f"{kind} ({node['format']})" if "format" in node else kind


def alternatives(node: Any, definitions: Schema) -> Iterator[Schema]:
    if not isinstance(node, dict):
        return
    name = reference(node)
    members = node.get("anyOf") or node.get("oneOf")
    if name is not None:
        yield from alternatives(definitions.get(name), definitions)
    elif members:
        for one in members:
            yield from alternatives(one, definitions)
    else:
        yield node


def step_into(node: Schema, step: str | int) -> Any:
    if isinstance(step, str):
        return node.get("properties", {}).get(step, node.get("additionalProperties"))
    first = node.get("prefixItems", [])
    return first[step] if step < len(first) else node.get("items")
