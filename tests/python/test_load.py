"""What is loaded from files, objects, folders and modules, and every way in which that fails."""

import sys
from pathlib import Path
from typing import Any

import atonce
import pytest
from atonce._host.load import Loaded, load
from caller import call, load_source, names, unchanged_imports, write


def refused(folder: Path, source: str, suffix: str = "") -> atonce.ToolsError:
    with pytest.raises(atonce.ToolsError) as caught:
        load_source(folder, source, suffix)
    return caught.value


def load_here(spec: object, is_module: bool = False) -> Loaded:
    with unchanged_imports():
        return load(str(spec), is_module)


# Which functions are tools.


def test_public_functions_of_the_file_are_tools(tmp_path: Path) -> None:
    loaded = load_source(
        tmp_path,
        """
        import functools
        import json
        from json import dumps
        from pathlib import Path

        class Thing: ...

        def second(x: int) -> int: ...
        async def third(): ...
        def _private(): ...
        first = lambda x: x
        @functools.lru_cache
        def cached(x: int) -> int: return x
        other_name = second
        part = functools.partial(second, 1)
        thing = Thing()
        """,
    )

    assert names(loaded) == ["second", "third", "first", "cached"]


def test_all_wins_over_public_functions(tmp_path: Path) -> None:
    loaded = load_source(
        tmp_path,
        """
        from functools import partial
        from math import sqrt
        __all__ = ["_hidden", "sqrt", "half", "add", "Thing", "LIMIT"]
        LIMIT = 3
        class Thing:
            def add(self, n: int) -> int: return n
        add = Thing().add
        def _hidden(): ...
        def public(): ...
        half = partial(public)
        """,
    )

    assert names(loaded) == ["_hidden", "sqrt", "half", "add"]


def test_marks_win_over_all(tmp_path: Path) -> None:
    loaded = load_source(
        tmp_path,
        """
        import atonce
        __all__ = ["plain"]
        def plain(): ...
        @atonce.tool
        def _marked(): ...
        @atonce.tool(name="renamed")
        def other(): ...
        """,
    )

    assert names(loaded) == ["_marked", "renamed"]


def test_marked_functions_count_wherever_they_come_from(tmp_path: Path) -> None:
    write(tmp_path, {"parts.py": "import atonce\n@atonce.tool\ndef imported(): ...\n"})

    assert names(load_source(tmp_path, "from parts import imported\ndef own(): ...\n")) == [
        "imported"
    ]


def test_objects_that_refuse_to_be_looked_at_are_left_alone(tmp_path: Path) -> None:
    loaded = load_source(
        tmp_path,
        """
        class Proxy:
            def __getattr__(self, name): raise RuntimeError("not now")
            def __call__(self): ...
        proxy = Proxy()
        def f(): ...
        """,
    )

    assert names(loaded) == ["f"]


OBJECTS = """
    import atonce, functools, math

    class Shop:
        price = 3
        def buy(self, n: int) -> int: return n * self.price
        def sell(self, n: int) -> int: return n
        def _count(self): ...
        @property
        def stock(self): raise RuntimeError("never asked for")
        @staticmethod
        def hello() -> str: return "hello"

    class Marked:
        @atonce.tool
        def one(self) -> int: return 1
        def two(self): ...

    class Caller:
        def __call__(self, n: int) -> int: return n + 1
        def other(self): ...

    def f(x: int) -> int: return x
    def g(x: int, y: int = 2) -> int: return x + y

    shop, marked, caller = Shop(), Marked(), Caller()
    some = [g, f, shop.buy, f]
    named = {"first": f, "second": functools.partial(g, y=5)}
    part = functools.partial(g, 1)
    number = 3
    nothing = []
"""


@pytest.mark.parametrize(
    ("name", "tools"),
    [
        ("f", ["f"]),
        ("shop", ["buy", "hello", "sell"]),
        ("shop.buy", ["buy"]),
        ("marked", ["one"]),
        ("caller", ["caller"]),
        ("some", ["g", "f", "buy"]),
        ("named", ["first", "second"]),
        ("part", ["part"]),
        ("math.sqrt", ["sqrt"]),
    ],
)
def test_a_named_object_is_what_one_expects(tmp_path: Path, name: str, tools: list[str]) -> None:
    assert names(load_source(tmp_path, OBJECTS, f":{name}")) == tools


def test_methods_are_bound_to_their_object(tmp_path: Path) -> None:
    buy = load_source(tmp_path, OBJECTS, ":shop").tools[0]

    assert call(buy, {"n": 2}) == 6


@pytest.mark.parametrize(
    ("name", "words", "hint"),
    [
        ("Shop", "is a class", "shop = Shop()"),
        ("number", "no functions", ""),
        ("nothing", "no functions", ""),
        ("shoop", "no `shoop`", "did you mean `shop`"),
        ("shop.sel", "no `shop.sel`", "did you mean `sell`"),
    ],
)
def test_an_object_that_is_no_tool(tmp_path: Path, name: str, words: str, hint: str) -> None:
    error = refused(tmp_path, OBJECTS, f":{name}")

    assert words in error.message and hint in error.hint


