"""Arguments are validated and pickled for Pythons that have no pydantic."""

import pickle
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from atonce import Context, ToolsError
from atonce._host.pickled import pickle_arguments
from caller import load_source, tool_of, unchanged_imports

ZONE = timezone(timedelta(hours=2))


def pickled(function: Any, raw: str) -> Any:
    return pickle.loads(pickle_arguments(tool_of(function), raw.encode()))


def test_keyword_arguments_are_given_as_validated_and_with_defaults() -> None:
    def f(a: int, when: datetime, /, *more: float, context: Context, b: str = "b") -> None: ...

    raw = '{"a": "7", "when": "2025-01-15T12:30:00+02:00", "more": [1, 2.5]}'

    assert pickled(f, raw) == {
        "a": 7,
        "when": datetime(2025, 1, 15, 12, 30, tzinfo=ZONE),
        "more": [1.0, 2.5],
        "b": "b",
    }


def test_what_models_get_wrong_is_mended_first() -> None:
    def f(names: list[str]) -> None: ...

    assert pickled(f, '{"names": "[\\"a\\"]"}') == {"names": ["a"]}


def test_nothing_of_pydantic_is_in_it() -> None:
    def f(when: datetime, at: datetime) -> None: ...

    raw = b'{"when": "2025-01-15T12:30:00+02:00", "at": "2025-01-15T12:30:00Z"}'

    assert b"pydantic" not in pickle_arguments(tool_of(f), raw)


def test_it_is_read_where_the_file_is_a_module_of_the_same_name(tmp_path: Path) -> None:
    source = """
        from dataclasses import dataclass
        @dataclass
        class Point:
            x: int
        def f(point: Point) -> int: return point.x
        """
    (tool,) = load_source(tmp_path, source).tools
    with unchanged_imports():
        sys.modules["my_tools"] = module_of(tool.function)
        raw = pickle_arguments(tool, b'{"point": {"x": 3}}')

    read = f"import pickle; print(pickle.loads({raw!r})['point'].x)"
    done = subprocess.run(
        [sys.executable, "-c", read], cwd=tmp_path, capture_output=True, check=True
    )
    assert done.stdout.strip() == b"3"


def module_of(function: Any) -> Any:
    module = type(sys)("my_tools")
    vars(module).update(function.__globals__)
    return module


def test_arguments_that_do_not_fit_are_refused() -> None:
    def f(a: int) -> None: ...

    with pytest.raises(ToolsError) as caught:
        pickled(f, '{"a": "seven"}')

    assert "seven" in caught.value.message and "`/a`" in caught.value.message
    assert "--args" in caught.value.hint


def test_an_argument_that_cannot_be_pickled_is_named(tmp_path: Path) -> None:
    source = """
        from dataclasses import dataclass
        def _make():
            @dataclass
            class Hidden:
                x: int
            return Hidden
        Inner = _make()
        def f(a: int, hidden: Inner) -> int: return a
        """
    (tool,) = load_source(tmp_path, source).tools

    with pytest.raises(
        ToolsError, match="the argument `hidden` of `f` cannot be pickled"
    ) as caught:
        pickle_arguments(tool, b'{"a": 1, "hidden": {"x": 1}}')

    assert "--python" in caught.value.hint


def test_a_default_that_cannot_be_pickled_is_named() -> None:
    def f(a: int = 1, b: Any = lambda: 1) -> None: ...

    with pytest.raises(ToolsError, match="the argument `b` of `f` cannot be pickled"):
        pickled(f, "{}")
