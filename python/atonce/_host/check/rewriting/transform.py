"""Changes a tree so that its marked accesses go through sites."""

import ast
from collections.abc import Iterable

from .marks import Marks
from .places import place_of_attribute, place_of_method
from .sites import Kind, Site

MARKER = "\0atonce:"
SINGLE_TARGETS = (Kind.STORE_ATTR, Kind.STORE_ITEM)


def transform(tree: ast.Module, marks: Marks) -> list[Site]:
    """The tree is changed in place; the sites that it uses now, by their numbers."""
    transformer = _Transformer(marks)
    transformer.visit(tree)
    return transformer.used


class _Transformer(ast.NodeTransformer):
    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self.used: list[Site] = []
        self._stored_on_self: list[str] = []  # by sites, in the function being visited

    # --- Calls of sites ---

    def constant(self, site: Site, at: ast.AST) -> ast.expr:
        """What will be the site once the code has been made.

        The compiler warns of calls of constants; not of calls of what a condition chooses, which it
        turns into the constant later on.
        """
        if site.number < 0:
            if site.hold is not None:
                self.constant(site.hold, at)
            site.number = len(self.used)
            self.used.append(site)
        marker = ast.Constant(f"{MARKER}{site.number}")
        chosen = ast.IfExp(ast.Constant(True), marker, ast.Constant(None))
        for node in (marker, chosen.test, chosen.orelse, chosen):
            ast.copy_location(node, at)
        return chosen

    def call(self, site: Site, arguments: list[ast.expr], at: ast.AST) -> ast.Call:
        function = self.constant(site, at)
        return ast.copy_location(ast.Call(function, arguments, []), at)

    def _statement(self, call: ast.expr, at: ast.AST) -> ast.stmt:
        return ast.copy_location(ast.Expr(call), at)

    # --- All nodes ---

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        before = self._marks.before.get(node, ()) if isinstance(node, ast.stmt) else ()
        wraps = self._marks.wraps.get(node, ())
        changed: ast.AST | list[ast.stmt] = super().visit(node)
        for site in wraps:
            assert isinstance(changed, ast.expr)
            changed = self.call(site, [changed], node)
        if not before:
            return changed
        decorators = getattr(node, "decorator_list", None)
        at = decorators[0] if decorators else node  # the line that is run first
        events = [self._statement(self.call(site, [], at), at) for site in before]
        return [*events, *_as_statements(changed)]

    def expression(self, node: ast.expr) -> ast.expr:
        changed = self.visit(node)
        assert isinstance(changed, ast.expr)
        return changed

    # --- Loads ---

    def visit_Name(self, node: ast.Name) -> ast.expr:
        site = self._marks.operations.get(node)
        if site is None or not isinstance(node.ctx, ast.Load):
            return node  # what stores it says so
        return self.call(site, [node], node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        site = self._marks.operations.get(node)
        place = place_of_attribute(node)
        owner = node.value
        node.value = self.expression(owner)
        if site is None:
            return node
        if site.kind is Kind.LOAD_ATTR:
            return self.call(site, [node.value], place)
        node.value = self.call(site, [node.value], owner)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        site = self._marks.operations.get(node)
        container, key = node.value, node.slice
        node.value = self.expression(container)
        node.slice = self.expression(key)
        if site is None:
            return node
        if site.kind is Kind.LOAD_ITEM:
            return self.call(site, [node.value, node.slice], node)
        if site.kind is Kind.TOUCH_WHOLE:
            node.value = self.call(site, [node.value], container)
        else:
            node.value = self.call(self._marks.holds[node], [node.value], container)
            node.slice = self.call(site, [node.slice], key)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        site = self._marks.operations.get(node)
        if site is None:
            self.generic_visit(node)
            return node
        place: ast.AST = node
        first = node.func
        if site.kind in (Kind.METHOD, Kind.CALL):
            assert isinstance(node.func, ast.Attribute)
            place = place_of_method(node, node.func)
            first = node.func.value
        arguments = [self.expression(one) for one in [first, *node.args]]
        for keyword in node.keywords:
            self.visit(keyword)
        call = self.call(site, arguments, place)
        call.keywords = node.keywords
        return call

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        site = self._marks.operations.get(node)
        self.generic_visit(node)
        if site is None:
            return node
        call = self.call(site, [node.left, node.comparators[0]], node)
        if isinstance(node.ops[0], ast.NotIn):
            return ast.copy_location(ast.UnaryOp(ast.copy_location(ast.Not(), node), call), node)
        return call

    # --- Stores ---

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        node.value = self._through_names(self.expression(node.value), [node.target])
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | list[ast.stmt]:
        singles = [self._is_single(target) for target in node.targets]
        if any(singles) and len(singles) > 1:
            return [
                statement
                for target in node.targets
                for statement in self._store(target, _copy(node.value), node)
            ]
        if any(singles):
            return self._store(node.targets[0], self.expression(node.value), node)
        target = node.targets[0]
        if isinstance(target, ast.Tuple) and self._is_split(target):
            assert isinstance(node.value, ast.Tuple)
            return [
                statement
                for one, value in zip(target.elts, node.value.elts, strict=True)
                for statement in self._store(one, self.expression(value), node)
            ]
        return self._assign(node)

    def _assign(self, node: ast.Assign) -> ast.stmt | list[ast.stmt]:
        value = self.expression(node.value)
        rest = list(node.targets)
        if all(isinstance(target, ast.Name) for target in rest):
            value, rest = self._through_names(value, rest), []
        elif len(rest) == 1:
            rest = self._through_elements(rest[0], value)
        node.value = value
        node.targets = [self.expression(target) for target in node.targets]
        after = self._after_names(rest, node)
        return [node, *after] if after else node

    def _is_single(self, target: ast.expr) -> bool:
        site = self._marks.operations.get(target)
        return site is not None and site.kind in SINGLE_TARGETS

    def _is_split(self, target: ast.Tuple) -> bool:
        return bool(target.elts) and all(self._is_single(one) for one in target.elts)

    def _store(self, target: ast.expr, value: ast.expr, statement: ast.stmt) -> list[ast.stmt]:
        """The site stores; a target without one is stored to as it was."""
        site = self._marks.operations.get(target)
        if site is None:
            plain = ast.Assign([self.expression(target)], value)
            return [ast.copy_location(plain, statement)]
        if isinstance(target, ast.Attribute):
            if isinstance(target.value, ast.Name) and target.value.id == "self":
                self._stored_on_self.append(target.attr)
            arguments = [value, self.expression(target.value)]
            call = self.call(site, arguments, place_of_attribute(target))
        else:
            assert isinstance(target, ast.Subscript)
            arguments = [value, self.expression(target.value), self.expression(target.slice)]
            call = self.call(site, arguments, target)
        return [self._statement(call, statement)]

    def _through_names(self, value: ast.expr, names: list[ast.expr]) -> ast.expr:
        for name in reversed(names):
            site = self._marks.operations.get(name)
            if site is not None:
                value = self.call(site, [value], value)
        return value

    def _through_elements(self, target: ast.expr, value: ast.expr) -> list[ast.expr]:
        """For `a, b = v, w`: each value through its name's site; the targets still to be told.

        All values are there before the first name is bound: where one that comes later is looked
        up, as in `a, b = b, a`, the name is told of after the statement.
        """
        if not isinstance(target, ast.Tuple | ast.List) or not isinstance(value, ast.Tuple):
            return [target]
        is_plain = not any(isinstance(one, ast.Starred) for one in [*target.elts, *value.elts])
        if not is_plain or len(target.elts) != len(value.elts):
            return [target]
        rest = []
        for at, one in enumerate(target.elts):
            is_last_read = not any(map(_is_looked_up, value.elts[at + 1 :]))
            if isinstance(one, ast.Name) and is_last_read:
                value.elts[at] = self._through_names(value.elts[at], [one])
            else:
                rest.append(one)
        return rest

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | list[ast.stmt]:
        if node.value is None:
            return node
        value = self.expression(node.value)
        if self._is_single(node.target):
            return self._store(node.target, value, node)
        if isinstance(node.target, ast.Name):
            value = self._through_names(value, [node.target])
        node.value = value
        target = self.visit(node.target)
        assert isinstance(target, ast.Name | ast.Attribute | ast.Subscript)
        node.target = target
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        node.value = self.expression(node.value)
        if isinstance(node.target, ast.Name):
            node.value = self._through_names(node.value, [node.target])
        else:
            target = self.visit(node.target)
            assert isinstance(target, ast.Attribute | ast.Subscript)
            node.target = target
        return node

    def visit_Delete(self, node: ast.Delete) -> ast.stmt | list[ast.stmt]:
        sites = [
            self._marks.operations[one]
            for target in node.targets
            for one in ast.walk(target)
            if isinstance(one, ast.Name)
            and isinstance(one.ctx, ast.Del)
            and one in self._marks.operations
        ]
        before = [self._tell(site, node) for site in sites]
        self.generic_visit(node)
        return [*before, node] if before else node

    def _tell(self, site: Site, at: ast.AST) -> ast.stmt:
        nothing = ast.copy_location(ast.Constant(None), at)
        return self._statement(self.call(site, [nothing], at), at)

    def _after_names(self, targets: Iterable[ast.expr], at: ast.AST) -> list[ast.stmt]:
        """Statements that tell of the names that the targets have bound."""
        told = []
        for target in targets:
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    site = self._marks.operations.get(name)
                    if site is not None:
                        told.append(self._tell_name(site, name.id, at))
        return told

    def _tell_name(self, site: Site, name: str, at: ast.AST) -> ast.stmt:
        value = ast.copy_location(ast.Name(name, ast.Load()), at)
        return self._statement(self.call(site, [value], at), at)

    def _tell_bindings(self, node: ast.AST, at: ast.AST) -> list[ast.stmt]:
        sites = self._marks.bindings.get(node, ())
        return [self._tell_name(site, site.text, at) for site in sites]

    # --- Statements that bind names ---

    def _visit_for(self, node: ast.For | ast.AsyncFor) -> ast.stmt:
        told = self._after_names([node.target], node.target)
        self.generic_visit(node)
        node.body[:0] = told
        return node

    visit_For = _visit_for
    visit_AsyncFor = _visit_for

    def _visit_with(self, node: ast.With | ast.AsyncWith) -> ast.stmt:
        targets = [item.optional_vars for item in node.items if item.optional_vars is not None]
        told = self._after_names(targets, node.items[0].context_expr)
        self.generic_visit(node)
        node.body[:0] = told
        return node

    visit_With = _visit_with
    visit_AsyncWith = _visit_with

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        told = self._tell_bindings(node, node.body[0])
        self.generic_visit(node)
        node.body[:0] = told
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        told = self._tell_bindings(node, node.body[0])
        if node.guard is not None:
            node.guard = self.expression(node.guard)
        self._visit_body(node.body)
        node.body[:0] = told
        return node

    def _visit_body(self, body: list[ast.stmt]) -> None:
        body[:] = [one for statement in body for one in _as_statements(self.visit(statement))]

    def _visit_import(self, node: ast.Import | ast.ImportFrom) -> ast.stmt | list[ast.stmt]:
        told = self._tell_bindings(node, node)
        return [node, *told] if told else node

    visit_Import = _visit_import
    visit_ImportFrom = _visit_import

    # --- Definitions ---

    def _visit_function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> ast.stmt | list[ast.stmt]:
        told = self._tell_bindings(node, node)
        outer, self._stored_on_self = self._stored_on_self, []
        self.generic_visit(node)
        enter = self._marks.enters.get(node)
        if enter is not None:
            at = 1 if ast.get_docstring(node, clean=False) is not None else 0
            place = node.body[min(at, len(node.body) - 1)]
            node.body.insert(at, self._statement(self.call(enter, [], place), place))
        if self._stored_on_self:
            node.body.append(_storing_on_self(self._stored_on_self, node.body[-1]))
        self._stored_on_self = outer
        return [node, *told] if told else node

    visit_FunctionDef = _visit_function
    visit_AsyncFunctionDef = _visit_function

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt | list[ast.stmt]:
        told = self._tell_bindings(node, node)
        self.generic_visit(node)
        return [node, *told] if told else node


def _as_statements(changed: ast.AST | list[ast.stmt]) -> list[ast.stmt]:
    if isinstance(changed, list):
        return changed
    assert isinstance(changed, ast.stmt)
    return [changed]


def _is_looked_up(value: ast.expr) -> bool:
    looks = (ast.Call, ast.Attribute, ast.Subscript, ast.Await, ast.Yield, ast.YieldFrom)
    return any(isinstance(node, looks) for node in ast.walk(value))  # tracked names are calls now


def _copy(value: ast.expr) -> ast.expr:
    """Of a constant, the only value that is stored more than once."""
    assert isinstance(value, ast.Constant)
    return ast.copy_location(ast.Constant(value.value, value.kind), value)


def _storing_on_self(names: list[str], at: ast.stmt) -> ast.stmt:
    """Never run: it is there for the compiler, which tells a class what is set on `self`."""
    never = ast.Constant(False)
    targets: list[ast.expr] = [
        ast.Attribute(ast.Name("self", ast.Load()), name, ast.Store()) for name in names
    ]
    statement = ast.If(never, [ast.Assign(targets, ast.Constant(None))], [])
    for node in ast.walk(statement):
        ast.copy_location(node, at)
    return statement
