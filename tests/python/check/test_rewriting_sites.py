"""Which accesses reach a site, in which order; and that the program does what it did."""

import inspect
import linecache
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

import pytest
from rewritten import rewritten

SITES = {
    "attributes": ("o.a\n    o.a.b", ["LOAD_ATTR o.a", "LOAD_ATTR o.a", "LOAD_ATTR o.a.b"]),
    "the value comes before the owner": (
        "o.a.b = o.c",
        ["LOAD_ATTR o.c", "LOAD_ATTR o.a", "STORE_ATTR o.a.b"],
    ),
    "added to": ("o.n += o.m", ["TOUCH_ATTR o.n", "LOAD_ATTR o.m"]),
    "deleted": ("del o.n", ["TOUCH_ATTR o.n"]),
    "two at once": ("o.n, o.m = 1, None", ["STORE_ATTR o.n", "STORE_ATTR o.m"]),
    "one for two": ("o.n = o.m = None", ["STORE_ATTR o.n", "STORE_ATTR o.m"]),
    "swapped": (
        "o.n, o.m = o.m, o.n",
        ["LOAD_ATTR o.m", "LOAD_ATTR o.n", "TOUCH_ATTR o.n", "TOUCH_ATTR o.m"],
    ),
    "annotated": ("o.n: int = 2", ["STORE_ATTR o.n"]),
    "target of a loop": ("for o.n in (1, 2): pass", ["TOUCH_ATTR o.n", "TOUCH_ATTR o.n"]),
    "target of with": ("with o.c() as o.n: pass", ["LOAD_ATTR o.c", "TOUCH_ATTR o.n"]),
    "items": ("d['k']", ["LOAD_ITEM d"]),
    "items stored": ("d['k'] = o.n", ["LOAD_ATTR o.n", "STORE_ITEM d"]),
    "items added to": ("d['k'] += o.n", ["HOLD d", "TOUCH_KEY d", "LOAD_ATTR o.n"]),
    "items deleted": ("del d['k']", ["HOLD d", "TOUCH_KEY d"]),
    "slices": ("x = l[1:]", ["TOUCH_WHOLE l"]),
    "slices stored": ("l[1:] = [o.n]", ["LOAD_ATTR o.n", "TOUCH_WHOLE l"]),
    "methods": ("l.append(o.n)", ["LOAD_ATTR o.n", "METHOD l"]),
    "methods with spread arguments": ("l.insert(*(0, 1))", ["LOAD_ATTR l.insert"]),
    "methods of other names": ("o.go(o.n)", ["LOAD_ATTR o.n"]),
    "methods that are stored somewhere": (
        "o.go = o.go\n    o.go(1)",
        [
            "LOAD_ATTR o.go",
            "STORE_ATTR o.go",
            "LOAD_ATTR o.go",
        ],
    ),
    "functions of modules": ("os.path.join(o.name)", ["LOAD_ATTR o.name"]),
    "methods of texts": ("', '.join([o.name])", ["LOAD_ATTR o.name"]),
    "copies": ("x = list(l), sorted(d), dict(d)", ["BUILTIN l", "BUILTIN d", "BUILTIN d"]),
    "built-in functions that look": (
        "x = getattr(o, 'n'), hasattr(o, 'n'), next(iter(l))",
        ["BUILTIN o.n", "BUILTIN o.n", "ITERATE l", "BUILTIN iter(l)"],
    ),
    "vars": ("x = vars(o)", ["BUILTIN o"]),
    "spread": ("f(*l, **{**d})", ["TOUCH_WHOLE l", "TOUCH_WHOLE d"]),
    "own arguments that are passed on": ("(lambda *a, **k: f(*a, **k))(1)", []),
    "loops": ("for x in l: pass", ["ITERATE l"]),
    "loops over what is new": ("for x in range(3): pass\n    for x in [1]: pass", []),
    "loops over views": ("for k, v in d.items(): pass", ["METHOD d", "ITERATE d.items()"]),
    "loops with numbers": ("for i, x in enumerate(l): pass", ["ITERATE l"]),
    "comprehensions": (
        "x = [o.n for y in l if o.m]",
        [
            "ITERATE l",
            *["LOAD_ATTR o.m", "LOAD_ATTR o.n"] * 3,
        ],
    ),
    "sums": ("sum(x.n for x in l) if 0 else sum(l)", ["ITERATE l"]),
    "unpacked": ("a, b, c = l", ["ITERATE l"]),
    "walked through": ("copy.deepcopy(l)", ["ITERATE l"]),
    "changed by a function": ("heapq.heappush(l, 1)", ["TOUCH_WHOLE l"]),
    "locks": ("with o.lock: pass", ["LOAD_ATTR o.lock", "LOCK o.lock"]),
    "locks by hand": (
        "o.lock.acquire()\n    o.lock.release()",
        [
            "LOAD_ATTR o.lock",
            "LOCK o.lock",
            "LOAD_ATTR o.lock",
            "LOCK o.lock",
        ],
    ),
    "files are no locks": ("with open(os.devnull): pass", []),
    "a chain of comparisons": ("x = 1 < o.n in l", ["LOAD_ATTR o.n"]),
    "names of classes and the like": ("x = o.__class__, o.go.__name__", ["LOAD_ATTR o.go"]),
    "type arguments": ("x = list[int], dict[str, int]", []),
    "conditions that are not reached": ("x = o and 0 and o.n", []),
    "a walrus": ("x = (y := o.n)", ["LOAD_ATTR o.n"]),
    "texts": ("x = f'{o.n} {o.m!r:>{o.n}}'", ["LOAD_ATTR o.n", "LOAD_ATTR o.m", "LOAD_ATTR o.n"]),
    "a pattern": ("match o:\n        case Thing(n=x): pass", []),
    "a class statement": ("class C: x = o.n", ["EVENT class C", "LOAD_ATTR o.n"]),
    "an import": ("import os.path", ["EVENT import os.path"]),
    "a patch": ("os.made_up = 1", ["EVENT os.made_up", "STORE_ATTR os.made_up"]),
}

