"""Decides which nodes of a module get a site: statements, tests and scopes, on top of calls."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import resolve_name

from .accesses import NEVER_CONTAINERS, is_generator, is_slice, new_object_of
from .calls import CallDecider
from .marks import Marks, Place, Unit
from .misses import expected_in_try, expected_in_with
from .names import is_dunder
from .scopes import Comprehension, Scopes
from .sites import Flag, Kind


def decide(tree: ast.Module, package: str) -> Marks:
    """Marks for all code of the module, which is in that package (none: it has to be unknown)."""
    decider = Decider(tree, Scopes(tree))
    decider.package = package
    decider.visit(tree)
    return decider.marks


class Decider(CallDecider):
    package = ""

    # --- Frames and scopes ---

    @contextmanager
    def _inside(self, node: Unit, name: str) -> Iterator[None]:
        before = self.place, self.scope, self.is_test, self.caught
        outer = self.place.qualified_name
        self.scope = self.scopes.of[node]
        self.place = Place(
            node,
            self.scope,
            name if outer == "<module>" else f"{outer}.{name}",
            is_generator(node),
            new_object_of(node),
        )
        self.marks.places.append(self.place)
        self.is_test, self.caught = False, frozenset()
        yield
        self.place, self.scope, self.is_test, self.caught = before

    def _all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def visit_Module(self, node: ast.Module) -> None:
        self.marks.places.append(self.place)
        self._all(node.body)

    def _visit_definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._all([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults])
        with self._inside(node, node.name):
            self._all(node.body)
        self.bind(node, [node.name], node)

    visit_FunctionDef = _visit_definition
    visit_AsyncFunctionDef = _visit_definition

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._all([*node.args.defaults, *node.args.kw_defaults])
        with self._inside(node, "<lambda>"):
            self.visit(node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._all(node.decorator_list)
        outer = self.scope
        type_parameters = getattr(node, "type_params", [])
        if type_parameters:
            self.scope = self.scopes.of[type_parameters[0]]
        self._all([*node.bases, *node.keywords])
        with self._inside(node, node.name):
            self._all(node.body)
        self.scope = outer
        self.bind(node, [node.name], node)
        if self._is_in_function():
            self._event(node, Flag.EVENT_CLASS, node.name, f"class {node.name}")

    def _visit_comprehension(self, node: Comprehension) -> None:
        first = node.generators[0]
        self._iterated(first)
        outer, self.scope = self.scope, self.scopes.of[node]
        for generator in node.generators:
            self.visit(generator.target)
            if generator is not first:
                self._iterated(generator)
            for test in generator.ifs:
                self._test(test)
        if isinstance(node, ast.DictComp):
            self._all([node.key, node.value])
        else:
            self.visit(node.elt)
        self.scope = outer

    visit_ListComp = _visit_comprehension
    visit_SetComp = _visit_comprehension
    visit_DictComp = _visit_comprehension
    visit_GeneratorExp = _visit_comprehension

    def _iterated(self, node: ast.comprehension) -> None:
        self.visit(node.iter)
        if not node.is_async:
            self.iterate(node.iter)

    # --- Tests ---

    def _test(self, node: ast.expr) -> None:
        before, self.is_test = self.is_test, True
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                self._test(value)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self._test(node.operand)
        else:
            self.visit(node)
            if self._may_be_container(node):
                site = self.wrap(node, Kind.TRUTH, Flag.READ, self.whole(node))
                site.is_optional = True
        self.is_test = before

    def _may_be_container(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            return not self.is_fresh_call(node)
        if isinstance(node, ast.Name):
            return node.id not in NEVER_CONTAINERS
        return isinstance(node, ast.Attribute | ast.Subscript)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for value in node.values[:-1]:
            self._test(value)
        self.visit(node.values[-1])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._test(node.operand)
        else:
            self.visit(node.operand)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._test(node.test)
        self._all([node.body, node.orelse])

    def visit_Compare(self, node: ast.Compare) -> None:
        self._all([node.left, *node.comparators])
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
            container = node.comparators[0]
            if self.is_shareable(container):
                key = self.element(container, node.left)
                site = self.mark(node, Kind.CONTAINS, Flag.READ, key)
                site.is_optional = True

    def _visit_branch(self, node: ast.If | ast.While) -> None:
        self._test(node.test)
        self._all([*node.body, *node.orelse])

    visit_If = _visit_branch
    visit_While = _visit_branch

    def visit_Assert(self, node: ast.Assert) -> None:
        self._test(node.test)
        self._all([node.msg])

    def visit_Match(self, node: ast.Match) -> None:
        self.is_test = True
        self.visit(node.subject)
        self.is_test = False
        for case in node.cases:
            names = [
                name
                for one in ast.walk(case.pattern)
                for name in (getattr(one, "name", None), getattr(one, "rest", None))
                if isinstance(name, str)
            ]
            self.bind(case, names, case.body[0])
            if case.guard is not None:
                self._test(case.guard)
            self._all(case.body)

    # --- Assignments ---

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        self.may_escape(node.value)
        is_unpacked = any(isinstance(target, ast.Tuple | ast.List) for target in node.targets)
        if is_unpacked and isinstance(node.value, ast.Name | ast.Attribute):
            self.iterate(node.value)
        if len(node.targets) == 1:
            self._store(node.targets[0], node)
        elif is_pure(node.value, shared=True) and all(map(_is_plain, node.targets)):
            for target in node.targets:
                self._store(target, node)
        else:
            self._all(node.targets)

    def _store(self, target: ast.expr, statement: ast.Assign | ast.AnnAssign) -> None:
        """A target that gets a value of its own."""
        match target:
            case ast.Attribute(value=owner):
                self.visit(owner)
                self.store_attribute(target, Kind.STORE_ATTR, Flag.WRITE)
                self._warn_of_patch(target, statement)
            case ast.Subscript(value=container, slice=key) if not is_slice(key):
                self._all([container, key])
                self.store_item(target)
            case ast.Tuple(elts=targets) if self._is_splittable(targets, statement.value):
                for one in targets:
                    self._store(one, statement)
            case _:
                self.visit(target)

    def _is_splittable(self, targets: Sequence[ast.expr], value: ast.expr | None) -> bool:
        """Whether `a.x, a.y = v, w` is the same as two statements."""
        if not isinstance(value, ast.Tuple) or len(value.elts) != len(targets):
            return False
        are_attributes = all(
            isinstance(one, ast.Attribute)
            and isinstance(one.value, ast.Name)
            and not is_dunder(one.attr)
            for one in targets
        )
        names = [
            one.value.id
            for one in targets
            if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)
        ]
        are_local = all(self.scopes.is_local(self.scope, self.mangled(name)) for name in names)
        return (
            are_attributes
            and are_local
            and all(is_pure(one) and self._is_local_if_name(one) for one in value.elts)
        )

    def _is_local_if_name(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Name):
            return True
        return self.scopes.is_local(self.scope, self.mangled(node.id))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is None:
            return
        self.visit(node.value)
        if self._is_in_function():  # where the annotation is not evaluated
            self._store(node.target, node)
        else:
            self.visit(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        flags = Flag.READ | Flag.WRITE | Flag.AUGMENTED
        match node.target:
            case ast.Attribute() as target:
                self.visit(target.value)
                self.store_attribute(target, Kind.TOUCH_ATTR, flags)
            case ast.Subscript() as target:
                self._all([target.value, target.slice])
                if is_slice(target.slice):
                    self.touch_whole(target, flags)
                else:
                    self.touch_key(target, flags)
            case ast.Name() as target:
                self.access_name(target, flags)

    def _warn_of_patch(self, target: ast.Attribute, statement: ast.stmt) -> None:
        owner = target.value
        if not isinstance(owner, ast.Name) or not self._is_in_function():
            return
        is_module = bool(self.scopes.module_of(self.scope, self.mangled(owner.id)))
        if is_module or target.attr in self.methods.get(owner.id, ()):
            text = self.text_of(target)
            self._event(statement, Flag.EVENT_PATCH, target.attr, text)

    # --- Other statements ---

    def visit_Expr(self, node: ast.Expr) -> None:
        self.statement = node.value
        self.visit(node.value)

    def _visit_for(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        if isinstance(node, ast.For):
            self.iterate(node.iter)
        self._all([node.target, *node.body, *node.orelse])

    visit_For = _visit_for
    visit_AsyncFor = _visit_for

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            self.lock_if_it_looks_so(item.context_expr)
            self._all([item.optional_vars])
        with self._catching(expected_in_with(node, is_last=node in self.last)):
            self._all(node.body)

    def _visit_try(self, node: ast.Try | ast.TryStar) -> None:
        with self._catching(expected_in_try(node, is_last=node in self.last)):
            self._all(node.body)
        self._all([*node.handlers, *node.orelse, *node.finalbody])

    visit_Try = _visit_try
    visit_TryStar = _visit_try

    @contextmanager
    def _catching(self, exceptions: frozenset[str]) -> Iterator[None]:
        before = self.caught
        self.caught |= exceptions
        yield
        self.caught = before

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._all([node.type])
        if node.name:
            self.bind(node, [node.name], node.body[0])
        self._all(node.body)

    def visit_Import(self, node: ast.Import) -> None:
        names = [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        self.bind(node, names, node)
        if self._is_in_function():
            for alias in node.names:
                self._event(node, Flag.EVENT_IMPORT, alias.name, f"import {alias.name}")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.bind(node, [alias.asname or alias.name for alias in node.names], node)
        if not self._is_in_function():
            return
        name = "." * node.level + (node.module or "")
        try:
            module = resolve_name(name, self.package)
        except ImportError:
            return
        self._event(node, Flag.EVENT_IMPORT, module, f"import {module}")

    def visit_TypeAlias(self, node: ast.AST) -> None:
        """Its value is evaluated when it is asked for."""

    def _is_in_function(self) -> bool:
        function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
        return isinstance(self.place.node, function)

    def _event(self, node: ast.stmt, flag: Flag, name: str, text: str) -> None:
        self.marks.before.setdefault(node, []).append(self.site(node, Kind.EVENT, name, text, flag))


def is_pure(node: ast.expr, *, shared: bool = False) -> bool:
    """Whether it does not matter when it is evaluated; shared: nor how often."""
    match node:
        case ast.Constant():
            return True
        case ast.Name():
            return not shared
        case ast.List(elts=[]) | ast.Dict(keys=[]):
            return not shared
    return False


def _is_plain(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
