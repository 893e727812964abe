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