def test_a_list_holds_functions_only(tmp_path: Path) -> None:
    assert "3, which is no function" in refused(tmp_path, "some = [3]", ":some").message


# How modules run.


def test_a_file_runs_as_a_module_of_its_name_with_its_folder_on_the_path(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "helper.py": "VALUE = 7\n",
            "my_tools.py": """
                import sys
                from dataclasses import dataclass
                from pathlib import Path
                import helper

                if __name__ == "__main__":
                    raise SystemExit("must not run")

                HERE = Path(__file__).name

                @dataclass
                class Point:
                    x: int
                    next: "Point | None" = None

                def tell(point: Point) -> list[object]:
                    return [__name__, sys.modules[__name__].helper.VALUE, HERE, point.next]
                """,
        },
    )

    with unchanged_imports():
        (tool,) = load(str(tmp_path / "my_tools.py")).tools
        result = call(tool, {"point": {"x": 1, "next": {"x": 2}}})

    assert result == ["my_tools", 7, "my_tools.py", {"x": 2, "next": None}]


@pytest.mark.parametrize("name", ["json.py", "2-rates.py", "pytest.py", "no_suffix", "a.b.py"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: "import json\ndef f(x: int) -> str:\n    return json.dumps(x)\n"})
    modules = dict(sys.modules)

    (tool,) = load_here(tmp_path / name).tools

    assert call(tool, {"x": 1}) == "1"
    assert sys.modules["json"] is modules["json"]


def test_a_file_of_a_package_may_import_its_neighbours(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/prices.py": "PRICE = 3\n",
            "shop/tools.py": "from .prices import PRICE\n\n"
            "def cost(n: int) -> int:\n    return n * PRICE\n",
        },
    )

    (tool,) = load_here(tmp_path / "shop" / "tools.py").tools

    assert call(tool, {"n": 2}) == 6


def test_annotations_may_be_postponed(tmp_path: Path) -> None:
    loaded = load_source(
        tmp_path,
        """
        from __future__ import annotations
        from typing import TYPE_CHECKING
        from atonce import Context
        if TYPE_CHECKING:
            from nowhere import Unknown

        class Late: ...

        def f(ctx: Context, point: Point, more: list[Point] | None = None) -> Unknown:
            return point.x

        from dataclasses import dataclass

        @dataclass
        class Point:
            x: int
        """,
    )

    assert call(loaded.tools[0], {"point": {"x": 4}}) == 4
    assert loaded.tools[0].context_parameter == "ctx"


# Folders and modules.


def test_a_folder_is_all_its_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "b.py": "from a import one\ndef two(): ...\n",
            "a.py": "def one(): ...\n",
            "constants.py": "X = 1\n",
            "_private.py": "raise RuntimeError\n",
            "test_a.py": "raise RuntimeError\n",
            "conftest.py": "raise RuntimeError\n",
            "inner/c.py": "raise RuntimeError\n",
        },
    )

    assert names(load_here(tmp_path)) == ["one", "two"]


def test_marks_anywhere_in_a_folder_keep_helpers_private(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "helpers.py": "def helper(): ...\n",
            "rates.py": "import atonce\n@atonce.tool\ndef rate(): ...\n",
        },
    )

    assert names(load_here(tmp_path)) == ["rate"]


def test_a_module_is_found_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path,
        {
            "shop/__init__.py": "def top(): ...\n",
            "shop/inner.py": "def deep(): ...\nclass K:\n    def m(self): ...\nk = K()\n",
        },
    )
    monkeypatch.chdir(tmp_path)

    assert names(load_here("shop", True)) == ["top"]
    assert names(load_here("shop.inner", True)) == ["deep"]
    assert names(load_here("shop.inner:k", True)) == ["m"]


# What can be wrong.


def test_a_syntax_error_shows_the_line_and_the_caret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    error = refused(tmp_path, "def f():\n    return (1 +* 2)\n")

    first, line, caret = error.message.split("\n")
    assert first == "SyntaxError in `my_tools.py`, line 2: invalid syntax"
    assert line == "    return (1 +* 2)"
    assert caret.index("^") == line.index("*")


def test_bad_indentation_is_told_like_a_syntax_error(tmp_path: Path) -> None:
    error = refused(tmp_path, "def f():\nreturn 1\n")

    assert "IndentationError" in error.message and "line 2" in error.message


def test_a_syntax_error_in_another_file_names_that_file(tmp_path: Path) -> None:
    write(tmp_path, {"helper.py": "x = = 1\n"})

    error = refused(tmp_path, "import helper\n")

    assert "helper.py" in error.message and "my_tools" not in error.message


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my_tools.py").write_bytes(b"\xff\xfe\x00x = 1\n")

    with pytest.raises(atonce.ToolsError, match="my_tools"):
        load_here(tmp_path / "my_tools.py")


