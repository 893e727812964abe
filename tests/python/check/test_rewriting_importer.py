"""Modules that are rewritten as they are imported."""

import importlib
import inspect
import pickle
import runpy
import sys
import sysconfig
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from atonce._host.check import importer
from transparent import Transparent

COUNTER = """
    class Counter:
        def __init__(self):
            self.n = 0
        def add(self):
            self.n += 1
            return self.n
    """


class Watched:
    """A folder of modules on `sys.path`, whose imports are rewritten."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.native = Transparent()
        self.modules: list[Any] = []
        native = self.native

        class Module(Transparent.Module):
            def __init__(one, name: str, file: str) -> None:  # noqa: N805
                super().__init__(name, file)
                self.modules.append(one)

        self.native.Module = Module  # type: ignore[misc]
        self.finder = importer.install(native, importer.own_code(["named"]))

    def write(self, **files: str) -> None:
        for name, text in files.items():
            path = self.folder / f"{name.replace('__in__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip())
        importlib.invalidate_caches()

    def load(self, name: str) -> ModuleType:
        return importlib.import_module(name)


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    one = Watched(tmp_path)
    yield one
    importer.remove(one.finder)
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_a_module_of_the_program_is_rewritten(watched: Watched) -> None:
    watched.write(counting=COUNTER)

    counter = watched.load("counting").Counter()

    assert (counter.add(), counter.add()) == (1, 2)
    assert [one.text for one in watched.native.calls].count("self.n") == 5
    assert [(one.name, one.file) for one in watched.modules] == [
        ("counting", str(watched.folder / "counting.py"))
    ]


def test_its_sites_are_bound_to_its_namespace(watched: Watched) -> None:
    watched.write(counting=COUNTER)

    module = watched.load("counting")

    assert watched.modules[0].names is module.__dict__


def test_a_package_is_named_by_its_folder(watched: Watched) -> None:
    watched.write(shop__in____init__="from . import till\n", shop__in__till=COUNTER)

    module = watched.load("shop")

    assert module.till.__name__ == "shop.till"
    assert [one.name for one in watched.modules] == ["shop", "till"]


def test_no_cached_code_is_read_or_written(watched: Watched) -> None:
    watched.write(counting=COUNTER)
    cache = Path(importlib.util.cache_from_source(str(watched.folder / "counting.py")))
    cache.parent.mkdir()
    cache.write_bytes(b"stale")

    module = watched.load("counting")

    assert module.Counter().add() == 1
    assert cache.read_bytes() == b"stale"


def test_packages_of_others_are_left_alone_unless_named(watched: Watched) -> None:
    elsewhere = watched.folder / "lib" / "site-packages"
    sys.path.insert(0, str(elsewhere))
    for name in ("named", "unnamed"):
        (elsewhere / name).mkdir(parents=True)
        (elsewhere / name / "__init__.py").write_text(textwrap.dedent(COUNTER))
    importlib.invalidate_caches()

    loaded = [watched.load(name) for name in ("named", "unnamed")]

    sys.path.remove(str(elsewhere))
    assert [one.Counter().add() for one in loaded] == [1, 1]
    assert [one.name for one in watched.modules] == ["named"]


def test_the_standard_library_and_atonce_are_left_alone() -> None:
    is_own = importer.own_code()

    assert not is_own("json", str(Path(sysconfig.get_paths()["stdlib"]) / "json" / "__init__.py"))
    assert not is_own("atonce._host.load", str(Path(importer.__file__).parents[1] / "load.py"))
    assert is_own("tools", "/home/me/tools.py")


def test_a_module_can_be_reloaded_run_and_inspected(watched: Watched) -> None:
    watched.write(counting=COUNTER + "\n    VALUE = 1\n")
    module = watched.load("counting")
    watched.write(counting=COUNTER + "\n    VALUE = 2\n")

    assert importlib.reload(module).VALUE == 2
    assert runpy.run_module("counting")["VALUE"] == 2
    assert "self.n += 1" in inspect.getsource(module.Counter.add)
    assert pickle.loads(pickle.dumps(module.Counter.add)) is module.Counter.add


def test_run_as_a_module_its_sites_are_bound_to_that_run(watched: Watched) -> None:
    watched.write(counting=COUNTER)

    names = runpy.run_module("counting", run_name="__main__")

    assert names["Counter"]().add() == 1
    bound = watched.modules[-1].names
    assert bound is not None
    assert watched.modules[-1].name == "counting"


def test_what_is_no_python_fails_with_its_place(watched: Watched) -> None:
    watched.write(broken="x = 1\ny = = 2\n")

    with pytest.raises(SyntaxError) as caught:
        watched.load("broken")

    assert (caught.value.filename, caught.value.lineno) == (str(watched.folder / "broken.py"), 2)


def test_an_import_in_a_function_is_told_with_the_whole_name(watched: Watched) -> None:
    watched.write(
        shop__in____init__="",
        shop__in__till="""
            def go():
                from . import money
                from .money import x
                import json
        """,
        shop__in__money="x = 1\n",
    )

    watched.load("shop.till").go()

    told = [site.name for site in watched.native.sites if site.kind.name == "EVENT"]
    assert told == ["shop", "shop.money", "json"]
