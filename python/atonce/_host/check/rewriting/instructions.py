"""Instructions of CPython 3.13 and newer: calls of sites, and what expressions are on the stack."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from bytecode.instr import BinaryOp, Instr, InstrLocation

Location: TypeAlias = InstrLocation | None
UNKNOWN = "..."


def swaps(present: Sequence[object], wanted: Sequence[object]) -> list[int]:
    """The arguments of SWAP, one after the other, that bring the stack's top into that order."""
    stack, found = list(present), []
    while stack != list(wanted):
        place = wanted.index(stack[-1])
        if place == len(stack) - 1:
            place = next(at for at, one in enumerate(stack) if one != wanted[at])
        stack[place], stack[-1] = stack[-1], stack[place]
        found.append(len(stack) - place)
    return found


def call(marker: str, taken: int, location: Location) -> Iterator[Instr]:
    """Calls the constant with the topmost values; its result takes their place."""
    yield Instr("LOAD_CONST", marker, location=location)
    yield Instr("PUSH_NULL", location=location)
    values: list[object] = list(range(taken))
    for depth in swaps([*values, "site", "null"], ["site", "null", *values]):
        yield Instr("SWAP", depth, location=location)
    yield Instr("CALL", taken, location=location)


def take_method(marker: str, location: Location) -> Iterator[Instr]:
    """Instead of the method: the constant, to be called with the owner before the arguments."""
    yield Instr("LOAD_CONST", marker, location=location)
    yield Instr("SWAP", 2, location=location)


def below(depth: int, instructions: Iterator[Instr], location: Location) -> Iterator[Instr]:
    """For the value that lies so deep; 1 is the top."""
    yield Instr("SWAP", depth, location=location)
    yield from instructions
    yield Instr("SWAP", depth, location=location)


def is_subscript(instruction: Instr) -> bool:
    """Of 3.14, where it is one of the binary operations."""
    if instruction.name == "BINARY_SUBSCR":
        return True
    subscript = getattr(BinaryOp, "SUBSCR", None)
    return instruction.name == "BINARY_OP" and instruction.arg == subscript is not None


def is_in_place(instruction: Instr) -> bool:
    argument = instruction.arg
    return isinstance(argument, BinaryOp) and argument.name.startswith("INPLACE")


class Stack:
    """The source of what is on the stack, as far as it can be told without jumps."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def at(self, depth: int) -> str:
        """1 is the top."""
        return self._texts[-depth] if len(self._texts) >= depth else UNKNOWN

    def run(self, instruction: Instr) -> None:
        name, argument = instruction.name, instruction.arg
        if name.startswith("LOAD_FAST") and isinstance(argument, tuple):
            self._texts += [str(one) for one in argument]
        elif name in ("COPY", "SWAP") and isinstance(argument, int):
            self._move(name, argument)
        elif name == "LOAD_ATTR" and isinstance(argument, tuple):
            self._replace(1, f"{self.at(1)}.{argument[1]}")
            if argument[0]:
                self._texts.append(UNKNOWN)
        elif is_subscript(instruction):
            self._replace(2, f"{self.at(2)}[{self.at(1)}]")
        else:
            first, second = instruction.pre_and_post_stack_effect(jump=False)
            pushed = max(first, 0) + second
            text = _text_of(instruction)
            self._replace(-first, *[text if at == 0 else UNKNOWN for at in range(pushed)])

    def _move(self, name: str, depth: int) -> None:
        missing = depth - len(self._texts)
        if missing > 0:
            self._texts[:0] = [UNKNOWN] * missing
        if name == "COPY":
            self._texts.append(self._texts[-depth])
        else:
            texts = self._texts
            texts[-depth], texts[-1] = texts[-1], texts[-depth]

    def _replace(self, count: int, *texts: str) -> None:
        if count > 0:
            del self._texts[-count:]
        self._texts += texts


def _text_of(instruction: Instr) -> str:
    """Of what it puts on the stack."""
    name, argument = instruction.name, instruction.arg
    if name == "LOAD_CONST":
        return repr(argument) if isinstance(argument, str | int | float | None) else UNKNOWN
    if name == "LOAD_GLOBAL" and isinstance(argument, tuple):
        return str(argument[1])
    if name == "LOAD_DEREF":
        return str(getattr(argument, "name", UNKNOWN))
    is_name = name.startswith("LOAD_FAST") or name == "LOAD_NAME"
    return str(argument) if is_name else UNKNOWN