BEGIN = """
import contextlib, copy, heapq, os, threading

class Thing:
    def __init__(self):
        self.n, self.m, self.name = 1, 2, "thing"
        self.lock = threading.Lock()
        self.a = Other()
        self.c = contextlib.nullcontext
        if not hasattr(self, "b"):
            self.b = 1

    def go(self, *args):
        return args

class Other:
    def __init__(self):
        self.b = 1

    @property
    def c(self):
        return 1

o = Thing()
o.__dict__["c"] = contextlib.nullcontext
d = {"k": 1}
l = [1, 2, 3]

def f(*args, **names):
    return args, names

def run(o=o, d=d, l=l):
    """


@pytest.mark.parametrize("case", SITES)
def test_the_sites_of(case: str) -> None:
    body, calls = SITES[case]

    assert rewritten(BEGIN + body + "\n").calls() == calls


NAMES = {
    "a global, in a function": (
        "n = 0\ndef run():\n    global n\n    n += n\n    n = 1\n    del n",
        ["LOAD_GLOBAL n", "STORE_GLOBAL n", "STORE_GLOBAL n", "STORE_GLOBAL n"],
    ),
    "a global that is bound again by the module": (
        "n = 0\nn = 1\ndef run():\n    return n",
        ["LOAD_GLOBAL n"],
    ),
    "a global that is bound in a loop of the module": (
        "for n in range(3): pass\ndef run():\n    return n",
        ["LOAD_GLOBAL n"],
    ),
    "a global that is bound once": ("n = 0\ndef run():\n    return n", []),
    "a function": ("def run():\n    return run", []),
    "an import that may be one or the other": (
        "try:\n    import json\nexcept ImportError:\n    json = None\ndef run():\n    return json",
        [],
    ),
    "globals that a loop binds": (
        "def run():\n    global n\n    for n, m in [(1, 2)]: pass",
        ["STORE_GLOBAL n"],
    ),
    "globals that are unpacked": (
        "def run():\n    global n, m\n    n, m = 1, []",
        ["STORE_GLOBAL n", "STORE_GLOBAL m"],
    ),
    "globals that an import binds": (
        "def run():\n    global os\n    import os",
        ["EVENT import os", "STORE_GLOBAL os"],
    ),
    "globals by a pattern": (
        "def run():\n    global n\n    match [1, 2]:\n        case [1, n]: pass",
        ["STORE_GLOBAL n"],
    ),
    "globals by with": (
        "from contextlib import nullcontext\n"
        "def run():\n    global n\n    with nullcontext(1) as n: pass",
        ["STORE_GLOBAL n"],
    ),
    "globals by an exception": (
        "def run():\n    global n\n    try: 1 / 0\n    except ZeroDivisionError as n: pass",
        ["STORE_GLOBAL n"],
    ),
    "globals by a walrus": ("def run():\n    global n\n    (n := 1)", ["STORE_GLOBAL n"]),
    "globals by their namespace": (
        "n = 0\ndef run():\n    globals()['n'] = n",
        ["LOAD_GLOBAL n", "STORE_ITEM globals()"],
    ),
    "a cell": (
        "def make():\n    n = 0\n    def run():\n        nonlocal n\n        n += 1\n"
        "        return n\n    return run\nrun = make()",
        ["STORE_CELL n", "LOAD_CELL n"],
    ),
    "a cell that is bound again": (
        "def make():\n    n = 0\n    def run():\n        return n\n    n = 1\n    return run\n"
        "run = make()",
        ["LOAD_CELL n"],
    ),
    "a cell that is bound once": (
        "def make():\n    n = 0\n    def run():\n        return n\n    return run\nrun = make()",
        [],
    ),
    "a cell in a comprehension": (
        "def make():\n    n = 0\n    def run():\n        nonlocal n\n"
        "        n = sum([n for _ in range(2)])\n    return run\nrun = make()",
        ["ENTER", "LOAD_CELL n", "LOAD_CELL n", "STORE_CELL n"],
    ),
    "a name of a class": (
        "def run():\n    global C\n    class C:\n        n = 1\n        n = n + 1",
        ["EVENT class C", "STORE_GLOBAL C"],
    ),
}


