"""A stand-in for the native module that does what a site does, and writes down that it was called.

It shows which accesses of rewritten code reach a site, in which order, and that the code does the
same as before. It detects nothing.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from atonce._host.check.rewriting.sites import Flag, Kind


@dataclass(frozen=True)
class Called:
    kind: str
    text: str
    flags: Flag
    name: str | None
    key: Any  # of an item; of a name or a truth its value; else None


class Module:
    def __init__(self, name: str, file: str) -> None:
        self.name = name
        self.file = file
        self.names: dict[str, Any] | None = None

    def bind(self, names: dict[str, Any]) -> None:
        self.names = names


@dataclass(eq=False)
class Site:
    native: "Transparent"
    kind: Kind
    name: str | None
    text: str
    line: int
    function: str
    flags: Flag
    cell: int | None = None
    held_by: "Site | None" = None
    run: Callable[..., Any] = field(init=False)

    def __post_init__(self) -> None:
        self.run = _DOES.get(self.kind, _pass)

    def __call__(self, /, *args: Any, **names: Any) -> Any:
        result = self.run(self, *args, **names)
        if self.native.is_recording:
            key = args[-1] if self.kind in _KEYED and args else None
            called = Called(self.kind.name, self.text, self.flags, self.name, key)
            self.native.calls.append(called)
        return result

    def hold(self, other: "Site") -> None:
        self.held_by = other

    def set_cell(self, index: int) -> None:
        self.cell = index


_KEYED = {Kind.LOAD_ITEM, Kind.STORE_ITEM, Kind.TOUCH_KEY, Kind.TRUTH}


def _pass(_: Site, *args: Any) -> Any:
    return args[0] if args else None


def _store_attribute(site: Site, value: Any, owner: Any) -> None:
    assert site.name is not None
    setattr(owner, site.name, value)


def _load_attribute(site: Site, owner: Any) -> Any:
    assert site.name is not None
    return getattr(owner, site.name)


def _store_item(_: Site, value: Any, container: Any, key: Any) -> None:
    container[key] = value


def _method(site: Site, owner: Any, /, *args: Any, **names: Any) -> Any:
    assert site.name is not None
    return getattr(owner, site.name)(*args, **names)


def _builtin(_: Site, function: Callable[..., Any], /, *args: Any, **names: Any) -> Any:
    return function(*args, **names)


_DOES: dict[Kind, Callable[..., Any]] = {
    Kind.LOAD_ATTR: _load_attribute,
    Kind.STORE_ATTR: _store_attribute,
    Kind.LOAD_ITEM: lambda _, container, key: container[key],
    Kind.STORE_ITEM: _store_item,
    Kind.METHOD: _method,
    Kind.CONTAINS: lambda _, key, container: operator.contains(container, key),
    Kind.BUILTIN: _builtin,
}


class Transparent:
    """The part of `_atonce_race` that rewriting uses."""

    Module = Module

    def __init__(self, *, is_recording: bool = True) -> None:
        self.is_recording = is_recording
        self.sites: list[Site] = []
        self.pairs: list[tuple[Site, Site, bool]] = []
        self.pairs_by_call: list[tuple[Site, Site, int, int]] = []
        self.calls: list[Called] = []

    def site(
        self,
        _module: Module,
        kind: int,
        name: str | None,
        text: str,
        line: int,
        _end_line: int,
        function: str,
        flags: int,
    ) -> Site:
        site = Site(self, Kind(kind), name, text, line, function, Flag(flags))
        self.sites.append(site)
        return site

    def pair_by_call(self, read: Site, write: Site, first_line: int, last_line: int) -> None:
        self.pairs_by_call.append((read, write, first_line, last_line))

    def pair(self, read: Site, write: Site, depends: bool) -> None:
        self.pairs.append((read, write, depends))
