"""Which reads reach which writes of what may be the same place, and what that says of both."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from .graph import ORDERED, Block, Called, Control, Event, Graph, may_miss
from .marks import Marks
from .methods import SIZING
from .misses import makes_no_pair
from .sites import Flag, Key, Kind, Pair, Site

# Of these, writes that merely come later are worth knowing, too.
FOLLOWED = frozenset({Kind.LOAD_ATTR, Kind.LOAD_ITEM, Kind.LOAD_GLOBAL, Kind.LOAD_CELL})


@dataclass
class Tested:
    """What is tested in a function before it calls another one because of that."""

    call: ast.Call
    reads: list[Site]
    in_loops: set[Site]  # those that only the tests of loops look at


@dataclass
class Findings:
    """Of one function."""

    pairs: list[Pair] = field(default_factory=list)
    tells_activations_apart: bool = False  # a write may come before any of its reads in a call
    first_writes: list[Event] = field(default_factory=list)  # of what it has not read before
    tested: list[Tested] = field(default_factory=list)


def find_pairs(graph: Graph, marks: Marks) -> Findings:
    """Adds the flags that follow from the graph to its sites."""
    writes = [(block, event) for block, event in graph.events() if event.site.writes is not None]
    reads = [event.site for _, event in graph.events() if event.site.reads is not None]
    sources = _Sources(graph, marks)
    tested_values = sources.of(graph.tests)
    if not reads or not (writes or graph.calls):
        _flag_checked(reads, tested_values)
        return Findings(first_writes=[event for _, event in writes])
    reaching = _Reaching(graph, reads, with_back_edges=True)
    straight = _Reaching(graph, reads, with_back_edges=False)
    seen = _Seen(graph)
    findings = Findings()
    for block, event in writes:
        before = reaching.at(block, event)
        found = _pairs_of(event, before, straight.at(block, event), sources)
        findings.pairs.extend(found)
        if found and event.site.writes not in seen.at(block, event):
            findings.tells_activations_apart = True
        if not any(site.reads == event.site.writes for site in before):
            findings.first_writes.append(event)
    for called in graph.calls:
        findings.tested.append(_tested_before(called, reaching, sources))
    for pair in findings.pairs:
        pair.read.flags |= Flag.PAIRED
        pair.write.flags |= Flag.PAIRED
    _flag_checked(reads, tested_values)
    return findings


def find_pairs_by_call(tested: Tested, callee: Findings) -> list[Pair]:
    """Of what is tested with what the function writes that is called because of it."""
    pairs = []
    for event in callee.first_writes:
        write = event.site
        assert write.writes is not None
        for read in tested.reads:
            assert read.reads is not None
            is_same = read.reads[:3] == write.writes[:3]  # an element may have another name there
            if not is_same or (read in tested.in_loops and _is_switch(event)):
                continue
            if makes_no_pair(read, write):
                continue
            read.flags |= Flag.TEST | Flag.GUARD | Flag.PAIRED
            write.flags |= Flag.PAIRED
            node = tested.call
            pairs.append(Pair(read, write, True, (node.lineno, node.end_lineno or node.lineno)))
    return pairs


def _tested_before(called: Called, reaching: "_Reaching", sources: "_Sources") -> Tested:
    deciding = sources.of_controls(called.controls)
    before = reaching.at(called.block, called.event)
    reads = sorted(deciding & before, key=lambda site: (site.line, site.text))
    return Tested(called.node, reads, sources.of_loops_alone(called.controls))


def _is_switch(event: Event) -> bool:
    """Whether what is written is True, False or None."""
    inputs = event.inputs
    is_one = len(inputs) == 1 and isinstance(inputs[0], ast.Constant)
    return is_one and isinstance(getattr(inputs[0], "value", 0), bool | None)


def _pairs_of(
    event: Event, reaching: set[Site], straight: set[Site], sources: "_Sources"
) -> list[Pair]:
    write = event.site
    assert write.writes is not None
    needed = sources.of(event.inputs)
    deciding = sources.of_controls(event.controls)
    looping = sources.of_loops_alone(event.controls)
    # A loop that goes on until somebody says stop, itself perhaps: each of them says the same.
    stopping = looping if _is_switch(event) else set()
    # A value that is read again under such a test is as decisive as what the test saw.
    is_decided = any(site.reads == write.writes for site in deciding)
    found = []
    for read in sorted(reaching, key=lambda site: (site.line, site.text)):
        if read.reads is None or read in stopping or makes_no_pair(read, write):
            continue
        is_by_call = _is_by_call(read, write) and read in deciding
        is_alike = read.reads.may_be == write.writes.may_be and read.reads.group != "object"
        if not is_alike and not is_by_call:
            continue
        if is_by_call:
            read.flags |= Flag.ASKS
        if is_by_call and read in looping:
            read.flags |= Flag.LOOP
        is_same = read.reads == write.writes
        is_same_text = is_same or read.reads.text == write.writes.text
        if read in deciding:
            read.flags |= Flag.TEST
            if is_same_text:
                read.flags |= Flag.GUARD
        if read in needed or read in deciding or (is_same and is_decided):
            found.append(Pair(read, write, True))
        elif is_same and read in straight and _is_followed(read, write, sources):
            found.append(Pair(read, write, False))
    return found


def _is_by_call(read: Site, write: Site) -> bool:
    """Whether code of the object's own may read there, or write, what the other one does."""
    assert read.reads is not None
    assert write.writes is not None
    if write.kind is Kind.CALL:
        return read.reads.may_concern(write.writes) or read.reads.text == write.writes.text
    if read.kind not in (Kind.CALL, Kind.LOAD_ATTR, Kind.BUILTIN):
        return False
    # `if self.items: self.items.pop()`: that is what is tested, no property that looks at it.
    return read.reads.may_concern(write.writes) and not write.writes.text.startswith(read.text)