def test_an_import_error_shows_the_users_frames_alone(tmp_path: Path) -> None:
    write(tmp_path, {"helper.py": "def fail():\n    return {}['key']\n\nfail()\n"})

    error = refused(tmp_path, "import helper\n")

    assert error.message.startswith(
        f"`{tmp_path}/my_tools.py` could not be imported: KeyError: 'key'"
    )
    assert 'my_tools.py", line 1' in error.message
    assert 'helper.py", line 4' in error.message
    assert "return {}['key']" in error.message
    assert "importlib" not in error.message and "_host" not in error.message


def test_a_missing_package_is_told_with_how_to_install_it(tmp_path: Path) -> None:
    error = refused(tmp_path, "import no_such_package.inner\n")

    assert "No module named 'no_such_package'" in error.message
    assert "pip install no_such_package" in error.hint


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import sys; sys.exit(3)", "sys.exit(3)"),
        ("raise SystemExit", "sys.exit()"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise BaseException('bare')", "bare"),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "E: "),
    ],
)
def test_whatever_a_file_raises_becomes_one_error(tmp_path: Path, source: str, words: str) -> None:
    error = refused(tmp_path, source)

    assert words in error.message and "my_tools.py" in error.message and error.hint


def test_the_decorators_own_error_is_told_as_it_is(tmp_path: Path) -> None:
    error = refused(tmp_path, "import atonce\n@atonce.tool(timeout=-1)\ndef f(): ...\n")

    assert error.message == "atonce.tool: timeout=-1 cannot be"


def test_a_file_that_failed_leaves_no_module(tmp_path: Path) -> None:
    refused(tmp_path, "1 / 0\n")

    assert "my_tools" not in sys.modules


@pytest.mark.parametrize(
    "source", ["", "X = 1", "from json import dumps", "__all__ = []", "def _f(): ..."]
)
def test_a_file_without_functions_says_what_was_looked_for(tmp_path: Path, source: str) -> None:
    error = refused(tmp_path, source)

    assert "my_tools.py` has no tools" in error.message
    assert "@atonce.tool" in error.hint and "__all__" in error.hint


def test_all_names_what_is_there(tmp_path: Path) -> None:
    assert "`gone`" in refused(tmp_path, "__all__ = ['gone']\n").message


def test_two_tools_of_one_name_are_told_with_both_places(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def f(): ...\n", "b.py": "\ndef f(): ...\n"})

    with pytest.raises(atonce.ToolsError) as caught:
        load_here(tmp_path)

    assert "`f`" in caught.value.message
    assert "a.py:1" in caught.value.message and "b.py:1" in caught.value.message


@pytest.mark.parametrize(
    ("spec", "is_module", "words", "hint"),
    [
        ("my_tool.py", False, "no file", "did you mean `{folder}/my_tools.py`"),
        ("gone.py", False, "no file", "-m module"),
        ("gone/gone.py", False, "no file", "-m module"),
        ("empty", False, "no Python files", "inner folders"),
        ("empty:f", False, "no Python files", ""),
    ],
)
def test_what_is_not_there(
    tmp_path: Path, spec: str, is_module: bool, words: str, hint: str
) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path, {"my_tools.py": "def f(): ...\n"})

    with pytest.raises(atonce.ToolsError) as caught:
        load_here(tmp_path / spec, is_module)

    assert words in caught.value.message and hint.format(folder=tmp_path) in caught.value.hint


@pytest.mark.parametrize("name", ["no_such_module", "no.such.module", "json.nothing", "..", ""])
def test_a_module_that_is_not_there(name: str) -> None:
    with pytest.raises(atonce.ToolsError) as caught:
        load_here(name, True)

    assert f"`{name}`" in caught.value.message


def test_a_modules_own_import_error_is_not_taken_for_its_absence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path, {"shop/__init__.py": "import no_such_package\n", "shop/tools.py": "def f(): ..."}
    )
    monkeypatch.chdir(tmp_path)

    for name in ("shop", "shop.tools"):
        with pytest.raises(atonce.ToolsError, match="no_such_package"):
            load_here(name, True)


def test_warnings_are_those_of_all_tools(tmp_path: Path) -> None:
    loaded = load_source(tmp_path, "def f(a): ...\ndef g(b): ...\n")

    assert ["`f`" in one or "`g`" in one for one in loaded.warnings] == [True, True]
    assert loaded.gil_enablers == []


def test_what_cpp_reads_is_there(tmp_path: Path) -> None:
    """The attributes that src/python/toolset.cpp asks for, and their types."""
    loaded: Any = load_source(tmp_path, "def f(a: int) -> int: ...\n")
    tool = loaded.tools[0]

    assert isinstance(loaded.warnings, list) and isinstance(loaded.gil_enablers, list)
    assert callable(tool.function) and callable(tool.validate)
    assert tool.serialize is None and tool.context_parameter is None
    assert [type(text) for text in tool.declarations] == [str] * 4
    for name in ("name", "description", "kind", "input_schema"):
        assert isinstance(getattr(tool, name), str)
    for name in (
        "serial_group",
        "max_concurrency",
        "timeout",
        "retries",
        "isolation",
        "max_memory",
        "max_cpu",
        "approve",
        "destructive",
    ):
        assert hasattr(tool.policy, name)
