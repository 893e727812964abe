"""What the calls of a function share is read from its code, the likeliest to be contended first."""

import sys
from pathlib import Path
from typing import Any

import pytest
from atonce._host.private_copies import shared_candidates
from caller import unchanged_imports, write


def candidates(folder: Path, source: str, function: str = "tool") -> list[str]:
    write(folder, {"shared_tools.py": source})
    sys.modules.pop("shared_tools", None)
    with unchanged_imports():
        sys.path.insert(0, str(folder))
        import shared_tools  # type: ignore[import-not-found]

        value: Any = shared_tools
        for part in function.split("."):
            value = getattr(value, part)
        return shared_candidates(value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("COUNTER = 0\ndef tool():\n    global COUNTER\n    COUNTER += 1", ["COUNTER"]),
        ("def tool():\n    global LATER\n    LATER = 1", ["LATER"]),
        ("SEEN = []\ndef tool(x): SEEN.append(x)", ["SEEN"]),
        ("SEEN = []\ndef tool():\n    def inner(): SEEN.append(1)\n    inner()", ["SEEN"]),
        ("SEEN = []\ntool = lambda: [SEEN for _ in range(3)]", ["SEEN"]),
        ("BIG = 10 ** 30 + len('x')\ndef tool(): return BIG", ["BIG"]),
        ("class C:\n    n = 0\ndef tool(): C.n += 1", ["C.n"]),
        ("class C:\n    n = []\ndef tool(): C.n.append(1)", ["C.n"]),
        ("class C:\n    n = []\n    def f(self): self.n.append(1)\ndef tool(): C().f()", ["C.n"]),
        (
            "class C:\n    n = 0\n    @classmethod\n    def f(cls): cls.n += 1\ndef tool(): C.f()",
            ["C.n"],
        ),
        ("class C:\n    n = 0\n    def f(self): self.n += 1\ndef tool(): C().f()", []),
        (
            "class C:\n    n = 0\n    def f(self): self.__class__.n += 1\ndef tool(): C().f()",
            ["C.n"],
        ),
        ("def tool(): tool.calls += 1\ntool.calls = 0", ["tool.calls"]),
        ("def tool(seen=[], *, more={}): seen.append(1)", ["default:seen", "default:more"]),
        (
            "def make():\n    n = 0\n    box = [1]\n    def tool():\n        nonlocal n\n"
            "        n += len(box)\n    return tool\ntool = make()",
            ["closure:n", "closure:box"],
        ),
        (
            "from functools import partial\nBOX = []\ndef f(x, box): return box\n"
            "tool = partial(f, box=BOX)",
            ["default:box"],
        ),
        ("from functools import lru_cache\n@lru_cache\ndef tool(n): return n", ["tool"]),
        (
            "from functools import lru_cache\n@lru_cache\ndef f(n): return n\n"
            "def tool(n): return f(n)",
            ["f"],
        ),
    ],
)
def test_what_is_shared_is_named(tmp_path: Path, source: str, expected: list[str]) -> None:
    assert candidates(tmp_path, source) == expected


def test_what_costs_nothing_to_share_is_not_named(tmp_path: Path) -> None:
    source = """
        import math
        from json import dumps
        LIMIT, NAME, NOTHING, FLAG = 20, "name", None, True
        class Thing:
            limit = 7
            def size(self): return self.limit
        def helper(x=LIMIT): return math.sqrt(x)
        unused = []
        def tool(items: list) -> str:
            sorted(items, key=len)
            return dumps([LIMIT, NAME, NOTHING, FLAG, helper(), Thing().size(), items])
        """

    assert candidates(tmp_path, source) == []


def test_what_the_functions_it_calls_share_is_named_too(tmp_path: Path) -> None:
    source = """
        import functools
        TOTAL, SEEN, KEYS = 0, {}, []
        def logged(function):
            @functools.wraps(function)
            def call(*args): return function(*args)
            return call
        @logged
        def deep(x):
            global TOTAL
            TOTAL += x
        class Store:
            def __init__(self): KEYS.append(1)
            @property
            def size(self): return len(SEEN)
            def unused(self): return OTHER
        OTHER = []
        def helper(x):
            deep(x)
            return Store().size
        def tool(x): return helper(x)
        def neighbour(): return OTHER
        """

    assert candidates(tmp_path, source) == ["TOTAL", "KEYS", "SEEN"]


def test_the_likeliest_comes_first(tmp_path: Path) -> None:
    source = """
        A_VALUE = float("1.25")
        BOX = []
        WRITTEN = 0
        def tool():
            global WRITTEN
            WRITTEN += A_VALUE + len(BOX)
        """

    assert candidates(tmp_path, source) == ["WRITTEN", "BOX", "A_VALUE"]


def test_a_method_shares_its_object(tmp_path: Path) -> None:
    source = """
        LOG = []
        class Store:
            def __init__(self): self.items = []
            def add(self, x): self._keep(x)
            def _keep(self, x): LOG.append(x); self.items.append(x)
            def __call__(self): return self.items
        store = Store()
        """

    assert candidates(tmp_path, source, "store.add") == ["self", "LOG"]
    assert candidates(tmp_path, source, "store") == ["self"]


def test_a_function_that_calls_itself_ends(tmp_path: Path) -> None:
    source = """
        DEPTHS = []
        def tool(n): return other(n - 1)
        def other(n): return tool(n) if n else DEPTHS
        """

    assert candidates(tmp_path, source) == ["DEPTHS"]
