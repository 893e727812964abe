"""Modules that come without their source: a file of code, whose instructions are changed."""

import importlib
import py_compile
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from atonce._host.check import importer
from transparent import Transparent

if sys.version_info < (3, 13):
    pytest.skip("the instructions of Python 3.13 and newer", allow_module_level=True)

from atonce._host.check.rewriting.instructions import swaps
from atonce._host.check.rewriting.sourceless import rewrite_code


class Changed:
    """A program whose code was changed, after it has run as a module."""

    def __init__(self, source: str) -> None:
        self.native = Transparent()
        code = compile(textwrap.dedent(source).lstrip("\n"), "shop.py", "exec", dont_inherit=True)
        self.names: dict[str, Any] = {"__name__": "shop"}
        exec(rewrite_code(code, "shop", self.native), self.names)

    def calls(self) -> list[str]:
        self.native.calls.clear()
        self.names["run"]()
        return [f"{call.kind} {call.text}".strip() for call in self.native.calls]

    def pairs(self) -> list[str]:
        return [
            f"{read.kind.name} {read.text} -> {write.kind.name} {write.text} "
            f"{'depends' if depends else 'follows'}"
            for read, write, depends in self.native.pairs
        ]


@pytest.mark.parametrize(
    ("present", "wanted"), [("ab", "ba"), ("abcS0", "S0abc"), ("abcdef", "fdbace"), ("a", "a")]
)
def test_swaps_bring_any_order_about(present: str, wanted: str) -> None:
    stack = list(present)

    for depth in swaps(present, wanted):
        stack[-depth], stack[-1] = stack[-1], stack[-depth]

    assert "".join(stack) == wanted


BEGIN = """
class Thing:
    def __init__(self):
        self.n = 1
        self.l = [3, 4]
        self.d = {"k": 1}
        self.lock = __import__("threading").Lock()
total = 0
def make():
    n = 0
    def count():
        nonlocal n
        n += 1
        return n
    return count
o = Thing()
count = make()
def run(o=o):
    global total
    """

SITES = {
    "o.n = o.n": ["LOAD_ATTR o.n", "STORE_ATTR o.n"],
    "o.n += 1": ["LOAD_ATTR o.n", "STORE_ATTR o.n"],
    "del o.n": ["TOUCH_ATTR o.n"],
    "o.l[0] = o.l[1]": ["LOAD_ATTR o.l", "LOAD_ITEM o.l", "LOAD_ATTR o.l", "STORE_ITEM o.l"],
    "del o.l[0]": ["LOAD_ATTR o.l", "HOLD o.l", "TOUCH_KEY o.l"],
    "o.l[1:2] = []": ["LOAD_ATTR o.l", "TOUCH_WHOLE o.l"],
    "o.l.append(o.n)": ["LOAD_ATTR o.l", "LOAD_ATTR o.n", "METHOD o.l"],
    "for x in o.l: pass": ["LOAD_ATTR o.l", "ITERATE o.l"],
    "with o.lock: pass": ["LOAD_ATTR o.lock", "LOCK o.lock"],
    "total += 1": ["LOAD_GLOBAL total", "STORE_GLOBAL total"],
    "count()": ["LOAD_CELL n", "STORE_CELL n", "LOAD_CELL n"],
    "1 in o.l": ["LOAD_ATTR o.l"],
}


@pytest.mark.parametrize("body", SITES)
def test_the_sites_of(body: str) -> None:
    calls = [one for one in Changed(BEGIN + body + "\n").calls() if one != "ENTER"]

    assert calls == SITES[body]


PAIRS = {
    "o.n = o.n + 1": ["LOAD_ATTR o.n -> STORE_ATTR o.n depends"],
    "x = o.n\n    o.n = 2": ["LOAD_ATTR o.n -> STORE_ATTR o.n follows"],
    "if not o.l:\n        o.l.append(1)": ["TRUTH o.l -> METHOD o.l depends"],
    "if o.n:\n        return\n    o.n = 1": ["LOAD_ATTR o.n -> STORE_ATTR o.n depends"],
    "if 'k' in o.d:\n        del o.d['k']": ["CONTAINS o.d -> TOUCH_KEY o.d depends"],
    "o.n = 1\n    x = o.n": [],
}


@pytest.mark.parametrize("body", PAIRS)
def test_the_pairs_of(body: str) -> None:
    program = Changed(BEGIN + body + "\n")

    assert [one for one in program.pairs() if "CELL" not in one] == PAIRS[body]


def test_what_a_program_does_stays_the_same() -> None:
    source = """
        def walk(n):
            try:
                got = yield n
                while got:
                    got = yield got.pop()
            finally:
                DONE.append([x * y for x in range(n) for y in range(x)])
        DONE = []
        def run():
            steps = walk(3)
            found = [next(steps), steps.send([1, 2]), steps.send([3])]
            steps.close()
            match {"a": [1, 2, *found]}:
                case {"a": [1, *rest]} if len(rest) > 2:
                    return rest, DONE, {k: v for k, v in zip("ab", rest)}, f"{found!r:>20}"
        class C(list):
            __slots__ = ("x",)
            def __init__(self, *args, **names):
                super().__init__(args)
                self.x, self[0:0] = names, [0]
            async def go(self):
                async with self as x:
                    return x
        got = run(), C(1, 2, a=3), C(1).x
    """
    plain: dict[str, Any] = {}
    exec(textwrap.dedent(source), plain)

    assert Changed(source).names["got"] == plain["got"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("counting", None)


def test_a_file_of_code_is_changed_when_it_is_imported(folder: Path) -> None:
    source = folder / "counting.py"
    source.write_text("class C:\n    n = 0\n    def add(self):\n        self.n += 1\n")
    py_compile.compile(str(source), cfile=str(folder / "counting.pyc"), doraise=True)
    source.unlink()
    native = Transparent()
    finder = importer.install(native, importer.own_code())

    counter = importlib.import_module("counting").C()
    importer.remove(finder)
    counter.add()

    assert counter.n == 1
    assert [call.text for call in native.calls] == ["self.n", "self.n"]
    assert [(site.function, site.line) for site in native.sites] == [("C.add", 4)] * 2
