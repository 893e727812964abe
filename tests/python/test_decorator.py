"""The decorator's own rules; the public part does without the host."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import atonce
import pytest
from atonce._tool import options_of

PACKAGE = Path(atonce.__file__).parent


def test_the_function_stays_what_it_was() -> None:
    def add(a: int, b: int) -> int:
        return a + b

    assert atonce.tool(add) is add
    assert atonce.tool(retries=2)(add) is add
    assert add(1, 2) == 3
    options = options_of(add)
    assert options is not None and options.retries == 2


def test_a_function_that_was_not_marked_has_no_options() -> None:
    assert options_of(lambda: None) is None
    assert options_of(3) is None


def test_methods_can_be_marked_in_any_order_of_decorators() -> None:
    class Shop:
        @atonce.tool
        @staticmethod
        def a() -> None: ...

        @staticmethod
        @atonce.tool
        def b() -> None: ...

        @atonce.tool
        @classmethod
        def c(cls) -> None: ...

        @atonce.tool
        def d(self) -> None: ...

    shop = Shop()
    assert None not in [options_of(one) for one in (shop.a, shop.b, shop.c, shop.d)]


@pytest.mark.parametrize(
    "options",
    [
        {"name": ""},
        {"name": 3},
        {"serial": 1},
        {"serial": ""},
        {"max_concurrency": 0},
        {"max_concurrency": True},
        {"max_concurrency": 1.5},
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": float("inf")},
        {"timeout": float("nan")},
        {"timeout": "1"},
        {"timeout": True},
        {"retries": -1},
        {"retries": 1.0},
        {"isolation": "container"},
        {"max_memory": 0},
        {"max_cpu": 1.5},
        {"approve": "yes"},
        {"read_only": 1},
        {"destructive": "no"},
        {"idempotent": 0},
        {"schema": "{}"},
    ],
)
def test_a_value_that_cannot_be_is_told_with_what_can(options: dict[str, Any]) -> None:
    with pytest.raises(atonce.ToolsError) as caught:
        atonce.tool(**options)

    ((name, value),) = options.items()
    assert caught.value.message == f"atonce.tool: {name}={value!r} cannot be"
    assert caught.value.hint.startswith("give ")


@pytest.mark.parametrize("options", [{"max_memory": 100}, {"max_cpu": 1}])
def test_limits_of_a_process_are_refused_where_there_is_none(options: dict[str, Any]) -> None:
    with pytest.raises(atonce.ToolsError) as caught:
        atonce.tool(**options)

    assert "hold for a process only" in caught.value.message
    atonce.tool(isolation="process", **options)


def test_an_option_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(atonce.ToolsError) as caught:
        atonce.tool(timout=3)  # type: ignore[call-overload]

    assert "`timout`" in caught.value.message and "timeout" in caught.value.hint


@pytest.mark.parametrize("value", [3, "name", None.__class__, dict, property(lambda self: None)])
def test_what_is_no_function_cannot_be_marked(value: Any) -> None:
    with pytest.raises(atonce.ToolsError):
        atonce.tool(value)


def test_a_builtin_takes_no_mark() -> None:
    with pytest.raises(atonce.ToolsError, match="takes no attributes"):
        atonce.tool(len)


def test_a_context_works_without_a_host() -> None:
    context = atonce.Context()

    context.progress(1, 2, "half")
    context.log("hello")
    assert not context.cancelled
    assert context.deadline is None and context.remaining is None
    with pytest.raises(ValueError, match="loud"):
        context.log("hello", level="loud")


def test_a_context_tells_its_host() -> None:
    told: list[Any] = []
    context = atonce.Context(
        on_progress=lambda *what: told.append(what),
        on_log=lambda *what: told.append(what),
        is_cancelled=lambda: True,
        deadline=0.0,
    )

    context.progress(1, 2, "half")
    context.log("hello", "error")

    assert told == [(1, 2, "half"), ("hello", "error", None)]
    assert context.cancelled
    assert context.remaining == 0.0


def test_an_error_says_what_to_do_about_it() -> None:
    assert str(atonce.ToolsError("what", "do")) == "what\nhint: do"
    assert str(atonce.ToolsError("what")) == "what"


def test_the_public_part_imports_nothing_but_the_standard_library() -> None:
    """A tools file must run under plain Python, without pydantic."""
    program = (
        f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); import atonce; "
        "print([name for name in sys.modules if name.startswith(('pydantic', 'atonce._host'))])"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
