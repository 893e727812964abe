"""Walks expressions in the order in which they are evaluated."""

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from .graph import CALL, ORDERED, Block, Called, Control, Event
from .marks import Marks
from .methods import BUILTINS, FRESH, ITERATING
from .scopes import Comprehension
from .sites import Kind, Site

HARMLESS = FRESH | BUILTINS.keys() | ITERATING.keys()


class Evaluation:
    """Emits the marked accesses of expressions into blocks; statements are flow.py's."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self.blocks: list[Block] = []
        self.block = self.new_block()
        self.controls: list[Control] = []
        self.handlers: list[Block] = []  # where exceptions lead, the innermost last
        self.assigned: list[tuple[str, list[ast.expr]]] = []
        self.tests: list[ast.expr] = []
        self.last_uses: dict[str, int] = {}  # of names: the last line that has it
        self.calls: list[Called] = []

    # --- Blocks ---

    def new_block(self) -> Block:
        return self.add(Block())

    def add(self, block: Block) -> Block:
        self.blocks.append(block)
        return block

    def split(self) -> Block:
        """A new block that follows the one before, which others can be led from or to."""
        before = self.block
        self.block = self.new_block()
        before.lead_to(self.block)
        return self.block

    @contextmanager
    def branch(self) -> Iterator[None]:
        """What may be run or left out."""
        before = self.block
        self.block = self.new_block()
        before.lead_to(self.block)
        yield
        after = self.new_block()
        before.lead_to(after)
        self.block.lead_to(after)
        self.block = after

    @contextmanager
    def under(self, *controls: Control) -> Iterator[None]:
        """What is run only when these say so. Conditions added in there last longer."""
        begin = len(self.controls)
        self.controls.extend(controls)
        yield
        del self.controls[begin : begin + len(controls)]

    def control(self, test: ast.expr, *, is_loop: bool = False) -> Control:
        self.tests.append(test)
        return Control([test], is_loop)

    # --- Events ---

    def emit(self, node: ast.AST, inputs: list[ast.expr]) -> None:
        site = self._marks.operations.get(node)
        if site is not None:
            self._event(site, inputs)
        for wrapping in self._marks.wraps.get(node, ()):
            self._event(wrapping, inputs)

    def bind(self, node: ast.AST, inputs: list[ast.expr]) -> None:
        for site in self._marks.bindings.get(node, ()):
            self._event(site, inputs)

    def _event(self, site: Site, inputs: list[ast.expr]) -> None:
        if site.reads is None and site.writes is None:
            return
        controls = tuple(self.controls) if site.writes is not None else ()
        self.block.events.append(Event(site, inputs, controls))
        if self.handlers:
            self.block.lead_to(self.handlers[-1])
            self.split()

    # --- Targets ---

    def target(self, node: ast.expr, inputs: list[ast.expr]) -> None:
        """Something is stored there that was made of the inputs."""
        match node:
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self.target(part, inputs)
            case ast.Starred(value=part):
                self.target(part, inputs)
            case ast.Attribute(value=owner):
                self.expression(owner)
                self.emit(node, inputs)
            case ast.Subscript(value=container, slice=key):
                self.expression(container)
                self.expression(key)
                self.emit(node, [*inputs, key])
            case ast.Name(id=name):
                self.assigned.append((name, inputs))
                self.emit(node, inputs)

    def names_of(self, pattern: ast.pattern, inputs: list[ast.expr]) -> None:
        """The names that a pattern binds."""
        for node in ast.walk(pattern):
            for name in (getattr(node, "name", None), getattr(node, "rest", None)):
                if isinstance(name, str):
                    self.assigned.append((name, inputs))

    # --- Expressions ---

    def parts(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expression(child)
            elif isinstance(child, ast.keyword):
                self.expression(child.value)

    def all_of(self, nodes: Iterable[ast.expr | None]) -> None:
        for node in nodes:
            if node is not None:
                self.expression(node)

    def expression(self, node: ast.expr) -> None:
        walk = getattr(self, f"_{type(node).__name__.lower()}", None)
        if walk is not None:
            walk(node)
        else:
            self.parts(node)
        inputs = []
        if isinstance(node, ast.Call):
            inputs = [*node.args, *(keyword.value for keyword in node.keywords)]
            self.note_call(node)
        self.emit(node, inputs)
        if self._may_wait(node):
            self.block.events.append(ORDERED)

    def note_call(self, node: ast.Call) -> None:
        if node in self._marks.callees:
            event = Event(CALL)
            self.block.events.append(event)
            self.calls.append(Called(node, self.block, event, tuple(self.controls)))

    def _may_wait(self, node: ast.expr) -> bool:
        """Whether other threads may be waited for; not by what is known to be built in."""
        if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.Call):
            return False
        site = self._marks.operations.get(node)
        if site is not None and site.kind is not Kind.CALL:
            return site.kind is Kind.METHOD and site.name == "get" and not node.args
        return not (isinstance(node.func, ast.Name) and node.func.id in HARMLESS)

    def _name(self, node: ast.Name) -> None:
        self.last_uses[node.id] = max(node.lineno, self.last_uses.get(node.id, 0))

    def _boolop(self, node: ast.BoolOp) -> None:
        first, *others = node.values
        self.expression(first)
        after = Block()
        begin = len(self.controls)
        self.controls.append(self.control(first))
        for value in others:
            self.block.lead_to(after)
            self.split()
            self.expression(value)
            self.controls.append(self.control(value))
        del self.controls[begin:]
        self.block.lead_to(after)
        self.block = self.add(after)

    def _ifexp(self, node: ast.IfExp) -> None:
        self.expression(node.test)
        before, after = self.block, Block()
        with self.under(self.control(node.test)):
            for value in (node.body, node.orelse):
                self.block = self.new_block()
                before.lead_to(self.block)
                self.expression(value)
                self.block.lead_to(after)
        self.block = self.add(after)

    def _compare(self, node: ast.Compare) -> None:
        first, *others = node.comparators
        self.all_of([node.left, first])
        if others:
            with self.branch():
                self.all_of(others)

    def _namedexpr(self, node: ast.NamedExpr) -> None:
        self.expression(node.value)
        self.target(node.target, [node.value])

    def _lambda(self, node: ast.Lambda) -> None:
        self.all_of([*node.args.defaults, *node.args.kw_defaults])

    def _comprehension(self, node: Comprehension) -> None:
        """As if it were run here, even if it is a generator: mostly it is."""
        before = len(self.controls)
        outer, after = None, Block()
        for generator in node.generators:
            self.expression(generator.iter)
            again = self.split()
            again.lead_to(outer or after, is_back=outer is not None)
            outer = again
            self.split()
            self.target(generator.target, [generator.iter])
            for test in generator.ifs:
                self.expression(test)
                self.block.lead_to(again, is_back=True)
                self.split()
                self.controls.append(self.control(test))
        if isinstance(node, ast.DictComp):
            self.all_of([node.key, node.value])
        else:
            self.expression(node.elt)
        self.block.lead_to(outer or after, is_back=True)
        del self.controls[before:]
        self.block = self.add(after)

    _listcomp = _comprehension
    _setcomp = _comprehension
    _dictcomp = _comprehension
    _generatorexp = _comprehension
