"""Modules of the program are rewritten when they are imported.

A finder before all others lets them find the module, and takes over the loading of those that are
plain source files and ours to watch. Cached code is neither read nor written.
"""

import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader, SourcelessFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from .rewriting import rewrite

ShouldRewrite = Callable[[str, str], bool]  # of a module's name and file

PACKAGES_OF_OTHERS = frozenset({"site-packages", "dist-packages"})


def own_code(packages: Iterable[str] = ()) -> ShouldRewrite:
    """Whether a module is the program's own, or of a package that was named."""
    named = frozenset(packages)
    library = [
        Path(path).resolve()
        for key in ("stdlib", "platstdlib")
        if (path := sysconfig.get_paths().get(key))
    ]
    ours = Path(__file__).resolve().parents[2]

    def is_own(name: str, file: str) -> bool:
        if name.partition(".")[0] in named:
            return True
        path = Path(file).resolve()
        if PACKAGES_OF_OTHERS.intersection(path.parts):
            return False
        return not any(path.is_relative_to(folder) for folder in [*library, ours])

    return is_own


class RewritingLoader(SourceFileLoader):
    """Loads a source file as usual, but for its code."""

    native: Any = None

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return rewrite(
            self.get_data(path),
            path,
            fullname,
            self.native,
            is_package=self.is_package(fullname),
        )


class RewritingSourcelessLoader(SourcelessFileLoader):
    """Loads a file of code, and changes that."""

    native: Any = None

    def get_code(self, fullname: str) -> CodeType | None:
        code = super().get_code(fullname)
        if code is None:
            return None
        from .rewriting.sourceless import rewrite_code  # which few programs need

        return rewrite_code(code, fullname.rpartition(".")[2], self.native)


class RewritingFinder:
    """On `sys.meta_path`, before all others, which do the finding."""

    def __init__(self, native: Any, should_rewrite: ShouldRewrite) -> None:
        self._native = native
        self._should_rewrite = should_rewrite

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        for finder in [one for one in sys.meta_path if one is not self]:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(name, path, target)
            if spec is not None:
                return self._taken_over(spec)
        return None

    def make_loader(self, name: str, path: str) -> SourceFileLoader:
        """For a file that nobody has to find: tools files are loaded by their path."""
        spec = self._taken_over(ModuleSpec(name, SourceFileLoader(name, path), origin=path))
        assert isinstance(spec.loader, SourceFileLoader)
        return spec.loader

    def invalidate_caches(self) -> None:
        """It has none."""

    def _taken_over(self, spec: ModuleSpec) -> ModuleSpec:
        loader = spec.loader
        if spec.origin is None or not self._should_rewrite(spec.name, spec.origin):
            return spec
        if type(loader) is SourceFileLoader:
            rewriting = RewritingLoader(loader.name, loader.path)
            rewriting.native = self._native
            spec.loader = rewriting
        elif type(loader) is SourcelessFileLoader:
            changing = RewritingSourcelessLoader(loader.name, loader.path)
            changing.native = self._native
            spec.loader = changing
        return spec


def install(native: Any, should_rewrite: ShouldRewrite) -> RewritingFinder:
    """From now on. Modules that are imported already stay as they are."""
    finder = RewritingFinder(native, should_rewrite)
    sys.meta_path.insert(0, finder)
    return finder


def remove(finder: RewritingFinder) -> None:
    if finder in sys.meta_path:
        sys.meta_path.remove(finder)
