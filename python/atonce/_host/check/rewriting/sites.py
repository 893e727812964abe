"""Sites: places of a program where something is read or written, and what is known of them."""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Any, NamedTuple


class Kind(IntEnum):
    """What a site does. The same numbers as in src/python/race/site.h."""

    LOAD_ATTR = 1
    STORE_ATTR = 2
    TOUCH_ATTR = 3
    LOAD_ITEM = 4
    STORE_ITEM = 5
    HOLD = 6
    TOUCH_KEY = 7
    TOUCH_WHOLE = 8
    LOAD_GLOBAL = 9
    STORE_GLOBAL = 10
    LOAD_CELL = 11
    STORE_CELL = 12
    METHOD = 13
    CONTAINS = 14
    TRUTH = 15
    ITERATE = 16
    BUILTIN = 17
    LOCK = 18
    ENTER = 19
    EVENT = 20
    ESCAPE = 21
    CALL = 22
    TAKE = 23


class Flag(IntFlag):
    """The same numbers as in src/race/site.h."""

    NONE = 0
    READ = 1
    WRITE = 2
    DELETE = 4
    TEST = 8
    GUARD = 16
    CHECKED = 32
    PAIRED = 64
    INIT = 128
    GENERATOR = 256
    EVENT_CLASS = 512
    EVENT_IMPORT = 1024
    EVENT_PATCH = 2048
    AUGMENTED = 4096
    ITERATES = 8192
    ASKS = 1 << 22  # decides by what code of the object's own looks at
    LOOP = 1 << 21  # of a test: only of a loop, which somebody else may end, too


class Key(NamedTuple):
    """Which variable the text names. Two texts may name one: only running tells."""

    group: str  # attribute, global, cell, container; object: whatever a method of it looks at
    name: str  # of an attribute or a variable; a container has none
    text: str  # the expression; of a container's element, the container's
    element: str = ""  # the text of an element's key; none: the container as a whole

    @property
    def may_be(self) -> tuple[str, str]:
        """Equal for keys that may name one place."""
        return self.group, self.name

    def may_concern(self, other: "Key") -> bool:
        """Whether a method of the object may look at, or be, that place."""
        if self.group not in ("object", "container") or self.element:
            return False
        return other.text == self.text or other.text.startswith(f"{self.text}.")

    @property
    def is_variable(self) -> bool:
        return self.group != "container"


@dataclass(eq=False)
class Site:
    """One place. It ends up as a constant of the code, which is called."""

    kind: Kind
    name: str | None  # an attribute's (mangled), a variable's, a method's
    text: str  # as reports say it
    line: int
    end_line: int
    function: str
    flags: Flag = Flag.NONE
    reads: Key | None = None
    writes: Key | None = None
    is_optional: bool = False  # tells nothing unless it is one of a pair
    is_caught: bool = False  # what it raises when another thread was first
    hold: "Site | None" = None  # of TOUCH_KEY
    number: int = -1  # in the code to be made; none yet: not used


@dataclass
class Pair:
    """A read that comes before a write of what may be the same place.

    Both are in one function, or the write is in one that is called from these lines of the read's.
    """

    read: Site
    write: Site
    depends: bool  # the read decides about the write, or about what is written
    call: tuple[int, int] | None = None  # first and last line


def make_native(sites: list[Site], pairs: list[Pair], context: Any, native: Any) -> list[Any]:
    """The callables, in the order of the sites' numbers."""
    made = [
        native.site(
            context,
            int(site.kind),
            site.name,
            site.text,
            site.line,
            site.end_line,
            site.function,
            int(site.flags),
        )
        for site in sites
    ]
    for site in sites:
        if site.hold is not None:
            made[site.number].hold(made[site.hold.number])
    for pair in pairs:
        if pair.read.number < 0 or pair.write.number < 0:
            continue
        read, write = made[pair.read.number], made[pair.write.number]
        if pair.call is None:
            native.pair(read, write, pair.depends)
        else:
            native.pair_by_call(read, write, *pair.call)
    return made
