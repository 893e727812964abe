"""Walks the code of one frame in the order in which it runs: the graph of its accesses."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .evaluation import Evaluation
from .graph import ORDERED, Block, Control, Graph, caught_by, leaves
from .marks import Marks, Place
from .names import last_name


def make_graph(place: Place, marks: Marks) -> Graph:
    """The graph of a module, function, lambda or class body."""
    walk = _Walk(marks)
    if isinstance(place.node, ast.Lambda):
        walk.expression(place.node.body)
    else:
        walk.body(place.node.body)
    return Graph(walk.blocks, walk.assigned, walk.tests, walk.last_uses, walk.calls)


@dataclass
class _Loop:
    again: Block
    after: Block
    finals: int  # how many finally blocks were open at its begin


@dataclass
class _Final:
    """A finally block, and where those go on who had to run it on their way."""

    entry: Block
    targets: list[tuple[Block, int]] = field(default_factory=list)


class _Walk(Evaluation):
    def __init__(self, marks: Marks) -> None:
        super().__init__(marks)
        self._loops: list[_Loop] = []
        self._finals: list[_Final] = []
        self._exit = Block()

    def body(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        walk = getattr(self, f"_{type(node).__name__.lower()}", None)
        if walk is not None:
            walk(node)
        else:
            self.parts(node)
        self.bind(node, [])

    # --- Jumps ---

    def _jump(self, target: Block, finals: int, *, is_back: bool = False) -> None:
        """Goes to the target by way of the finally blocks that are open beyond that number."""
        if len(self._finals) > finals:
            final = self._finals[-1]
            self.block.lead_to(final.entry)
            final.targets.append((target, finals))
        else:
            self.block.lead_to(target, is_back=is_back)
        self.block = self.new_block()  # nothing leads here

    def _return(self, node: ast.Return) -> None:
        self.parts(node)
        self._jump(self._exit, 0)

    def _raise(self, node: ast.Raise) -> None:
        self.parts(node)
        if self.handlers:
            self.block.lead_to(self.handlers[-1])
        self.block = self.new_block()

    def _break(self, _: ast.Break) -> None:
        if self._loops:
            self._jump(self._loops[-1].after, self._loops[-1].finals)

    def _continue(self, _: ast.Continue) -> None:
        if self._loops:
            self._jump(self._loops[-1].again, self._loops[-1].finals, is_back=True)

    # --- Branches ---

    def _if(self, node: ast.If) -> None:
        self.expression(node.test)
        control = self.control(node.test)
        before, after = self.block, Block()
        begin = len(self.controls)
        added = []
        for branch in (node.body, node.orelse):
            self.block = self.new_block()
            before.lead_to(self.block)
            with self.under(control):
                self.body(branch)
            added += self.controls[begin:]
            del self.controls[begin:]
            self.block.lead_to(after)
        self.controls += added
        if leaves(node.body) or leaves(node.orelse):
            self.controls.append(control)
        self.block = self.add(after)

    def _assert(self, node: ast.Assert) -> None:
        self.expression(node.test)
        if node.msg is not None:
            with self.branch():
                self.expression(node.msg)
        self.controls.append(self.control(node.test))

    def _match(self, node: ast.Match) -> None:
        self.expression(node.subject)
        after = Block()
        control = self.control(node.subject)
        for case in node.cases:
            following = Block()
            self.block.lead_to(following)
            self.split()
            self.names_of(case.pattern, [node.subject])
            self.bind(case, [node.subject])
            controls = [control]
            if case.guard is not None:
                with self.under(control):
                    self.expression(case.guard)
                self.block.lead_to(following)
                self.split()
                controls.append(self.control(case.guard))
            with self.under(*controls):
                self.body(case.body)
            self.block.lead_to(after)
            self.block = self.add(following)
        self.block.lead_to(after)
        if any(leaves(case.body) for case in node.cases):
            self.controls.append(control)
        self.block = self.add(after)

    # --- Loops ---

    def _loop(self, node: ast.While | ast.For | ast.AsyncFor) -> None:
        again = self.split()
        loop = _Loop(again, Block(), len(self._finals))
        begin = len(self.controls)
        if isinstance(node, ast.While):
            self.expression(node.test)
            self.controls.append(self.control(node.test, is_loop=True))
        head = self.block
        self.block = self.new_block()
        head.lead_to(self.block)
        if not isinstance(node, ast.While):
            self.target(node.target, [node.iter])
        self._loops.append(loop)
        self.body(node.body)
        self._loops.pop()
        self.block.lead_to(loop.again, is_back=True)
        if isinstance(node, ast.While):
            self.controls[begin] = Control([node.test])  # for what comes after the loop
        self.block = self.new_block()
        head.lead_to(self.block)
        self.body(node.orelse)
        self.block.lead_to(loop.after)
        self.block = self.add(loop.after)
        # What comes after is only reached because nothing in the loop left the function.
        if not leaves(node.body, in_loop=False):
            is_endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant)
            begin += int(isinstance(node, ast.While) and not is_endless)
            del self.controls[begin:]

    _while = _loop

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self.expression(node.iter)
        self._loop(node)

    _asyncfor = _for

    # --- try, with ---

    def _try(self, node: ast.Try) -> None:
        final = _Final(Block()) if node.finalbody else None
        if final is not None:
            self._finals.append(final)
            self.block.lead_to(final.entry)
            self.split()
            self.handlers.append(final.entry)
        after = Block()
        if node.handlers:
            self._caught(node, after)
        else:
            self.body([*node.body, *node.orelse])
        self.block.lead_to(after)
        self.block = after
        if final is not None:
            self._finally(final, node.finalbody)
        else:
            self.add(after)

    _trystar = _try

    def _caught(self, node: ast.Try, after: Block) -> None:
        entry = Block()
        self.block.lead_to(entry)
        self.split()
        self.handlers.append(entry)
        self.body(node.body)
        self.handlers.pop()
        self.body(node.orelse)
        self.block.lead_to(after)
        self.add(entry)
        if self.handlers:
            entry.lead_to(self.handlers[-1])
        control = Control(list(_expressions(node.body)), missing=caught_by(node.handlers))
        for handler in node.handlers:
            self.block = self.new_block()
            entry.lead_to(self.block)
            if handler.type is not None:
                self.expression(handler.type)
            self.bind(handler, [])
            with self.under(control):
                self.body(handler.body)
            self.block.lead_to(after)
        parts = [node.body, node.orelse, *(handler.body for handler in node.handlers)]
        if any(leaves(part) for part in parts):
            self.controls.append(control)
        self.block = self.new_block()  # what led to `after` did so above

    def _finally(self, final: _Final, statements: list[ast.stmt]) -> None:
        self._finals.pop()
        self.handlers.pop()
        end_of_try = self.add(self.block)
        end_of_try.lead_to(final.entry)
        self.block = self.add(final.entry)
        self.body(statements)
        end = self.block
        for target, finals in final.targets:
            self.block = self.new_block()
            end.lead_to(self.block)
            self._jump(target, finals)
        if self.handlers:
            end.lead_to(self.handlers[-1])
        self.block = self.new_block()
        end.lead_to(self.block)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        may_go_on = any(_suppresses(item.context_expr) for item in node.items)
        for item in node.items:
            self.expression(item.context_expr)
            self.block.events.append(ORDERED)
            if item.optional_vars is not None:
                self.target(item.optional_vars, [item.context_expr])
        if not may_go_on:
            self.body(node.body)
            return
        after = Block()
        self.block.lead_to(after)
        self.split()
        self.handlers.append(after)
        self.body(node.body)
        self.handlers.pop()
        self.block.lead_to(after)
        self.block = self.add(after)

    _asyncwith = _with

    # --- Assignments ---

    def _assign(self, node: ast.Assign) -> None:
        self.expression(node.value)
        for target in node.targets:
            self.target(target, [node.value])

    def _annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.expression(node.value)
            self.target(node.target, [node.value])

    def _augassign(self, node: ast.AugAssign) -> None:
        target = node.target
        if isinstance(target, ast.Attribute | ast.Subscript):
            self.expression(target.value)
        if isinstance(target, ast.Subscript):
            self.expression(target.slice)
        self.expression(node.value)
        inputs = [node.value, *([target.slice] if isinstance(target, ast.Subscript) else [])]
        self.emit(target, inputs)
        if isinstance(target, ast.Name):
            self.assigned.append((target.id, [node.value]))

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.target(target, [])

    # --- Definitions: only what is run where they stand ---

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.all_of([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults])

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef) -> None:
        self.all_of([*node.decorator_list, *node.bases])
        self.all_of([keyword.value for keyword in node.keywords])

    def _typealias(self, _: ast.AST) -> None:
        pass


def _suppresses(node: ast.expr) -> bool:
    function = node.func if isinstance(node, ast.Call) else None
    return last_name(function) in ("suppress", "raises", "assertRaises")


def _expressions(statements: list[ast.stmt]) -> Iterator[ast.expr]:
    """Those that are run directly in the statements."""
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr):
                yield child
            elif isinstance(child, ast.stmt):
                yield from _expressions([child])
            elif isinstance(child, ast.withitem):
                yield child.context_expr