@pytest.mark.parametrize("case", NAMES)
def test_names(case: str) -> None:
    source, calls = NAMES[case]

    assert rewritten(source).calls() == calls


def test_a_cell_is_told_by_its_number_in_the_frame() -> None:
    program = rewritten("""
        def make(a, b):
            n = a
            def run(c):
                nonlocal n
                d = n
                n = d
                return b
            return run, n
    """)

    cells = {(site.function, site.kind.name): site.cell for site in program.sites()}
    make = program.names["make"].__code__
    run = make.co_consts[[hasattr(one, "co_name") for one in make.co_consts].index(True)]
    outer = [*make.co_varnames, *(one for one in make.co_cellvars if one not in make.co_varnames)]
    inner = [*run.co_varnames, *run.co_freevars]
    assert cells == {
        ("make", "STORE_CELL"): outer.index("n"),
        ("make", "LOAD_CELL"): outer.index("n"),
        ("make.run", "LOAD_CELL"): inner.index("n"),
        ("make.run", "STORE_CELL"): inner.index("n"),
    }


def test_private_names_are_those_of_their_class() -> None:
    program = rewritten("""
        class _C:
            def __init__(self):
                self.__n = 1
            def get(self):
                return self.__n
        def run():
            return _C().get()
    """)

    assert {(site.name, site.text) for site in program.sites("LOAD_ATTR")} == {
        ("_C__n", "self.__n")
    }
    assert program.names["run"]() == 1


def test_a_new_object_is_known_as_one_in_its_constructor() -> None:
    program = rewritten("""
        class C:
            def __new__(cls):
                made = super().__new__(cls)
                made.a = 1
                return made
            def __init__(this, other):
                this.b = other.c
            def go(self):
                self.b = 2
    """)

    known = {
        site.text for site in program.sites() if "INIT" in program.flags(site.line, site.kind.name)
    }
    assert known == {"made.a", "this.b"}


def test_functions_are_named_as_they_are_written() -> None:
    program = rewritten("""
        class C:
            def go(self):
                def inner():
                    return self.a
                return [self.b for _ in range(3)], lambda: self.c
        def run(o):
            return o.d
        o = o_b = run
        o.e = 1
    """)

    assert {(site.text, site.function) for site in program.sites()} == {
        ("self.a", "C.go.inner"),
        ("self.b", "C.go"),
        ("self.c", "C.go.<lambda>"),
        ("o.d", "run"),
        ("o.e", "<module>"),
    }


