"""Arguments for tools that nobody gave any."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

import atonce
import pytest
from atonce._host.check.examples import example_arguments
from atonce._host.check.generate import arguments_for
from atonce._host.check.narrow import narrow
from atonce._host.check.vocabulary import vocabulary_of
from atonce._host.discover import Found
from atonce._host.toolset import Tool, make_tool
from pydantic import BaseModel, Field

_stock = {"bolt": 40, "nut": 25}
_seats = {7: "ada", 9: "ben"}


@dataclass
class Bank:
    balances: dict[str, int] = field(default_factory=lambda: {"ada": 100, "ben": 5})


_bank = Bank()


def tool_of(function: Callable[..., Any]) -> Tool:
    return make_tool(Found(function.__name__, function))


def made_for(function: Callable[..., Any], count: int = 8, seed: int = 1) -> list[Any]:
    tool = tool_of(function)
    texts = arguments_for(tool, count, seed, [])
    assert len(texts) == count
    for text in texts:
        tool.validate(text.encode())
    return [json.loads(text) for text in texts]


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Node(BaseModel):
    value: int
    next: Optional["Node"] = None


class Person(BaseModel):
    name: Annotated[str, Field(min_length=3, max_length=5)]
    tags: list[str]


def plain(a: int, b: str, c: float = 1.0, d: bool = False) -> None: ...
def choices(a: Literal["x", "y"], b: Color, c: int | None) -> None: ...
def models(person: Person, node: Node) -> None: ...
def bounded(
    a: Annotated[int, Field(ge=100, lt=103)],
    b: Annotated[float, Field(gt=0, lt=0.5)],
    c: Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{2}$")],
    d: Annotated[int, Field(multiple_of=7, ge=10)],
    e: Annotated[int, Field(le=-5)],
    f: Annotated[str, Field(min_length=30)],
    g: Annotated[list[int], Field(min_length=4)],
) -> None: ...
def formats(a: date, b: timedelta, c: Decimal, d: Path, e: bytes) -> None: ...
def containers(a: dict[str, int], b: set[int], c: tuple[int, str], d: list[Person]) -> None: ...
def anything(a: Any, *more: int, **rest: str) -> None: ...
def untyped(a, b=3, c=None) -> None: ...  # type: ignore[no-untyped-def]


@pytest.mark.parametrize(
    "function", [plain, choices, models, bounded, formats, containers, anything, untyped]
)
def test_arguments_of_all_types_are_made_and_valid(function: Callable[..., Any]) -> None:
    assert made_for(function)


def test_the_same_arguments_come_twice_and_then_others() -> None:
    made = made_for(plain)

    assert made[0] == made[1]
    assert made[2] == made[3]
    assert made[0] != made[2]


def test_a_seed_gives_the_same_arguments_each_time() -> None:
    assert made_for(plain, seed=3) == made_for(plain, seed=3)


def test_values_are_few_and_small() -> None:
    def many(a: int, b: str) -> None: ...

    made = made_for(many, count=12)

    assert {one["a"] for one in made} <= {1, 2, 3}
    assert {one["b"] for one in made} <= {"text", "1"}


def test_nothing_is_left_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    made_for(bounded)

    assert list(tmp_path.iterdir()) == []


def test_values_differ_without_the_library_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis_jsonschema", None)

    def price(part: str) -> int:
        return _stock[part]

    def tree(node: Node, deep: bool) -> None: ...

    assert [one["part"] for one in made_for(price)[::2]] == ["bolt", "nut", "text", "bolt"]
    assert made_for(tree)


def test_a_tool_without_parameters_is_called_with_none() -> None:
    def nothing() -> None: ...

    assert made_for(nothing, count=3) == [{}, {}, {}]


def test_words_are_those_that_the_tool_knows_and_tools_begin_with_the_same() -> None:
    def reserve(part: str, count: int = 1) -> int:
        return _stock[part] - count

    def price(part: str) -> int:
        return _stock[part]

    def withdraw(owner: str) -> int:
        return _bank.balances[owner]

    def sit(seat: int) -> str:
        return _seats[seat]

    assert made_for(reserve)[0]["part"] == made_for(price)[0]["part"] == "bolt"
    assert made_for(withdraw)[0]["owner"] == "ada"
    assert made_for(sit)[0]["seat"] in _seats


def test_words_of_lists_come_after_those_of_mappings() -> None:
    names = ["zoe", "yan", "xi", "will", "vic"]

    def look(what: str) -> bool:
        return what in names or what in _stock

    assert vocabulary_of(look).words == ["bolt", "nut", "zoe", "yan"]


def test_what_has_a_default_and_no_type_is_chosen_from_few_values() -> None:
    schema = json.loads(tool_of(untyped).input_schema)

    narrowed = narrow(schema, vocabulary_of(untyped))

    assert all("enum" in narrowed["properties"][name] for name in "abc"), narrowed


def test_given_arguments_are_the_only_ones() -> None:
    given = ['{"a": 5, "b": "five"}', '{"a": 6, "b": "six"}']

    assert arguments_for(tool_of(plain), 4, 1, given) == [given[0], given[0], given[1], given[1]]


def test_given_arguments_that_do_not_fit_are_told() -> None:
    given = ['{"a": 6, "b": "six"}', '{"a": "no"}']

    with pytest.raises(ValueError, match=r'does not fit: \{"a": "no"\}: .*a'):
        arguments_for(tool_of(plain), 2, 1, given)


def test_a_tool_that_nothing_fits_is_said() -> None:
    class Never(BaseModel):
        x: Annotated[str, Field(pattern="^a$", min_length=3)]

    def never(x: Never) -> None: ...

    with pytest.raises(ValueError, match="`never`"):
        arguments_for(tool_of(never), 2, 1, [])


# --- Examples of docstrings ---


def examples(docstring: str) -> list[Any]:
    def move(source: str, amount: int = 1, /, *tags: str, fast: bool = False) -> None: ...

    move.__doc__ = docstring
    return [json.loads(one) for one in example_arguments(tool_of(move))]


def test_doctests_are_examples() -> None:
    assert examples(
        """Move it.

        >>> move("a")
        >>> result = move("b", 2,
        ...               fast=True)
        >>> print([move("c", -3, "x", "y")])
        [1]
        >>> move(name, 2)
        >>> remove("d")
        >>> move("a")
        """
    ) == [
        {"source": "a"},
        {"source": "b", "amount": 2, "fast": True},
        {"source": "c", "amount": -3, "tags": ["x", "y"]},
    ]


@pytest.mark.parametrize(
    "docstring",
    [
        'Move it.\n\nExample:\n    move("a", 2)\n',
        'Move it.\n\nExamples::\n\n    move("a", 2)  # fast\n',
        'Move it.\n\nExamples\n--------\nmove("a", 2)\n',
        'Move it.\n\nExample: `move("a", 2)` moves two.\n',
        'Move it.\n\nExample:\n    x = await move(\n        "a",\n        2,\n    )\n',
    ],
)
def test_sections_of_examples_are_read(docstring: str) -> None:
    assert examples(docstring) == [{"source": "a", "amount": 2}]


def test_other_sections_and_prose_are_not_read() -> None:
    assert (
        examples(
            """Move it, as move("p") would.

            Example:
                move()

            Returns:
                move("r")
            """
        )
        == []
    )


def test_an_example_is_called_by_the_name_of_the_function_or_of_the_tool() -> None:
    @atonce.tool(name="shift")
    def move(x: int) -> None:
        """Move.

        >>> move(1)
        >>> shift(2)
        >>> the.move(3)
        >>> amove(4)
        """

    tool = make_tool(Found("move", move))

    assert example_arguments(tool) == ['{"x":1}', '{"x":2}', '{"x":3}']


def test_an_example_goes_by_the_names_that_callers_use_and_without_the_context() -> None:
    def send(to: Annotated[str, Field(alias="recipient")], context: atonce.Context) -> None:
        """Send.

        >>> send("ada")
        """

    assert example_arguments(tool_of(send)) == ['{"recipient":"ada"}']


def test_examples_come_first_and_made_ones_after_them() -> None:
    def look(x: int) -> None:
        """Look.

        >>> look(77)
        """

    made = made_for(look, count=6)

    assert made[:2] == [{"x": 77}, {"x": 77}]
    assert made[2] != {"x": 77}


ACCOUNTS = {"ada": 3, "ben": 4}


def transfer(source: str, target: str, amount: int) -> None:
    """Transfer.

    >>> transfer("ada", "ben", 5)
    >>> transfer("cy", "dot", 6)
    """
    ACCOUNTS[source] -= amount
    ACCOUNTS[target] += amount


def test_after_the_first_one_two_arguments_change_places() -> None:
    assert made_for(transfer, count=6)[::2] == [
        {"source": "ada", "target": "ben", "amount": 5},
        {"source": "ben", "target": "ada", "amount": 5},
        {"source": "cy", "target": "dot", "amount": 6},
    ]


def test_what_the_module_does_not_know_as_one_kind_stays_in_its_place() -> None:
    def copy(source: str, target: str, mode: Literal["ada", "all"], is_new: bool) -> None:
        """Copy.

        >>> copy("data.db", "/backup/data.db", "ada", True)
        >>> copy("ada", "x", "all", False)
        """
        assert ACCOUNTS

    assert [one["source"] for one in made_for(copy, count=4)[::2]] == ["data.db", "ada"]
