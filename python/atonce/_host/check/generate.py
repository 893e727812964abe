"""Arguments to check a tool with: given ones, or those its docstring shows and made ones.

What is made comes from the hypothesis library and the tool's JSON Schema, made narrow first. The
same tool and seed always get the same arguments.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, combinations
from typing import Any

from atonce import ToolsError
from atonce._host.check.examples import example_arguments
from atonce._host.check.narrow import narrow
from atonce._host.check.vocabulary import Vocabulary, vocabulary_of
from atonce._host.probing import user_function
from atonce._host.sample_arguments import sample
from atonce._host.schemas import rebuild, to_text
from atonce._host.toolset import Tool

_MOST_DISTINCT = 6
_TRIES = 40  # values of a schema; the validator may refuse some


def arguments_for(tool: Tool, count: int, seed: int, given: list[str]) -> list[str]:
    """`count` JSON texts that the tool's validator takes: most stand there twice, one after the
    other, so that calls meet on the same key.

    `given` are those that the person chose, and then there are no others. Raises ValueError with
    the reason when one of them does not fit or there can be none.
    """
    distinct = max(2, min(_MOST_DISTINCT, (count + 1) // 2))
    pool = _chosen(tool, given) if given else _found_or_made(tool, distinct, seed)
    twice = [one for one in pool[: max(1, count)] for _ in range(2)]
    return [twice[at % len(twice)] for at in range(count)]


def _chosen(tool: Tool, given: list[str]) -> list[str]:
    chosen = list(dict.fromkeys(given))
    for text in chosen:
        try:
            tool.validate(text.encode())
        except Exception as error:
            reason = " ".join(str(error).split())
            raise ValueError(f"a call that was given does not fit: {text}: {reason}") from error
    return chosen


def _found_or_made(tool: Tool, distinct: int, seed: int) -> list[str]:
    schema = json.loads(tool.input_schema)
    if not schema.get("properties") and not schema.get("additionalProperties"):
        return ["{}"]
    vocabulary = vocabulary_of(user_function(tool))
    pool: dict[str, None] = {}
    for text in chain(example_arguments(tool), _made(tool, schema, seed, vocabulary)):
        pool[text] = None
        if len(pool) == distinct:
            break
    if not pool:
        try:
            pool[sample(tool)] = None
        except ToolsError as error:
            raise ValueError(error.message) from error
    first, *others = pool
    return [first, *_turned(tool, first, vocabulary), *others]


def _turned(tool: Tool, text: str, vocabulary: Vocabulary) -> Iterator[str]:
    """The same with two arguments exchanged, if they are of one kind by what the module knows: a
    transfer from one account to another and one back may take their locks in different orders.
    """
    known = vocabulary.all()
    arguments = json.loads(text)
    for (name, value), (other_name, other) in combinations(arguments.items(), 2):
        is_alike = type(value) is type(other) and type(value) in (str, int)
        if not is_alike or value == other or value not in known or other not in known:
            continue
        turned = to_text(arguments | {name: other, other_name: value})
        if _is_valid(tool, turned):
            yield turned
            return


def _made(tool: Tool, schema: Any, seed: int, vocabulary: Vocabulary) -> Iterator[str]:
    """Valid ones, those of the narrow schema first; none when the schema is beyond us."""
    narrowed = narrow(schema, vocabulary)
    for texts in (
        _draw(narrowed, seed),
        _turn_over(tool, narrowed),  # where the library is absent or cannot
        _draw(schema, seed),
    ):
        valid = [text for text in texts if _is_valid(tool, text)]
        if valid:
            valid = [text for text in valid if text.isascii()] or valid
            # Tools that take the same key begin with the same one.
            yield min(valid, key=lambda text: _rank(text, vocabulary))
            yield from valid
            return


def _rank(text: str, vocabulary: Vocabulary) -> tuple[int, int, str]:
    """Few arguments first, and of those the ones that mean something."""
    arguments = json.loads(text)
    known = vocabulary.all()
    return len(arguments), sum(one not in known for one in arguments.values()), text


def _turn_over(tool: Tool, schema: Any) -> Iterator[str]:
    """Samples, each with the next of all the values that can be chosen from."""
    for number in range(_MOST_DISTINCT):

        def turn(one: Any, number: int = number) -> Any:
            turned = rebuild(one, turn)
            if isinstance(turned, dict) and isinstance(turned.get("enum"), list):
                first = number % max(1, len(turned["enum"]))
                turned["enum"] = turned["enum"][first:] + turned["enum"][:first]
            return turned

        with suppress(ToolsError):
            yield sample(tool._replace(input_schema=to_text(turn(schema))))


def _is_valid(tool: Tool, text: str) -> bool:
    try:
        tool.validate(text.encode())
    except Exception:  # the types are the user's, and so may be what they raise
        return False
    return True


def _draw(schema: Any, seed: int) -> Iterator[str]:
    """Values of the schema as JSON, each once; none without the library, or when that cannot."""
    values: list[Any] = []
    # The schema may be such that nothing fits it, or refer to itself.
    with suppress(Exception), _home_elsewhere():
        import hypothesis
        from hypothesis_jsonschema import from_schema

        settings = hypothesis.settings(
            max_examples=_TRIES,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        # With a codec it would try it on each of a million characters first.
        strategy = from_schema(schema, codec=None)
        collect = hypothesis.given(strategy)(lambda value: values.append(value))
        hypothesis.seed(seed)(settings(collect))()
    seen = set()
    for value in values:
        with suppress(ValueError):  # half a surrogate pair
            text = to_text(value)
            if text not in seen:
                seen.add(text)
                yield text


@contextmanager
def _home_elsewhere() -> Iterator[None]:
    """hypothesis keeps what it finds out in the current directory, which is the user's."""
    from hypothesis import configuration

    with tempfile.TemporaryDirectory() as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(None)