def _is_followed(read: Site, write: Site, sources: "_Sources") -> bool:
    """Whether it matters that a write comes after the read, although it does not depend on it."""
    if read.kind in FOLLOWED or (read.kind is Kind.METHOD and read.name == "get"):
        return True
    takes_all = read.kind is Kind.TOUCH_WHOLE or (
        read.kind is Kind.BUILTIN and read.name not in SIZING
    )
    if takes_all and not _empties(write):
        return False
    is_kept = takes_all or read.is_optional
    return is_kept and read.kind is not Kind.TRUTH and sources.is_used_after(read, write.line)


def _empties(write: Site) -> bool:
    is_deleted = write.kind is Kind.TOUCH_WHOLE and Flag.DELETE in write.flags
    return is_deleted or (write.kind is Kind.METHOD and write.name == "clear")


def _flag_checked(reads: list[Site], tested_values: set[Site]) -> None:
    """A place that the function also looks at in a test, or whose value it tests later."""
    tested = {site.reads for site in reads if Flag.TEST in site.flags or site in tested_values}
    for site in reads:
        if site.reads in tested:
            site.flags |= Flag.CHECKED


class _Sources:
    """The reads that the values of expressions come from, also by way of local variables."""

    def __init__(self, graph: Graph, marks: Marks) -> None:
        self._marks = marks
        self._last_uses = graph.last_uses
        self._assigned: dict[str, list[ast.expr]] = {}
        for name, inputs in graph.assigned:
            self._assigned.setdefault(name, []).extend(inputs)
        self._direct: dict[ast.expr, tuple[set[Site], set[str]]] = {}
        self._of_names: dict[str, set[Site]] = {}

    def of(self, expressions: Iterable[ast.expr]) -> set[Site]:
        found: set[Site] = set()
        for one in expressions:
            sites, names = self._directly(one)
            found |= sites
            for name in names:
                found |= self._of_name(name)
        return found

    def is_used_after(self, read: Site, line: int) -> bool:
        """Whether a local variable that got its value from the read is used later on."""
        return any(
            self._last_uses.get(name, 0) > line and read in self._of_name(name)
            for name in self._assigned
        )

    def of_loops_alone(self, controls: Iterable[Control]) -> set[Site]:
        """The reads that decide by the tests of loops, and by no other."""
        all_of_them = list(controls)
        loops = self.of_controls(one for one in all_of_them if one.is_loop)
        return loops - self.of_controls(one for one in all_of_them if not one.is_loop)

    def of_controls(self, controls: Iterable[Control]) -> set[Site]:
        found: set[Site] = set()
        for control in controls:
            if not control.missing:
                found |= self.of(control.expressions)
                continue
            for one in control.expressions:
                sites, _ = self._directly(one)
                found |= {site for site in sites if may_miss(site, control.missing)}
        return found

    def _of_name(self, name: str) -> set[Site]:
        if name not in self._of_names:
            found: set[Site] = set()
            waiting, known = [name], {name}
            while waiting:
                for one in self._assigned.get(waiting.pop(), ()):
                    sites, names = self._directly(one)
                    found |= sites
                    waiting.extend(names - known)
                    known |= names
            self._of_names[name] = found
        return self._of_names[name]

    def _directly(self, expression: ast.expr) -> tuple[set[Site], set[str]]:
        if expression not in self._direct:
            sites: set[Site] = set()
            names: set[str] = set()
            waiting: list[ast.AST] = [expression]
            while waiting:
                node = waiting.pop()
                if isinstance(node, ast.Lambda):
                    continue
                operation = self._marks.operations.get(node)
                for site in [operation, *self._marks.wraps.get(node, ())]:
                    if site is not None and site.reads is not None:
                        sites.add(site)
                if isinstance(node, ast.Name):
                    names.add(node.id)
                waiting.extend(ast.iter_child_nodes(node))
            self._direct[expression] = sites, names
        return self._direct[expression]


