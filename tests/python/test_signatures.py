"""How parameters are found, named, injected and passed, whatever their kind."""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Optional

import atonce
import pytest
from caller import InvalidError, arguments_of, call, schema_of, tool_of
from pydantic import BaseModel, Field


def positional_only(a: int, b: str = "x", /) -> Any:
    return [a, b]


def keyword_only(*, a: int, b: str = "x") -> Any:
    return [a, b]


def rest(a: int, *numbers: float, b: str = "x", **options: bool) -> Any:
    return [a, list(numbers), b, options]


def test_positional_only_parameters_are_given_by_name() -> None:
    assert call(positional_only, {"a": 1}) == [1, "x"]
    assert call(positional_only, {"b": "y", "a": 1}) == [1, "y"]


def test_keyword_only_parameters_are_given_by_name() -> None:
    assert call(keyword_only, {"a": 1, "b": "y"}) == [1, "y"]


def test_the_rest_of_positions_is_an_array_and_of_keywords_further_members() -> None:
    assert call(rest, {"a": 1}) == [1, [], "x", {}]
    assert call(rest, {"a": 1, "numbers": [1, 2.5], "b": "y", "loud": True}) == [
        1,
        [1.0, 2.5],
        "y",
        {"loud": True},
    ]
    assert schema_of(rest) == {
        "type": "object",
        "properties": {
            "a": {"type": "integer"},
            "numbers": {"type": "array", "items": {"type": "number"}},
            "b": {"type": "string", "default": "x"},
        },
        "required": ["a"],
        "additionalProperties": {"type": "boolean"},
    }


def test_unknown_arguments_are_refused_by_name() -> None:
    with pytest.raises(InvalidError, match="/c"):
        call(keyword_only, {"a": 1, "c": 2})


def test_a_default_that_json_cannot_show_is_the_very_object() -> None:
    class Cache(dict[str, int]):  # not hashable, and a copy would not be the cache
        pass

    cache = Cache()
    clock = object()

    def tool(n: int, store: Any = cache, now: Any = clock) -> Any:
        return [store is cache, now is clock]

    assert call(tool, {"n": 1}) == [True, True]
    assert schema_of(tool)["properties"]["now"] == {}


def test_a_default_is_shown_as_json() -> None:
    def tool(
        tags: list[str] = ["a"],  # noqa: B006
        limit: float = float("inf"),
        when: Optional[int] = None,  # noqa: UP045
    ) -> None: ...

    assert schema_of(tool)["properties"] == {
        "tags": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
        "limit": {"type": "number", "default": "Infinity"},
        "when": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
    }


def test_none_as_default_allows_null() -> None:
    def tool(limit: int = None) -> Any:  # type: ignore[assignment]  # noqa: RUF013
        return limit

    assert call(tool, {"limit": None}) is None
    assert call(tool, {"limit": 2}) == 2


def test_pydantics_field_as_a_default_gives_default_bounds_and_alias() -> None:
    def tool(
        count: int = Field(3, ge=1, description="How many."),
        source: Annotated[str, Field(alias="from")] = "here",
        made: list[int] = Field(default_factory=lambda: [7]),
    ) -> Any:
        return [count, source, made]

    assert call(tool, {}) == [3, "here", [7]]
    assert call(tool, {"from": "there", "count": 1}) == [1, "there", [7]]
    with pytest.raises(InvalidError, match="/count"):
        call(tool, {"count": 0})
    properties = schema_of(tool)["properties"]
    assert properties["count"] == {
        "type": "integer",
        "minimum": 1,
        "description": "How many.",
        "default": 3,
    }
    assert list(properties) == ["count", "from", "made"]
    assert "required" not in schema_of(tool)


def test_an_unannotated_parameter_takes_anything_with_a_warning() -> None:
    def tool(a, b: int):  # type: ignore[no-untyped-def]
        return [a, b]

    made = tool_of(tool)

    assert call(made, {"a": {"x": [1]}, "b": 2}) == [{"x": [1]}, 2]
    assert len(made.warnings) == 1
    assert "`a` of `tool`" in made.warnings[0]


# The Context.


def context_first(ctx: atonce.Context, n: int) -> Any:
    return [isinstance(ctx, atonce.Context), n]


def context_optional(n: int, ctx: Optional[atonce.Context] = None) -> Any:  # noqa: UP045
    return [isinstance(ctx, atonce.Context), n]


def context_union(n: int, ctx: atonce.Context | None = None) -> Any:
    return [isinstance(ctx, atonce.Context), n]


def context_text(n: int, ctx: "atonce.Context") -> Any:
    return [isinstance(ctx, atonce.Context), n]


def context_unknown_text(n: int, ctx: "Context | None" = None) -> Any:  # type: ignore[name-defined]  # noqa: F821
    return [isinstance(ctx, atonce.Context), n]


