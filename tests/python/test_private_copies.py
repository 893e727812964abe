"""Tools over private state: all of the module's, or some of it by name, and all else shared."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from atonce import ToolsError
from atonce._host.load import load
from atonce._host.private_copies import private_tools
from atonce._host.toolset import Tool
from caller import call, unchanged_imports, write


@pytest.fixture(autouse=True)
def _imports() -> Iterator[None]:
    with unchanged_imports():
        yield


def tools_of(folder: Path, source: str, suffix: str = "", **files: str) -> tuple[Tool, ...]:
    others = {f"{name}.py": text for name, text in files.items()}
    write(folder, {"private_tools_file.py": source, **others})
    return load(f"{folder / 'private_tools_file.py'}{suffix}").tools


def results(tools: tuple[Tool, ...], arguments: Any = None) -> list[Any]:
    return [call(tool, arguments) for tool in tools]


COUNTING = """
    calls, seen = 0, []
    def count() -> list:
        global calls
        calls += 1
        seen.append(calls)
        return [calls, len(seen)]
    """


def test_all_of_the_module_is_private(tmp_path: Path) -> None:
    tools = tools_of(tmp_path, COUNTING)

    one, other = private_tools(tools, None), private_tools(tools, None)

    assert results(one) + results(one) == [[1, 1], [2, 2]]
    assert results(other) == [[1, 1]]
    assert results(tools) == [[1, 1]]


def test_the_modules_beside_it_are_private_too(tmp_path: Path) -> None:
    source = "import json, helper_of_it\ndef add() -> int: return helper_of_it.add()\n"
    helper = "SEEN = []\ndef add():\n    SEEN.append(1)\n    return len(SEEN)\n"
    tools = tools_of(tmp_path, source, helper_of_it=helper)
    import json

    one, other = private_tools(tools, None), private_tools(tools, None)

    assert results(one) + results(one) + results(other) + results(tools) == [1, 2, 1, 1]
    assert sys.modules["json"] is json


def test_modules_and_path_are_left_as_they_were(tmp_path: Path) -> None:
    tools = tools_of(
        tmp_path, "import helper_of_it\n" + "def f() -> int: return 1\n", helper_of_it=""
    )
    modules, path = dict(sys.modules), list(sys.path)

    private_tools(tools, None)
    private_tools(tools_of(tmp_path, COUNTING), ["seen"])

    assert {name: one for name, one in sys.modules.items() if name in modules} == modules
    assert sys.modules["helper_of_it"] is modules["helper_of_it"]
    assert sys.path == path


def test_a_package_is_private_as_a_whole(tmp_path: Path) -> None:
    files = {
        "pack/__init__.py": "",
        "pack/state.py": "SEEN = []\n",
        "pack/tools.py": "from . import state\nfrom .state import SEEN\n"
        "def add() -> list:\n    SEEN.append(1)\n    return [len(SEEN), len(state.SEEN)]\n",
    }
    write(tmp_path, files)
    tools = load(str(tmp_path / "pack" / "tools.py")).tools

    one, other = private_tools(tools, None), private_tools(tools, None)

    assert results(one) + results(one) + results(other) + results(tools) == [
        [1, 1],
        [2, 2],
        [1, 1],
        [1, 1],
    ]


def test_types_of_a_private_module_are_its_own(tmp_path: Path) -> None:
    source = """
        from dataclasses import dataclass
        @dataclass
        class Point:
            x: int
        def is_point(point: Point) -> bool: return type(point) is Point
        """
    tools = tools_of(tmp_path, source)

    assert results(private_tools(tools, None), {"point": {"x": 1}}) == [True]


@pytest.mark.parametrize(
    "source",
    [
        "from functools import partial\ndef add(to, x: int = 1) -> int:\n    to.append(x)\n"
        "    return len(to)\ntools = [partial(add, [])]",
        "class Store:\n    def __init__(self): self.items = []\n"
        "    def add(self) -> int:\n        self.items.append(1)\n        return len(self.items)\n"
        "tools = Store()",
        "class Store:\n    items = []\n    def __call__(self) -> int:\n"
        "        self.items.append(1)\n        return len(self.items)\ntools = Store()",
        "def make():\n    items = []\n    def add(x: int = 1, /) -> int:\n"
        "        items.append(x)\n        return len(items)\n    return add\n"
        "tools = {'add': make()}",
    ],
)
def test_tools_that_are_no_plain_functions_are_copied(tmp_path: Path, source: str) -> None:
    tools = tools_of(tmp_path, source, ":tools")

    one, other = private_tools(tools, None), private_tools(tools, None)

    assert [tool.name for tool in one] == [tool.name for tool in tools]
    assert results(one) + results(one) + results(other) + results(tools) == [1, 2, 1, 1]


# By name: `private` is private, `shared` stays shared.


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (
            "private, shared = [], []\ndef f() -> list:\n    private.append(1)\n"
            "    shared.append(1)\n    return [len(private), len(shared)]",
            "private",
        ),
        (
            "private, shared = 0, []\ndef f() -> list:\n    global private\n    private += 1\n"
            "    shared.append(1)\n    return [private, len(shared)]",
            "private",
        ),
        (
            "private, shared = [], 0\ndef f() -> list:\n    global shared\n    private.append(1)\n"
            "    shared += 1\n    return [len(private), shared]",
            "private",
        ),
        (
            "private, shared = [], []\ndef g():\n    private.append(1)\n    return private\n"
            "def h(): return [len(one) for one in (g(), shared)]\n"
            "def _f() -> list:\n    shared.append(1)\n    return h()\n"
            "__all__ = ['f']\nf = _f",
            "private",
        ),
        (
            "class C: n = 0\nshared = []\ndef f() -> list:\n    C.n += 1\n    shared.append(1)\n"
            "    return [C.n, len(shared)]",
            "C.n",
        ),
        (
            "shared = []\ndef f() -> list:\n    f.n += 1\n    shared.append(1)\n"
            "    return [f.n, len(shared)]\nf.n = 0",
            "f.n",
        ),
        (
            "shared = []\ndef f(box=[]) -> list:\n    box.append(1)\n    shared.append(1)\n"
            "    return [len(box), len(shared)]",
            "default:box",
        ),
        (
            "def make():\n    n, shared = 0, []\n    def f() -> list:\n        nonlocal n\n"
            "        n += 1\n        shared.append(1)\n        return [n, len(shared)]\n"
            "    return f\nf = make()\n__all__ = ['f']",
            "closure:n",
        ),
        (
            "import functools\ndef same(g):\n    @functools.wraps(g)\n    def call(*a, **k):\n"
            "        return g(*a, **k)\n    return call\n__all__ = ['f']\n"
            "private, shared = [], []\n@same\ndef f() -> list:\n"
            "    private.append(1)\n    shared.append(1)\n"
            "    return [len(private), len(shared)]",
            "private",
        ),
        (
            "import functools\nshared, numbers = [], iter(range(1, 100))\n@functools.lru_cache\n"
            "def g(x): return [0]\ndef f() -> list:\n    g(1)[0] += 1\n    shared.append(1)\n"
            "    return [g(1)[0], len(shared)]\n__all__ = ['f']",
            "g",
        ),
        (
            "import threading\nclass Store:\n    def __init__(self):\n        self.n = 0\n"
            "        self.lock = threading.Lock()\n    def add(self):\n        with self.lock:\n"
            "            self.n += 1\n            shared.append(type(self) is Store)\n"
            "        return self.n\nshared = []\nSTORE = Store()\n"
            "def f() -> list: return [STORE.add(), sum(shared)]",
            "STORE",
        ),
    ],
)
def test_only_what_is_named_is_private(tmp_path: Path, source: str, name: str) -> None:
    tools = tools_of(tmp_path, source)

    one, other = private_tools(tools, [name]), private_tools(tools, [name])

    assert results(one) + results(one) == [[1, 1], [2, 2]]
    assert results(other) == [[1, 3]]
    assert results(tools) == [[1, 4]]


def test_the_object_of_a_method_can_be_private(tmp_path: Path) -> None:
    source = """
        shared = []
        class Store:
            def __init__(self): self.items = []
            def add(self) -> list:
                self.items.append(1)
                shared.append(type(self) is Store)
                return [len(self.items), sum(shared)]
        store = Store()
        """
    tools = tools_of(tmp_path, source, ":store")

    one, other = private_tools(tools, ["self"]), private_tools(tools, ["self"])

    assert results(one) + results(one) + results(other) == [[1, 1], [2, 2], [1, 3]]


def test_written_globals_are_private_together(tmp_path: Path) -> None:
    source = """
        first = second = 0
        def f() -> list:
            global first, second
            first, second = first + 1, second + 1
            return [first, second]
        """
    tools = tools_of(tmp_path, source)

    assert results(private_tools(tools, ["first"])) == [[1, 1]]
    assert results(tools) == [[1, 1]]


def test_objects_that_were_named_keep_the_classes_of_the_arguments(tmp_path: Path) -> None:
    source = """
        from dataclasses import dataclass
        @dataclass(frozen=True)
        class Key:
            x: int
        KNOWN = {Key(1): "one"}
        def look_up(key: Key) -> str: return KNOWN[key]
        """
    tools = tools_of(tmp_path, source)

    assert results(private_tools(tools, ["KNOWN"]), {"key": {"x": 1}}) == ["one"]


@pytest.mark.parametrize(
    ("source", "names", "message"),
    [
        ("def f(): ...", ["COUNTER"], "nothing that is called `COUNTER`"),
        (
            "import sys\nif hasattr(sys, 'ran_before'): sys.exit(3)\nsys.ran_before = True\n"
            "def f(): ...",
            None,
            "cannot be run a second time: SystemExit: 3",
        ),
        (
            "BOX = []\nclass C:\n    def add(self): BOX.append(1)\ndef f(): C().add()",
            ["BOX"],
            "`C.add`, which `f` calls, uses `BOX` too",
        ),
        (
            "import enum\nclass C(enum.Enum):\n    A = []\ndef f(): return C.A",
            ["C.A"],
            "no class can be derived from `C`",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(
    tmp_path: Path, source: str, names: list[str] | None, message: str
) -> None:
    tools = tools_of(tmp_path, source)

    try:
        with pytest.raises(ToolsError, match=message):
            private_tools(tools, names)
    finally:
        vars(sys).pop("ran_before", None)


def test_a_tool_that_no_name_leads_to_is_refused(tmp_path: Path) -> None:
    source = """
        import sys
        def make():
            def f(): ...
            return f
        tools = {make()}
        """
    tools = tools_of(tmp_path, source, ":tools")

    with pytest.raises(ToolsError, match="`f` is not found in a second run"):
        private_tools(tools, None)


def test_an_installed_function_is_not_copied(tmp_path: Path) -> None:
    tools = tools_of(tmp_path, "from textwrap import dedent\n__all__ = ['dedent']\n")

    with pytest.raises(ToolsError, match="none of the tools can be copied"):
        private_tools(tools, None)