def test_annotations_and_docstrings_stay_as_they_are() -> None:
    source = '''
        """Of the module."""
        from __future__ import annotations
        import os
        class C:
            """Of the class."""
            __slots__ = ("a",)
            a: os.x.y
            def go(self, b: os.x[1].y = None) -> o.d[2]:
                """Of the function."""
                self.a: o.c = b
                if self.a:
                    self.a = self.b
    '''

    program = rewritten(source)

    assert program.names["__doc__"] == "Of the module."
    known = program.names["C"]
    assert known.__doc__ == "Of the class."
    assert known.go.__doc__ == "Of the function."
    assert known.__annotations__ == {"a": "os.x.y"}
    assert known.go.__annotations__ == {"b": "os.x[1].y", "return": "o.d[2]"}


@pytest.mark.skipif(sys.version_info < (3, 13), reason="classes say so from 3.13 on")
def test_a_class_still_says_what_its_methods_set() -> None:
    known = rewritten("""
        class C:
            def __init__(self):
                self.a = 1
                self.b, self.c = 1, 2
                if self.a:
                    self.d: int = 1
    """).names["C"]

    assert set(known.__static_attributes__) == {"a", "b", "c", "d"}


def test_nothing_is_warned_of_but_what_the_program_does() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        rewritten("def run(o):\n    o.a.b = 'a'(1)\n")

    assert [str(one.message)[:25] for one in caught] == ["'str' object is not calla"]


BROKEN = """\
def attribute(o):
    return o.a.missing

def lines(o):
    return (o
            .a
            .missing)

def item(o):
    return o.d[
        "k"
    ]["x"]

def call(o):
    return o.l.append(1, 2)

def store(o):
    o.a.b.c = 1

def add(o):
    o.n += "x"

def into(o):
    return 1 in o.n

def loop(o):
    for x in o.n:
        pass

def unpack(o):
    a, b = o.n

def name():
    global gone
    return gone
"""


class Broken:
    class A:
        b = 1

    a = A()
    d: dict[str, Any] = {"k": {}}  # noqa: RUF012
    l: list[int] = []  # noqa: E741, RUF012
    n = 1


@pytest.mark.parametrize(
    "name",
    ["attribute", "lines", "item", "call", "store", "add", "into", "loop", "unpack", "name"],
)
def test_a_traceback_shows_the_same_places(name: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.py"
    file.write_text(BROKEN)
    plain: dict[str, Any] = {}
    exec(compile(BROKEN, str(file), "exec"), plain)
    known = rewritten(BROKEN, str(file.with_suffix(""))).names

    assert _places(known[name]) == _places(plain[name])


def _places(function: Any) -> list[Any]:
    try:
        function(*[Broken()][: function.__code__.co_argcount])
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [one for one in frames if one.filename.endswith("broken.py")]
        places = [(one.lineno, one.end_lineno, one.colno, one.end_colno) for one in ours]
        return [type(error), *places]
    raise AssertionError("it did not fail")


def test_source_and_lines_of_functions_are_those_of_the_file(tmp_path: Path) -> None:
    source = "def run(o):\n    o.a = 1\n    return o.b\n"
    file = tmp_path / "shown.py"
    file.write_text(source)
    linecache.checkcache()

    run = rewritten(source, str(file.with_suffix(""))).names["run"]

    assert inspect.getsource(run) == source
    assert run.__code__.co_firstlineno == 1


def test_source_that_is_no_python_fails_as_it_does_with_compile() -> None:
    with pytest.raises(SyntaxError, match="invalid syntax") as caught:
        rewritten("x = 1\ny = = 2\n", "bad")

    assert (caught.value.filename, caught.value.lineno) == ("bad.py", 2)


def test_what_nests_too_deep_runs_unwatched() -> None:
    program = rewritten("def run(o):\n    return o" + ".a" * 900 + "\n", runs=False)

    assert program.sites() == []
    assert program.code.co_filename == "shop.py"