class _Reaching:
    """Forward: the reads that no ordered read of the same text has made up for on some way.

    A read that comes after something that may order threads (graph.ORDERED) makes up for those
    before that; without it, it sees no more than they did. So a state is two sets: the reads since
    then, and those before.
    """

    def __init__(self, graph: Graph, reads: list[Site], *, with_back_edges: bool) -> None:
        self._sites = reads
        self._bits = {site: 1 << at for at, site in enumerate(reads)}
        self._same: dict[Key, int] = {}
        for site, bit in self._bits.items():
            assert site.reads is not None
            self._same[site.reads] = self._same.get(site.reads, 0) | bit
        self._before: dict[Block, tuple[int, int]] = dict.fromkeys(graph.blocks, (0, 0))
        waiting = set(graph.blocks)
        while waiting:
            block = waiting.pop()
            new, old = self._before[block]
            for event in block.events:
                new, old = self._after(new, old, event)
            for following, is_back in block.edges:
                if is_back and not with_back_edges:
                    continue
                known = self._before.get(following)
                if known is None:
                    continue
                state = known[0] | new, known[1] | old
                if state != known:
                    self._before[following] = state
                    waiting.add(following)

    def at(self, block: Block, wanted: Event) -> set[Site]:
        """Those that reach the event."""
        new, old = self._before[block]
        for event in block.events:
            if event is wanted:
                break
            new, old = self._after(new, old, event)
        return {site for site in self._sites if (new | old) & self._bits[site]}

    def _after(self, new: int, old: int, event: Event) -> tuple[int, int]:
        if event is ORDERED:
            return 0, old | new
        site = event.site
        if site.reads is not None:
            old &= ~self._same[site.reads]
            new |= self._bits[site]
        if site.writes is not None:
            same = self._same.get(site.writes, 0)
            new, old = new & ~same, old & ~same
        return new, old


class _Seen:
    """Forward: the places that have been read on every way to a place."""

    def __init__(self, graph: Graph) -> None:
        self._before: dict[Block, frozenset[Key] | None] = dict.fromkeys(graph.blocks)
        self._before[graph.entry] = frozenset()
        waiting = [graph.entry]
        while waiting:
            block = waiting.pop()
            state = set(self._before[block] or ())
            state.update(event.site.reads for event in block.events if event.site.reads)
            for following, _ in block.edges:
                if following not in self._before:
                    continue
                known = self._before[following]
                now = frozenset(state) if known is None else known & state
                if now != known:
                    self._before[following] = now
                    waiting.append(following)

    def at(self, block: Block, wanted: Event) -> set[Key]:
        state = set(self._before[block] or ())
        for event in block.events:
            if event is wanted:
                break
            if event.site.reads is not None:
                state.add(event.site.reads)
        return state
