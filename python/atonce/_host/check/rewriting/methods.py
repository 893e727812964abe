"""What programs call, by name: methods of containers, built-in functions, and a few others.

The names alone decide where a site is put; the site looks at run time whether the object is such a
container and the function that built-in one. `src/python/race/methods.cpp` has the same methods.
"""

from enum import Enum


class Effect(Enum):
    """What a call of a method does to its container, as far as pairs of accesses go."""

    READS_ELEMENT = "reads the element of the first argument"
    READS_WHOLE = "reads it as a whole"
    WRITES_ELEMENT = "writes the element of the first argument"
    WRITES_WHOLE = "writes it as a whole"
    PASSES = "neither; references come out of it"


METHODS = {
    "get": Effect.READS_ELEMENT,
    "index": Effect.READS_WHOLE,
    "count": Effect.READS_WHOLE,
    "copy": Effect.READS_WHOLE,
    "empty": Effect.READS_WHOLE,
    "full": Effect.READS_WHOLE,
    "qsize": Effect.READS_WHOLE,
    "keys": Effect.PASSES,
    "values": Effect.PASSES,
    "items": Effect.PASSES,
    "add": Effect.WRITES_ELEMENT,
    "discard": Effect.WRITES_ELEMENT,
    "pop": Effect.WRITES_ELEMENT,
    "remove": Effect.WRITES_ELEMENT,
    "setdefault": Effect.WRITES_ELEMENT,
    "append": Effect.WRITES_WHOLE,
    "appendleft": Effect.WRITES_WHOLE,
    "clear": Effect.WRITES_WHOLE,
    "difference_update": Effect.WRITES_WHOLE,
    "extend": Effect.WRITES_WHOLE,
    "extendleft": Effect.WRITES_WHOLE,
    "get_nowait": Effect.WRITES_WHOLE,
    "insert": Effect.WRITES_WHOLE,
    "intersection_update": Effect.WRITES_WHOLE,
    "move_to_end": Effect.WRITES_WHOLE,
    "popitem": Effect.WRITES_WHOLE,
    "popleft": Effect.WRITES_WHOLE,
    "put": Effect.WRITES_WHOLE,
    "put_nowait": Effect.WRITES_WHOLE,
    "reverse": Effect.WRITES_WHOLE,
    "rotate": Effect.WRITES_WHOLE,
    "sort": Effect.WRITES_WHOLE,
    "subtract": Effect.WRITES_WHOLE,
    "symmetric_difference_update": Effect.WRITES_WHOLE,
    "update": Effect.WRITES_WHOLE,
}

# Those that tell nothing unless something is done because of it.
OPTIONAL = frozenset({"count", "empty", "full", "index", "qsize"})

# Built-in functions whose calls go through a site, with the fewest arguments that make it one.
COPYING = {"list": 1, "tuple": 1, "set": 1, "frozenset": 1, "dict": 1, "sorted": 1}
NAMING = {"getattr": 2, "hasattr": 2, "setattr": 3, "delattr": 2}
SIZING = {"bool": 1, "len": 1}
BUILTINS = {"next": 1, "vars": 1, **SIZING, **COPYING, **NAMING}

# Built-in functions that iterate over arguments: from which to which.
ITERATING = {
    "all": slice(0, 1),
    "any": slice(0, 1),
    "enumerate": slice(0, 1),
    "filter": slice(1, 2),
    "iter": slice(0, 1),
    "map": slice(1, None),
    "max": slice(0, 1),
    "min": slice(0, 1),
    "reversed": slice(0, 1),
    "sum": slice(0, 1),
    "zip": slice(0, None),
}
# Those that only iterate when this is their one argument.
ITERATING_ALONE = frozenset({"iter", "max", "min"})

# Functions of modules that iterate over all of their first argument, and those that change it.
WALKING = {
    "copy": frozenset({"deepcopy"}),
    "json": frozenset({"dump", "dumps"}),
    "pickle": frozenset({"dump", "dumps"}),
}
CHANGING = {
    "bisect": frozenset({"insort", "insort_left", "insort_right"}),
    "heapq": frozenset({"heapify", "heappop", "heappush", "heappushpop", "heapreplace"}),
    "random": frozenset({"shuffle"}),
}

# Methods of locks; what they are called on is one, if it is at all.
LOCKING = frozenset({"acquire", "acquire_lock", "release", "release_lock"})

# Built-in functions whose result is new, or is nothing that can change.
FRESH = frozenset(
    {"abs", "bool", "bytes", "callable", "chr", "dict", "divmod", "enumerate", "filter", "float"}
    | {"frozenset", "hasattr", "hash", "id", "input", "int", "isinstance", "issubclass", "len"}
    | {"list", "map", "ord", "pow", "range", "repr", "reversed", "round", "set", "sorted", "str"}
    | {"sum", "tuple", "zip"}
)
