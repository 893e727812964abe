"""Questions as MCP's requests, and their answers as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic_core import SchemaValidator, ValidationError

from atonce import Elicit, Elicited, ElicitUrl, Root, RootList, Roots, Sample, Sampled
from atonce._asking import Question
from atonce._host.blocks import messages_of
from atonce._host.inline import inline
from atonce._host.schemas import Schema

# The member that stands for a type that is no object, of which a form is made.
VALUE = "value"

_ACTIONS = ("accept", "decline", "cancel")
_PLAIN = ("string", "number", "integer", "boolean")


class Asked(NamedTuple):
    request: dict[str, Any]  # {"method", "params"}
    read: Callable[[Any], Any]  # the answer's JSON -> what the function gets; raises ValueError
    again: Callable[[str], Asked] | None = None  # the same question, saying what was wrong


class _Form(NamedTuple):
    schema: Schema
    read: Callable[[Any], Any]  # raises ValueError


def prepare(question: Question) -> Asked:
    """Raises TypeError for what cannot be asked."""
    if isinstance(question, Elicit):
        return _elicit(question.message, _form_of(question.schema))
    if isinstance(question, ElicitUrl):
        params = {"mode": "url", "message": question.message, "url": question.url}
        return Asked({"method": "elicitation/create", "params": params}, _read_consent)
    if isinstance(question, Sample):
        return Asked(_sampling(question), _read_sampled)
    if isinstance(question, Roots):
        return Asked({"method": "roots/list"}, _read_roots)
    raise TypeError(
        f"{question!r} is no question: give atonce.Elicit, ElicitUrl, Sample or Roots objects"
    )


def _elicit(message: str, form: _Form, problem: str = "") -> Asked:
    shown = f"{message}\n\nThe last answer did not fit: {problem}" if problem else message
    params = {"mode": "form", "message": shown, "requestedSchema": form.schema}

    def read(answer: Any) -> Elicited:
        elicited = _read_consent(answer)
        if not elicited.accepted:
            return elicited
        return Elicited("accept", form.read(answer.get("content", {})))

    return Asked(
        {"method": "elicitation/create", "params": params},
        read,
        lambda wrong: _elicit(message, form, wrong),
    )


def _read_consent(answer: Any) -> Elicited:
    action = answer.get("action") if isinstance(answer, Mapping) else None
    if action not in _ACTIONS:
        raise ValueError(f"the action is {action!r}, none of {', '.join(_ACTIONS)}")
    return Elicited(action)


def _form_of(wanted: Any) -> _Form:
    if wanted is None:
        return _Form({"type": "object", "properties": {}}, lambda _: None)
    if isinstance(wanted, Mapping):
        return _Form(dict(wanted), _as_dict)
    schema, validator = _schema_of(wanted)
    if schema.get("type") == "object":
        return _Form(_flat(schema, wanted), lambda content: _validated(validator, content))
    whole = {"type": "object", "properties": {VALUE: schema}, "required": [VALUE]}

    def read(content: Any) -> Any:
        return _validated(validator, _as_dict(content).get(VALUE))

    return _Form(_flat(whole, wanted), read)


def _schema_of(wanted: Any) -> tuple[Schema, SchemaValidator]:
    from pydantic import TypeAdapter

    from atonce._host.pydantic_types import SchemaWriter, type_name

    try:
        adapter = TypeAdapter(wanted)
        schema = inline(adapter.json_schema(schema_generator=SchemaWriter))
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise TypeError(f"the type {type_name(wanted)} cannot be asked for: {reason}") from None
    return schema, SchemaValidator(adapter.core_schema)


def _as_dict(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise ValueError("the content is no object")
    return content


def _validated(validator: SchemaValidator, content: Any) -> Any:
    from atonce._host.schemas import to_text

    try:
        # From JSON, since there dates and such come from text.
        return validator.validate_json(to_text(content))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(one) for one in first["loc"])
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from None


def _flat(schema: Schema, wanted: Any) -> Schema:
    """The schema of a form: its fields are plain, and have no null, which a form cannot say."""
    if not schema.get("properties") or schema.get("additionalProperties"):
        raise TypeError(f"a form cannot ask for {wanted!r}: it does not say which fields it has")
    properties: Schema = {}
    required = list(schema.get("required", ()))
    for name, field in schema["properties"].items():
        plain = _plain_field(field)
        if plain is None:
            raise TypeError(
                f"a form cannot ask for `{name}` of {wanted!r}: its fields are text, numbers, "
                "booleans, dates, choices and lists of choices"
            )
        if plain is not field and name in required and "anyOf" in field:
            required.remove(name)
        properties[name] = plain
    flat: Schema = {"type": "object", "properties": properties}
    if required:
        flat["required"] = required
    for key in ("title", "description"):
        if key in schema:
            flat[key] = schema[key]
    return flat


def _plain_field(field: Any) -> Schema | None:
    if not isinstance(field, dict):
        return None
    if "anyOf" in field:
        members = [one for one in field["anyOf"] if one != {"type": "null"}]
        if len(members) != 1:
            return None
        beside = {key: value for key, value in field.items() if key != "anyOf"}
        field = members[0] | beside
    if field.get("default", 0) is None:
        field = {key: value for key, value in field.items() if key != "default"}
    if "const" in field:
        field = {**field, "enum": [field["const"]]}
        del field["const"]
    if field.get("type") == "array":
        items = field.get("items")
        is_choice = isinstance(items, dict) and ("enum" in items or "anyOf" in items)
        return (
            {key: value for key, value in field.items() if key != "uniqueItems"}
            if is_choice
            else None
        )
    return field if field.get("type") in _PLAIN else None


def _sampling(question: Sample) -> dict[str, Any]:
    params: dict[str, Any] = {
        "messages": messages_of(question.messages),
        "maxTokens": question.max_tokens,
    }
    if question.system is not None:
        params["systemPrompt"] = question.system
    if question.temperature is not None:
        params["temperature"] = question.temperature
    if question.stop:
        params["stopSequences"] = list(question.stop)
    if question.preferences is not None:
        params["modelPreferences"] = dict(question.preferences)
    return {"method": "sampling/createMessage", "params": params}


def _read_sampled(answer: Any) -> Sampled:
    content = answer.get("content") if isinstance(answer, Mapping) else None
    blocks = content if isinstance(content, list) else [content]
    if not blocks or not all(isinstance(one, dict) for one in blocks):
        raise ValueError("it has no content")
    return Sampled(
        content,
        str(answer.get("role", "assistant")),
        str(answer.get("model", "")),
        answer.get("stopReason"),
    )


def _read_roots(answer: Any) -> RootList:
    listed = answer.get("roots") if isinstance(answer, Mapping) else None
    if not isinstance(listed, list):
        raise ValueError("it has no list of roots")
    if not all(isinstance(one, dict) and isinstance(one.get("uri"), str) for one in listed):
        raise ValueError("one of the roots has no address")
    return RootList(Root(one["uri"], one.get("name")) for one in listed)
