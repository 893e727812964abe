"""Descriptions from docstrings in three styles, and from Annotated, which wins."""

import json
from typing import Annotated, Any

import pytest
from atonce._host.docstrings import read_docstring
from caller import property_of, tool_of
from pydantic import Field

GOOGLE = """Get the rate.

    Rates are of the last working day,
    at noon.

    Args:
        source (str): Currency to convert from,
            as a code.
        target: Currency to convert to: a code.
        *more: Others.

    Returns:
        The rate.

    Raises:
        KeyError: There is no such currency.
    """

NUMPY = """Get the rate.

    Rates are of the last working day,
    at noon.

    Parameters
    ----------
    source : str
        Currency to convert from,
        as a code.
    target : str, optional
        Currency to convert to: a code.
    *more : str
        Others.

    Returns
    -------
    float
        The rate.
    """

REST = """Get the rate.

    Rates are of the last working day,
    at noon.

    :param str source: Currency to convert from,
        as a code.
    :param target: Currency to convert to: a code.
    :param more: Others.
    :returns: The rate.
    """


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, REST], ids=["Google", "NumPy", "reST"])
def test_summary_and_body_describe_the_tool_and_sections_the_parameters(text: str) -> None:
    read = read_docstring(text)

    assert read.description == "Get the rate.\n\nRates are of the last working day,\nat noon."
    assert read.parameters == {
        "source": "Currency to convert from, as a code.",
        "target": "Currency to convert to: a code.",
        "more": "Others.",
    }


def test_numpy_may_describe_several_parameters_at_once() -> None:
    text = "Add.\n\nParameters\n----------\nx, y : float\n    A number.\n"

    assert read_docstring(text).parameters == {"x": "A number.", "y": "A number."}


@pytest.mark.parametrize(
    "text",
    [
        "One line.",
        "Uses a : colon, and\n\n    code()\n\nthat is indented.",
        "Note: not a section.",
    ],
)
def test_a_docstring_without_sections_is_the_description(text: str) -> None:
    assert read_docstring(text) == (text, {})


@pytest.mark.parametrize(
    "text",
    [
        "Broken.\n\nArgs:\n  no colon here\n     and: {deeper\n",
        "Args:\n",
        "Args:",
        ":param",
        ":param x",
        "Parameters\n----------\n",
        "Parameters\n----------\n:::\n\n\n---\n",
        "\x00\x01",
        "Args:\n    x: \n    y:\n",
        ":raises: :returns: :param a b c d: e",
    ],
)
def test_a_docstring_that_cannot_be_parsed_breaks_nothing(text: str) -> None:
    def tool(x: int) -> None: ...

    tool.__doc__ = text

    assert tool_of(tool).description


@pytest.mark.parametrize("text", [None, "", "  \n "])
def test_without_a_docstring_the_name_has_to_do(text: Any) -> None:
    def get_exchange_rate(x: int) -> None: ...

    get_exchange_rate.__doc__ = text

    tool = tool_of(get_exchange_rate)

    assert tool.description == "get exchange rate"
    assert "description" not in property_of(get_exchange_rate, "x")


def test_annotated_wins_over_the_docstring() -> None:
    def tool(a: Annotated[int, Field(description="From the type.")], b: int) -> None:
        """Do it.

        Args:
            a: From the docstring.
            b: From the docstring.
        """

    assert property_of(tool, "a")["description"] == "From the type."
    assert property_of(tool, "b")["description"] == "From the docstring."


def test_a_described_parameter_that_is_not_there_does_no_harm() -> None:
    def tool(a: int) -> None:
        """Do it.

        Args:
            b: Not there.
        """

    assert list(json.loads(tool_of(tool).input_schema)["properties"]) == ["a"]