def context_annotated(n: int, ctx: Annotated[atonce.Context, "mine"]) -> Any:
    return [isinstance(ctx, atonce.Context), n]


def context_position(ctx: atonce.Context, n: int, /) -> Any:
    return [isinstance(ctx, atonce.Context), n]


def context_before_rest(ctx: atonce.Context, n: int, *more: int) -> Any:
    return [isinstance(ctx, atonce.Context), n]


@pytest.mark.parametrize(
    "function",
    [
        context_first,
        context_optional,
        context_union,
        context_text,
        context_unknown_text,
        context_annotated,
        context_position,
        context_before_rest,
    ],
)
def test_a_context_is_injected_and_never_declared(function: Callable[..., Any]) -> None:
    tool = tool_of(function)

    assert tool.context_parameter == "ctx"
    assert "ctx" not in json.loads(tool.input_schema)["properties"]
    assert call(tool, {"n": 1}) == [True, 1]
    with pytest.raises(InvalidError, match="ctx"):
        call(tool, {"n": 1, "ctx": {}})


def test_two_contexts_are_refused() -> None:
    def tool(a: atonce.Context, b: atonce.Context) -> None: ...

    with pytest.raises(atonce.ToolsError, match="a, b"):
        tool_of(tool)


# What is not a plain function.


class Shop:
    """A shop."""

    def __init__(self, price: int) -> None:
        self.price = price

    def cost(self, count: int) -> int:
        """Says the cost.

        Args:
            count: How many.
        """
        return count * self.price

    def __call__(self, count: int) -> int:
        """Sells."""
        return count + self.price


def test_a_bound_method_is_a_tool() -> None:
    tool = tool_of(Shop(3).cost)

    assert call(tool, {"count": 2}) == 6
    assert tool.description == "Says the cost."


def test_a_callable_object_is_a_tool() -> None:
    tool = tool_of(Shop(3), "sell")

    assert call(tool, {"count": 2}) == 5
    assert tool.name == "sell"
    assert tool.description == "Sells."


def test_what_a_partial_gives_is_not_for_the_model() -> None:
    def rate(source: str, target: str, day: str = "latest") -> Any:
        """Gets a rate."""
        return [source, target, day]

    tool = tool_of(functools.partial(rate, "AUD", day="today"), "rate")

    assert list(json.loads(tool.input_schema)["properties"]) == ["target"]
    assert call(tool, {"target": "SEK"}) == ["AUD", "SEK", "today"]
    assert tool.description == "Gets a rate."
    with pytest.raises(InvalidError):
        call(tool, {"target": "SEK", "day": "yesterday"})


def test_a_cached_function_is_a_tool() -> None:
    @functools.lru_cache
    def double(x: int) -> int:
        """Doubles."""
        return 2 * x

    assert call(tool_of(double), {"x": 4}) == 8
    assert tool_of(double).description == "Doubles."


def test_a_wrapper_has_the_types_of_what_it_wraps() -> None:
    def double(x: int) -> int:
        return 2 * x

    @functools.wraps(double)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return double(*args, **kwargs) + 1

    assert call(wrapper, {"x": "4"}) == 9


def test_a_builtin_function_is_a_tool() -> None:
    import math

    assert call(math.sqrt, {"x": 4}) == 2.0


# Types that JSON cannot stand for.


class Plain:
    pass


class Unfinished(BaseModel):
    it: "Nowhere"  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Callable[[int], int], "Callable"),
        (Plain, "Plain"),
        (list[Plain], "Plain"),
        (dict[str, Callable[[], int]], "Callable"),
        (Unfinished, "Unfinished"),
        ("Nowhere", "Nowhere"),
        (type[int], "type"),
        (3, "3"),
    ],
)
def test_a_type_without_json_form_names_its_parameter(annotation: Any, words: str) -> None:
    def tool(good: Plainly, bad, more: int): ...  # type: ignore[no-untyped-def]

    tool.__annotations__["bad"] = annotation

    with pytest.raises(atonce.ToolsError) as caught:
        tool_of(tool)

    assert "`bad`" in caught.value.message and "`tool`" in caught.value.message
    assert words in caught.value.message
    assert "pydantic" not in caught.value.message
    assert caught.value.hint


@dataclass
class Plainly:
    x: int


def test_a_return_type_that_is_not_known_does_no_harm() -> None:
    def tool(x: int) -> "Nowhere":  # type: ignore[name-defined]  # noqa: F821
        return [x]

    assert call(tool, {"x": 1}) == [1]


def test_arguments_come_back_by_keyword_alone() -> None:
    assert arguments_of(tool_of(rest), {"a": 1, "loud": True}) == {
        "a": 1,
        "numbers": (),
        "b": "x",
        "loud": True,
    }
