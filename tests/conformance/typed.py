"""A file whose every tool says what it returns: what `mcpcheck --strict` wants of a server.

It calls every tool with arguments that break the tool's schema, and wants an error each time.
"""

from dataclasses import dataclass
from typing import Any, Literal

import atonce


@dataclass
class Place:
    name: str
    population: int
    twins: list[str]


@atonce.tool(read_only=True)
def add(a: int, b: int = 0) -> int:
    """Adds two whole numbers."""
    return a + b


@atonce.tool(read_only=True)
def describe(name: str, size: Literal["small", "large"] = "small") -> Place:
    """Describes a place."""
    return Place(name, {"small": 100, "large": 100_000}[size], [])


@atonce.tool(idempotent=True)
def save(place: Place, tags: list[str] | None = None) -> dict[str, int]:
    """Saves a place."""
    return {place.name: len(tags or [])}


@atonce.tool(destructive=True)
def forget(names: list[str]) -> list[str]:
    """Forgets places."""
    return names


@atonce.tool(
    schema={
        "type": "object",
        "properties": {"unit": {"type": "string", "enum": ["metre", "mile"]}},
        "additionalProperties": False,
    }
)
def measure(unit: str = "metre") -> float:
    """Measures, with a schema written by hand."""
    return {"metre": 1.0, "mile": 1609.344}[unit]


@atonce.resource("places://all", mime_type="application/json")
def all_places() -> list[str]:
    """The names of all places."""
    return ["Tbilisi"]


@atonce.resource("places://{name}", mime_type="application/json")
def one_place(name: str) -> dict[str, Any]:
    """One place."""
    return {"name": name}


@atonce.prompt
def compare(first: str, second: str) -> str:
    """Has two places compared."""
    return f"Compare {first} with {second}."
