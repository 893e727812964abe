"""A schema without references: definitions put where they are used, but for recursive ones."""

from typing import Any

from atonce._host.schemas import Schema, inner, rebuild, reference

# Definitions that use others several times each can multiply; beyond this they stay definitions.
MOST_NODES = 5000


def inline(schema: Schema) -> Schema:
    """The same schema with its keys in a fixed order, and $defs only for what holds itself."""
    definitions = {name: _cleaned(one) for name, one in schema.get("$defs", {}).items()}
    root = _without_noise({key: one for key, one in schema.items() if key != "$defs"})
    uses = {name: _references(one) for name, one in definitions.items()}
    kept = {name for name in uses if name in _reachable(name, uses)}
    if _size(root, definitions, kept, {}) > MOST_NODES:
        kept = set(definitions)

    def expand(node: Any) -> Any:
        name = reference(node)
        if name is None or name in kept or name not in definitions:
            return rebuild(node, expand)
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return expand(definitions[name]) | beside

    result = _ordered(expand(root))
    used = _reachable_from(_references(root), uses) & kept
    if used:
        result["$defs"] = {name: expand(definitions[name]) for name in sorted(used)}
    return result


def _cleaned(definition: Any) -> Any:
    definition = _without_noise(definition)
    if isinstance(definition, dict):
        definition.pop("title", None)  # the name of the class
    return definition


def _without_noise(node: Any) -> Any:
    """A copy without empty titles and OpenAPI's `discriminator`, which points at definitions."""
    copy = rebuild(node, _without_noise)
    if isinstance(copy, dict):
        copy.pop("discriminator", None)
        if copy.get("title") == "":
            del copy["title"]
    return copy


def _ordered(schema: Schema) -> Schema:
    first = ("type", "properties", "required", "additionalProperties")
    return {key: schema[key] for key in first if key in schema} | schema


def _references(node: Any) -> set[str]:
    name = reference(node)
    found = set() if name is None else {name}
    return found.union(*(_references(one) for one in inner(node)))


def _reachable(name: str, uses: dict[str, set[str]]) -> set[str]:
    return _reachable_from(uses[name], uses)


def _reachable_from(names: set[str], uses: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in uses and name not in found:
            found.add(name)
            waiting.extend(uses[name])
    return found


def _size(node: Any, definitions: dict[str, Any], kept: set[str], known: dict[str, int]) -> int:
    """How many schemas `node` holds once it is expanded."""
    name = reference(node)
    total = 1 + sum(_size(one, definitions, kept, known) for one in inner(node))
    if name is None or name in kept or name not in definitions:
        return total
    if name not in known:
        known[name] = _size(definitions[name], definitions, kept, known)
    return total + known[name]
