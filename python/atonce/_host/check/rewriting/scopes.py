"""Which names of a module may be written by one thread and read by another: globals and cells.

Follows Python's rules of scopes on a tree, so that it also works on one that has been changed since
it was parsed. Names are mangled as the compiler does it.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def mangle(name: str, class_name: str) -> str:
    """The name that the compiler uses inside a class."""
    bare = class_name.lstrip("_")
    if not bare or not name.startswith("__") or name.endswith("__") or "." in name:
        return name
    return f"_{bare}{name}"


@dataclass
class Binding:
    """How a name of one scope gets its values."""

    times: int = 0  # 2 for one in a loop
    is_conditional: bool = False
    is_definition: bool = False  # by def, class or import, at least once
    module: str = ""  # that `import` bound to it


@dataclass(eq=False)
class Scope:
    """A module, function, class, comprehension, or the parameters of a generic."""

    kind: str
    parent: "Scope | None"
    class_name: str
    bindings: dict[str, Binding] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)

    @property
    def function(self) -> "Scope":
        """The scope whose code runs what is written here: comprehensions count as part of it."""
        scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope


class Scopes:
    """The scopes of a module, by their nodes, and which of their names are tracked."""

    def __init__(self, tree: ast.Module) -> None:
        self.of: dict[ast.AST, Scope] = {}
        self._reads: list[tuple[Scope, str]] = []
        self.module = _Finder(self.of, self._reads).find(tree)
        self._cells = set(self._find_cells())
        self._globals = set(self._find_globals())

    def place_of(self, scope: Scope, name: str) -> str:
        """`global` or `cell` for a tracked variable, else nothing."""
        owner = self.owner_of(scope, name)
        if owner is self.module:
            return "global" if name in self._globals else ""
        return "cell" if (owner, name) in self._cells else ""

    def is_builtin(self, scope: Scope, name: str) -> bool:
        """Whether the program gives the name no value of its own."""
        return self.owner_of(scope, name) is self.module and name not in self.module.bindings

    def module_of(self, scope: Scope, name: str) -> str:
        """The module that `import` bound to the name; nothing if it may be something else."""
        binding = self.owner_of(scope, name).bindings.get(name)
        return binding.module if binding is not None else ""

    def is_local(self, scope: Scope, name: str) -> bool:
        """Whether only code of the function itself binds and reads it, as far as can be seen."""
        owner = self.owner_of(scope, name)
        return owner is not self.module and not self.place_of(scope, name)

    def owner_of(self, scope: Scope, name: str) -> Scope:
        """The scope that has the variable; the module for what none has."""
        if name in scope.globals:
            return self.module
        if name in scope.bindings and name not in scope.nonlocals:
            return scope
        outer = scope.parent
        while outer is not None:
            if outer.kind != "class":
                if name in outer.globals:
                    return self.module
                if name in outer.bindings and name not in outer.nonlocals:
                    return outer
            outer = outer.parent
        return self.module

    def _all(self) -> Iterator[Scope]:
        yield from self.of.values()

    def _find_cells(self) -> Iterator[tuple[Scope, str]]:
        for scope in self._all():
            for name in scope.nonlocals:
                yield self.owner_of(scope, name), name
        for scope, name in self._reads:
            owner = self.owner_of(scope, name)
            if owner.kind != "function" or owner is scope.function:
                continue
            if self._times(owner, name) >= 2:
                yield owner, name

    def _times(self, owner: Scope, name: str) -> int:
        others = (
            scope.bindings[name].times
            for scope in self._all()
            if name in scope.nonlocals and self.owner_of(scope, name) is owner
        )
        return owner.bindings[name].times + sum(others)

    def _find_globals(self) -> Iterator[str]:
        for scope in self._all():
            yield from scope.globals
        for scope, name in self._reads:
            if scope.function.kind != "function" or self.owner_of(scope, name) is not self.module:
                continue
            binding = self.module.bindings.get(name)
            if binding is None or binding.is_definition:
                continue
            if binding.times >= 2 or binding.is_conditional:
                yield name


class _Finder(ast.NodeVisitor):
    """Fills in the scopes of a tree."""

    def __init__(self, scopes: dict[ast.AST, Scope], reads: list[tuple[Scope, str]]) -> None:
        self._scopes = scopes
        self._reads = reads
        self._scope = self._module = Scope("module", None, "")
        self._loops = 0
        self._conditions = 0

    def find(self, tree: ast.Module) -> Scope:
        self._scopes[tree] = self._module
        self._visit_all(tree.body)
        return self._module

    # --- Helpers ---

    def _visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def _enter(self, node: ast.AST, kind: str, class_name: str | None = None) -> Scope:
        name = self._scope.class_name if class_name is None else class_name
        self._scope = Scope(kind, self._scope, name)
        self._scopes[node] = self._scope
        return self._scope

    def _leave(self) -> None:
        assert self._scope.parent is not None
        self._scope = self._scope.parent

    def _bind(
        self, name: str, times: int = 1, *, definition: bool = False, module: str = ""
    ) -> None:
        name = mangle(name, self._scope.class_name)
        scope = self._module if name in self._scope.globals else self._scope
        is_first = name not in scope.bindings
        binding = scope.bindings.setdefault(name, Binding(module=module))
        binding.times += 2 * times if self._loops else times
        binding.is_conditional |= bool(self._loops or self._conditions)
        binding.is_definition |= definition
        if not is_first and binding.module != module:
            binding.module = ""

    def _in_loop(self, nodes: Iterable[ast.AST]) -> None:
        self._loops += 1
        self._visit_all(nodes)
        self._loops -= 1

    def _under_condition(self, nodes: Iterable[ast.AST]) -> None:
        self._conditions += 1
        self._visit_all(nodes)
        self._conditions -= 1

    # --- Scopes ---

    def _function(self, node: Function, body: list[ast.AST]) -> None:
        arguments = node.args
        self._visit_all([*arguments.defaults, *arguments.kw_defaults])
        type_parameters = getattr(node, "type_params", [])
        if type_parameters:
            self._enter(type_parameters[0], "type")
            for one in type_parameters:
                self._bind(one.name)
        loops, conditions, self._loops, self._conditions = self._loops, self._conditions, 0, 0
        self._enter(node, "function")
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            self._bind(argument.arg)
        for extra in (arguments.vararg, arguments.kwarg):
            if extra is not None:
                self._bind(extra.arg)
        self._visit_all(body)
        self._leave()
        if type_parameters:
            self._leave()
        self._loops, self._conditions = loops, conditions

    def _visit_definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._visit_all(node.decorator_list)
        self._function(node, list(node.body))
        self._bind(node.name, definition=True)

    visit_FunctionDef = _visit_definition
    visit_AsyncFunctionDef = _visit_definition

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all(node.decorator_list)
        type_parameters = getattr(node, "type_params", [])
        if type_parameters:
            self._enter(type_parameters[0], "type", node.name)
            for one in type_parameters:
                self._bind(one.name)
        self._visit_all([*node.bases, *node.keywords])
        loops, conditions, self._loops, self._conditions = self._loops, self._conditions, 0, 0
        self._enter(node, "class", node.name)
        self._visit_all(node.body)
        self._leave()
        self._loops, self._conditions = loops, conditions
        if type_parameters:
            self._leave()
        self._bind(node.name, definition=True)

    def _visit_comprehension(self, node: Comprehension) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        self._enter(node, "comprehension")
        for generator in node.generators:
            self.visit(generator.target)
            if generator is not first:
                self.visit(generator.iter)
            self._visit_all(generator.ifs)
        if isinstance(node, ast.DictComp):
            self._visit_all([node.key, node.value])
        else:
            self.visit(node.elt)
        self._leave()

    visit_ListComp = _visit_comprehension
    visit_SetComp = _visit_comprehension
    visit_DictComp = _visit_comprehension
    visit_GeneratorExp = _visit_comprehension

    # --- Names ---

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._reads.append((self._scope, mangle(node.id, self._scope.class_name)))
        else:
            self._bind(node.id)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.generic_visit(node)
        match node:  # globals()["name"] = ...
            case ast.Subscript(
                value=ast.Call(func=ast.Name(id="globals"), args=[]),
                slice=ast.Constant(value=str(name)),
                ctx=ast.Store() | ast.Del(),
            ):
                self._module.globals.add(name)

    def visit_Global(self, node: ast.Global) -> None:
        self._scope.globals.update(mangle(name, self._scope.class_name) for name in node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        names = {mangle(name, self._scope.class_name) for name in node.names}
        self._scope.nonlocals.update(names)
        for name in names:
            self._scope.bindings.setdefault(name, Binding())

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            module = alias.name if alias.asname else root
            self._bind(alias.asname or root, definition=True, module=module)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self._bind(alias.asname or alias.name, definition=True)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name):
            self._reads.append((self._scope, mangle(node.target.id, self._scope.class_name)))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if isinstance(node.target, ast.Name) and node.value is None:
            self._bind(node.target.id, times=0)
        else:
            self.visit(node.target)
        self._visit_all([node.value])

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        inner = self._scope
        self._scope = inner.function
        self._bind(node.target.id, times=1 if inner is self._scope else 2)
        self._scope = inner

    def visit_TypeAlias(self, node: ast.AST) -> None:
        name = getattr(node, "name", None)
        if isinstance(name, ast.Name):
            self._bind(name.id, definition=True)

    # --- Statements that may be run more than once, or not at all ---

    def _visit_for(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self._in_loop([node.target, *node.body])
        self._under_condition(node.orelse)

    visit_For = _visit_for
    visit_AsyncFor = _visit_for

    def visit_While(self, node: ast.While) -> None:
        self._in_loop([node.test, *node.body])
        self._under_condition(node.orelse)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._under_condition([*node.body, *node.orelse])

    def _visit_try(self, node: ast.Try | ast.TryStar) -> None:
        self._under_condition([*node.body, *node.handlers, *node.orelse, *node.finalbody])

    visit_Try = _visit_try
    visit_TryStar = _visit_try

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name)
        self.generic_visit(node)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        self._under_condition(node.cases)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self._bind(node.rest)
        self.generic_visit(node)
