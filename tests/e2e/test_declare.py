"""`atonce declare`: one schema in four dialects."""

import json
from pathlib import Path

import pytest
from conftest import Program, WriteTools

SOURCE = '''
from typing import Literal

def get_rate(base: str, quote: str, kind: Literal["spot", "mean"] = "spot") -> float:
    """Get the exchange rate.

    Args:
        base: Currency to convert from.
        quote: Currency to convert to.
    """
    return 1.0
'''


@pytest.mark.parametrize("dialect", ["jsonschema", "gemini", "openai", "mcp"])
def test_every_dialect_says_the_same(atonce: Program, tools: WriteTools, dialect: str) -> None:
    (declared,) = atonce.run("declare", tools(SOURCE), "--for", dialect).json

    if dialect == "openai":
        assert declared["type"] == "function"
        declared = declared["function"]
    (schema,) = (
        value for value in declared.values() if isinstance(value, dict) and "properties" in value
    )
    assert declared["name"] == "get_rate"
    assert declared["description"] == "Get the exchange rate."
    assert schema["type"] == "object"
    assert list(schema["properties"]) == ["base", "quote", "kind"]
    assert schema["properties"]["base"]["description"] == "Currency to convert from."
    assert schema["properties"]["kind"]["enum"] == ["spot", "mean"]
    assert schema["required"] == ["base", "quote"]


def test_gemini_never_sees_a_reference_it_refuses(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        from dataclasses import dataclass

        @dataclass
        class Place:
            name: str

        def travel(start: Place, end: Place | None = None) -> None: ...
        """
    )

    text = atonce.run("declare", file, "--for", "gemini").out

    assert "$ref" not in text and "$defs" not in text
    assert json.loads(text)[0]["parametersJsonSchema"]["properties"]["start"]["type"] == "object"


def test_the_meetup_declares_in_every_dialect(atonce: Program, meetup: Path) -> None:
    names = {
        dialect: [
            (each.get("function") or each)["name"]
            for each in atonce.run("declare", meetup, "--for", dialect).json
        ]
        for dialect in ("jsonschema", "gemini", "openai", "mcp")
    }

    wanted = [
        "get_exchange_rate",
        "list_talks",
        "get_speaker",
        "get_attendance",
        "find_similar_talks",
    ]
    assert names == dict.fromkeys(names, wanted)


def test_strict_is_what_openai_can_hold_a_model_to(atonce: Program, tools: WriteTools) -> None:
    done = atonce.run("declare", tools(SOURCE), "--for", "openai", "--strict")

    function = done.json[0]["function"]
    schema = function["parameters"]
    assert done.code == 0 and done.err == ""
    assert function["strict"] is True
    assert schema["required"] == list(schema["properties"]) == ["base", "quote", "kind"]
    assert schema["additionalProperties"] is False
    assert {"type": "null"} in schema["properties"]["kind"]["anyOf"]
    assert "default" not in schema["properties"]["kind"]


def test_what_cannot_be_strict_is_declared_as_ever_and_said(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools(
        """
        def keep(key: str, options: dict[str, int]) -> None: ...
        def drop(key: str) -> None: ...
        """
    )

    done = atonce.run("declare", file, "--for", "openai", "--strict")

    assert done.code == 0
    assert ["strict" in each["function"] for each in done.json] == [False, True]
    assert "`keep` is not declared strict: its parameter `options`" in done.err
    assert "drop" not in done.err


@pytest.mark.parametrize("dialect", ["gemini", "mcp", "jsonschema"])
def test_only_openai_has_strict_declarations(
    atonce: Program, tools: WriteTools, dialect: str
) -> None:
    done = atonce.run("declare", tools(SOURCE), "--for", dialect, "--strict")

    assert done.code == 2
    assert "--for openai" in done.err


def test_a_null_is_an_absent_argument_only_when_declared_strict(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools("def scale(x: float, by: float = 2.0) -> float:\n    return x * by\n")
    arguments = {"x": 3, "by": None}

    strict = atonce.call(file, "scale", arguments, "--strict")
    plain = atonce.call(file, "scale", arguments)

    assert strict.json["result"] == 6.0
    assert plain.json["outcome"] == "invalid"
