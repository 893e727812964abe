"""A JSON Schema made so narrow that what fits it is small, plausible and often the same.

Races show where two calls come to the same key; arbitrary text and numbers seldom do.
"""

from __future__ import annotations

import math
from typing import Any

from atonce._host.check.vocabulary import Vocabulary
from atonce._host.sample_arguments import FORMATS
from atonce._host.schemas import Schema, rebuild, reference

_WORDS = ["text", "1"]  # the second for who makes a number of it
_NUMBERS = [1, 2, 3]
_FRACTIONS = [1.0, 2.5]
_STEPS = 2  # from the one bound there is
_MOST_ITEMS = 3
_MOST_MEMBERS = 2
_MOST_CHARACTERS = 8  # more than the least

_SAYS_NOTHING = {"title", "description", "default", "deprecated"}  # of the values
_SAID = ("const", "enum", "anyOf", "oneOf", "allOf", "not", "if")


def narrow(schema: Any, vocabulary: Vocabulary) -> Any:
    """What fits the result fits `schema`, but for rules that only a validator knows."""

    def change(one: Any) -> Any:
        if one is True or (isinstance(one, dict) and one.keys() <= _SAYS_NOTHING):
            return {"enum": [*_words(vocabulary), *_numbers(vocabulary)]}
        if not isinstance(one, dict) or reference(one) is not None:
            return one
        examples = one.get("examples")
        if isinstance(examples, list) and examples:
            return {"enum": examples}
        inner = rebuild(one, change)
        if any(word in one for word in _SAID):
            return inner
        make = _BY_TYPE.get(str(one.get("type")))
        return inner if make is None else make(inner, vocabulary)

    return change(schema)


def _words(vocabulary: Vocabulary) -> list[str]:
    return [*vocabulary.words, _WORDS[0]] if vocabulary.words else list(_WORDS)


def _numbers(vocabulary: Vocabulary) -> list[int]:
    return list(dict.fromkeys([*vocabulary.numbers, *_NUMBERS]))[:4]


def _string(schema: Schema, vocabulary: Vocabulary) -> Schema:
    if schema.get("format") in FORMATS:
        return {"enum": [FORMATS[schema["format"]]]}
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    if "pattern" not in schema:
        fitting = [one for one in _words(vocabulary) if least <= len(one) <= most]
        if fitting:
            return {"enum": fitting}
    return {**schema, "maxLength": min(most, least + _MOST_CHARACTERS)}


def _integer(schema: Schema, vocabulary: Vocabulary) -> Schema:
    low, high = _bounds(schema, 1)
    step = schema.get("multipleOf", 1)
    fitting = [one for one in _numbers(vocabulary) if low <= one <= high and one % step == 0]
    if fitting:
        return {"enum": fitting}
    first = math.ceil(low / step) if low > -math.inf else math.floor(high / step) - _STEPS
    near = [round(step * (first + more)) for more in range(_STEPS + 1)]
    return {"enum": [one for one in near if low <= one <= high]}


def _number(schema: Schema, vocabulary: Vocabulary) -> Schema:
    if "multipleOf" in schema:
        return _integer(schema, vocabulary)
    low, high = _bounds(schema, 0)
    fitting = [one for one in _FRACTIONS if low < one < high]
    if fitting:
        return {"enum": fitting}
    if low > -math.inf and high < math.inf:
        return {"enum": [low + (high - low) / 2, low + (high - low) / 4]}
    return {"enum": [low + 1, low + _STEPS] if low > -math.inf else [high - 1, high - _STEPS]}


def _bounds(schema: Schema, step: int) -> tuple[float, float]:
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf) + step)
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf) - step)
    return low, high


def _array(schema: Schema, _: Vocabulary) -> Schema:
    least = max(schema.get("minItems", 0), len(schema.get("prefixItems", [])) or 1)
    most = schema.get("maxItems", math.inf)
    bounds = {"minItems": min(least, most), "maxItems": min(most, max(least, _MOST_ITEMS))}
    if "prefixItems" in schema:  # as the drafts said it that the library knows
        rest = schema.get("items", False)
        return {**schema, **bounds, "items": schema["prefixItems"], "additionalItems": rest}
    return {**schema, **bounds}


def _object(schema: Schema, vocabulary: Vocabulary) -> Schema:
    if schema.get("properties") or not schema.get("additionalProperties", True):
        return {**schema, "additionalProperties": False}  # no more than it names
    least = max(schema.get("minProperties", 0), 1)
    most = min(schema.get("maxProperties", math.inf), max(least, _MOST_MEMBERS))
    names = schema.get("propertyNames", {"enum": _words(vocabulary)})
    return {
        **schema,
        "additionalProperties": schema.get("additionalProperties", {"enum": _numbers(vocabulary)}),
        "minProperties": min(least, most),
        "maxProperties": most,
        "propertyNames": names,
    }


_BY_TYPE = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "array": _array,
    "object": _object,
}
