"""The same for modules that come as code only: their instructions are changed.

Less is known of them than of source. There is no tree, so a read and a write make a pair by their
lines and by the jumps between them, and what is meant by a name is read off the stack.
"""

import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from bytecode import Bytecode, Instr, Label
from bytecode.instr import CellVar, FreeVar

from .constants import put_in
from .instructions import Stack, below, call, is_in_place, is_subscript, take_method
from .methods import METHODS, Effect
from .names import is_dunder, shortened
from .pairs import FOLLOWED
from .sites import Flag, Key, Kind, Pair, Site, make_native
from .transform import MARKER

BIND = f"{MARKER}bind"
GLOBALS = f"{MARKER}globals"
CONSTRUCTORS = ("__init__", "__post_init__", "__setstate__")
DEFINING = ("MAKE_FUNCTION", "SET_FUNCTION_ATTRIBUTE", "IMPORT_NAME", "IMPORT_FROM", "CALL")
LEAVING = ("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "JUMP_BACKWARD", "JUMP_FORWARD")


def rewrite_code(code: CodeType, name: str, native: Any) -> CodeType:
    """The code of a module, with sites in it; `name` is for reports."""
    rewriting = _Rewriting(code)
    changed = rewriting.change(code)
    context = native.Module(name, code.co_filename)
    natives = make_native(rewriting.used, rewriting.pairs, context, native)
    return put_in(changed, natives, rewriting.used, {BIND: context.bind, GLOBALS: builtins.globals})


@dataclass
class _Access:
    """What an instruction does; its sites stand before or instead of it."""

    at: int
    site: Site
    hold: Site | None = None


@dataclass
class _Test:
    """A conditional jump: its reads decide about what is between two places."""

    line: int
    at: int
    end: int


@dataclass
class _Unit:
    """The instructions of one code object, and the accesses among them."""

    code: CodeType
    body: list[Any]
    accesses: list[_Access] = field(default_factory=list)
    is_module: bool = False

    @property
    def function(self) -> str:
        return self.code.co_qualname.replace(".<locals>", "")


class _Rewriting:
    def __init__(self, module: CodeType) -> None:
        self._module = module
        self.used: list[Site] = []
        self.pairs: list[Pair] = []
        self._globals, self._cells = _tracked(module)

    def change(self, code: CodeType) -> CodeType:
        bytecode = Bytecode.from_code(code)
        unit = _Unit(code, list(bytecode), is_module=code is self._module)
        self._find_accesses(unit)
        pairs = _pairs_of(unit)
        self.pairs += pairs
        unused = {
            one.site
            for one in unit.accesses
            if one.site.is_optional and Flag.PAIRED not in one.site.flags
        }
        known = {one.at: one for one in unit.accesses if one.site not in unused}
        bytecode.clear()
        is_begun = False
        for at, instruction in enumerate(unit.body):
            if isinstance(instruction, Instr):
                bytecode.extend(self._changed(instruction, known.get(at)))
                if instruction.name == "RESUME" and not is_begun:
                    is_begun = True
                    bytecode.extend(self._begin(unit, _are_apart(pairs), instruction))
            else:
                bytecode.append(instruction)
        return bytecode.to_code()

    def _begin(self, unit: _Unit, are_apart: bool, place: Instr) -> Iterator[Instr]:
        location = place.location
        if unit.is_module:
            yield from call(GLOBALS, 0, location)
            yield from call(BIND, 1, location)
            yield Instr("POP_TOP", location=location)
        elif are_apart:
            enter = Site(Kind.ENTER, None, "", place.lineno or 1, place.lineno or 1, unit.function)
            yield from call(self._marker(enter), 0, location)
            yield Instr("POP_TOP", location=location)

    def _marker(self, site: Site) -> str:
        if site.number < 0:
            if site.hold is not None:
                self._marker(site.hold)
            site.number = len(self.used)
            self.used.append(site)
        return f"{MARKER}{site.number}"

    # --- What is accessed ---

    def _find_accesses(self, unit: _Unit) -> None:
        stack = Stack()
        for at, instruction in enumerate(unit.body):
            if not isinstance(instruction, Instr):
                continue
            site = self._site_of(unit, instruction, stack)
            if site is not None:
                if _is_augmented(unit.body, at) and site.writes is not None:
                    site.flags |= Flag.READ | Flag.AUGMENTED
                unit.accesses.append(_Access(at, site, site.hold))
            stack.run(instruction)

    def _site_of(self, unit: _Unit, one: Instr, stack: Stack) -> Site | None:
        for find in (self._attribute, self._item, self._whole, self._name):
            site = find(unit, one, stack)
            if site is not None:
                return site
        return None

    def _site(
        self, unit: _Unit, one: Instr, kind: Kind, name: str | None, key: Key, flags: Flag
    ) -> Site:
        line = one.lineno or unit.code.co_firstlineno
        site = Site(kind, name, shortened(key.text), line, line, unit.function, flags)
        site.reads = key if Flag.READ in flags else None
        site.writes = key if Flag.WRITE in flags else None
        return site

    def _attribute(self, unit: _Unit, one: Instr, stack: Stack) -> Site | None:
        kinds = {
            "LOAD_ATTR": (Kind.LOAD_ATTR, Flag.READ),
            "STORE_ATTR": (Kind.STORE_ATTR, Flag.WRITE),
            "DELETE_ATTR": (Kind.TOUCH_ATTR, Flag.WRITE | Flag.DELETE),
        }
        if one.name not in kinds:
            return None
        argument: Any = one.arg
        is_method, name = argument if isinstance(argument, tuple) else (False, str(argument))
        owner = stack.at(1)
        if is_method:
            return self._method(unit, one, name, owner)
        if is_dunder(name) and name != "__dict__":
            return None
        kind, flags = kinds[one.name]
        if unit.code.co_name in CONSTRUCTORS and owner == unit.code.co_varnames[:1][0]:
            flags |= Flag.INIT
        key = Key("attribute", name, f"{owner}.{name}")
        return self._site(unit, one, kind, name, key, flags)

    def _method(self, unit: _Unit, one: Instr, name: str, owner: str) -> Site | None:
        effect = METHODS.get(name)
        if effect is None:
            return None
        reads = effect in (Effect.READS_ELEMENT, Effect.READS_WHOLE, Effect.PASSES)
        key = Key("container", "", owner)
        return self._site(unit, one, Kind.METHOD, name, key, Flag.READ if reads else Flag.WRITE)

    def _item(self, unit: _Unit, one: Instr, stack: Stack) -> Site | None:
        key = Key("container", "", stack.at(2), stack.at(1))
        if is_subscript(one):
            return self._site(unit, one, Kind.LOAD_ITEM, None, key, Flag.READ)
        if one.name == "STORE_SUBSCR":
            return self._site(unit, one, Kind.STORE_ITEM, None, key, Flag.WRITE)
        if one.name == "DELETE_SUBSCR":
            flags = Flag.WRITE | Flag.DELETE
            site = self._site(unit, one, Kind.TOUCH_KEY, None, key, flags)
            site.hold = self._site(unit, one, Kind.HOLD, None, key, Flag.NONE)
            return site
        if one.name == "CONTAINS_OP":
            key = Key("container", "", stack.at(1), stack.at(2))
            site = self._site(unit, one, Kind.CONTAINS, None, key, Flag.READ)
            site.is_optional = True
            return site
        return None

    def _whole(self, unit: _Unit, one: Instr, stack: Stack) -> Site | None:
        kinds = {
            "STORE_SLICE": (3, Kind.TOUCH_WHOLE, Flag.WRITE),
            "GET_ITER": (1, Kind.ITERATE, Flag.READ | Flag.ITERATES),
            "TO_BOOL": (1, Kind.TRUTH, Flag.READ),
            "BEFORE_WITH": (1, Kind.LOCK, Flag.NONE),
        }
        if one.name not in kinds:
            return None
        depth, kind, flags = kinds[one.name]
        site = self._site(unit, one, kind, None, Key("container", "", stack.at(depth)), flags)
        site.is_optional = kind is Kind.TRUTH
        return site

    def _name(self, unit: _Unit, one: Instr, _stack: Stack) -> Site | None:
        action, _, place = one.name.partition("_")
        if action not in ("LOAD", "STORE") or place not in ("GLOBAL", "NAME", "DEREF"):
            return None
        argument: Any = one.arg
        if isinstance(argument, CellVar | FreeVar):
            name, group = argument.name, "cell"
            is_tracked = name in self._cells
        else:
            name, group = argument[1] if isinstance(argument, tuple) else argument, "global"
            is_tracked = name in self._globals and (place == "GLOBAL" or unit.is_module)
        if not is_tracked:
            return None
        kind = Kind[f"{action}_{group.upper()}"]
        flags = Flag.READ if action == "LOAD" else Flag.WRITE
        return self._site(unit, one, kind, name, Key(group, name, name), flags)

    # --- What the instructions become ---

    def _changed(self, one: Instr, access: _Access | None) -> Iterator[Instr]:
        if isinstance(one.arg, CodeType):
            yield Instr(one.name, self.change(one.arg), location=one.location)
            return
        if access is None:
            yield one
            return
        marker, kind, location = self._marker(access.site), access.site.kind, one.location
        if kind is Kind.METHOD:
            yield from take_method(marker, location)
        elif kind in (Kind.LOAD_ATTR, Kind.LOAD_ITEM):
            yield from call(marker, 1 if kind is Kind.LOAD_ATTR else 2, location)
        elif kind in (Kind.STORE_ATTR, Kind.STORE_ITEM):
            yield from call(marker, 2 if kind is Kind.STORE_ATTR else 3, location)
            yield Instr("POP_TOP", location=location)
        elif kind is Kind.CONTAINS:
            yield from call(marker, 2, location)
            if one.arg:
                yield Instr("UNARY_NOT", location=location)
        elif kind in (Kind.LOAD_GLOBAL, Kind.LOAD_CELL):
            yield from self._loaded(one, marker)
        else:
            yield from self._before(one, access, marker)
            yield one

    def _loaded(self, one: Instr, marker: str) -> Iterator[Instr]:
        argument: Any = one.arg
        is_called = isinstance(argument, tuple) and argument[0]
        if is_called:
            yield Instr("LOAD_GLOBAL", (False, argument[1]), location=one.location)
        else:
            yield one
        yield from call(marker, 1, one.location)
        if is_called:
            yield Instr("PUSH_NULL", location=one.location)

    def _before(self, one: Instr, access: _Access, marker: str) -> Iterator[Instr]:
        location = one.location
        if access.hold is not None:
            yield from below(2, call(self._marker(access.hold), 1, location), location)
        passing = call(marker, 1, location)
        if one.name == "STORE_SLICE":
            yield from below(3, passing, location)
        else:
            yield from passing


def _is_augmented(body: list[Any], at: int) -> bool:
    """Whether what is stored comes from an operation in place."""
    for one in reversed(body[:at]):
        if isinstance(one, Instr) and one.name != "SWAP":
            return is_in_place(one)
    return False


def _are_apart(pairs: list[Pair]) -> bool:
    """Whether the read of an earlier activation could be taken for that of a pair."""
    return any(
        Flag.AUGMENTED not in one.write.flags and one.read.line != one.write.line for one in pairs
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _tracked(module: CodeType) -> tuple[set[str], set[str]]:
    """The names of globals and of cells that more than one thread may see change."""
    names: set[str] = set()
    cells: set[str] = set()
    bound: dict[str, int] = {}
    for code in _codes(module):
        stored: dict[str, int] = {}
        before = ""
        for one in Bytecode.from_code(code):
            if not isinstance(one, Instr):
                continue
            argument: Any = one.arg
            if one.name in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                names.add(argument)
            elif one.name == "STORE_NAME" and code is module and before not in DEFINING:
                bound[argument] = bound.get(argument, 0) + 1
            elif one.name == "STORE_DEREF":
                stored[argument.name] = stored.get(argument.name, 0) + 1
                if isinstance(argument, FreeVar) or stored[argument.name] > 1:
                    cells.add(argument.name)
            before = one.name
    names.update(name for name, times in bound.items() if times > 1)
    return names, cells


def _pairs_of(unit: _Unit) -> list[Pair]:
    tests = list(_tests_of(unit.body))
    reads = [one for one in unit.accesses if one.site.reads is not None]
    pairs = []
    for write in unit.accesses:
        if write.site.writes is None:
            continue
        for read in reads:
            if read.at >= write.at or read.site.reads is None:
                continue
            if read.site.reads.may_be == write.site.writes.may_be:
                pair = _pair_of(read, write, tests, reads)
                pairs += [pair] if pair is not None else []
    for pair in pairs:
        pair.read.flags |= Flag.PAIRED
        pair.write.flags |= Flag.PAIRED
    return pairs


def _pair_of(
    read: _Access, write: _Access, tests: list[_Test], reads: list[_Access]
) -> Pair | None:
    is_same = read.site.reads == write.site.writes
    is_deciding = any(
        test.line == read.site.line and read.at < test.at < write.at < test.end for test in tests
    )
    if is_deciding:
        read.site.flags |= Flag.TEST | Flag.CHECKED
        is_last = not any(
            read.at < one.at < write.at and one.site.reads == read.site.reads for one in reads
        )
        if is_last and read.site.text == write.site.text:
            read.site.flags |= Flag.GUARD
    if is_deciding or read.site.line == write.site.line:
        return Pair(read.site, write.site, True)
    if is_same and read.site.kind in FOLLOWED:
        return Pair(read.site, write.site, False)
    return None


def _tests_of(body: list[Any]) -> Iterator[_Test]:
    """The conditional jumps forward, and how far what they decide reaches."""
    places = {one: at for at, one in enumerate(body) if isinstance(one, Label)}
    for at, one in enumerate(body):
        if not isinstance(one, Instr) or not one.name.startswith("POP_JUMP_IF"):
            continue
        target: Any = one.arg
        end = places.get(target, at)
        if end <= at or one.lineno is None:
            continue
        inside = [each for each in body[at:end] if isinstance(each, Instr)]
        if inside and inside[-1].name in LEAVING:
            end = len(body)
        yield _Test(one.lineno, at, end)
