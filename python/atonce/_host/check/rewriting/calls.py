"""Decides which calls get a site: methods of containers, built-in functions, what iterates."""

import ast

from .accesses import AccessDecider
from .methods import (
    BUILTINS,
    CHANGING,
    COPYING,
    FRESH,
    ITERATING,
    ITERATING_ALONE,
    LOCKING,
    METHODS,
    NAMING,
    OPTIONAL,
    SIZING,
    WALKING,
    Effect,
)
from .misses import raised_by
from .names import is_super
from .sites import Flag, Key, Kind

LOCK_WORDS = ("lock", "mutex", "semaphore", "condition", "cond", "guard")


class CallDecider(AccessDecider):
    """Adds calls and iteration to the accesses."""

    def visit_Call(self, node: ast.Call) -> None:
        callee = self._callee_of(node.func)
        if callee:
            self.marks.callees[node] = callee
        match node.func:
            case ast.Attribute() as function:
                self._method_call(node, function)
            case ast.Name() as function:
                self._named_call(node, function)
            case _:
                self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
            self.may_escape(argument)
        for keyword in node.keywords:
            self.visit(keyword)
            self.may_escape(keyword.value)

    def _callee_of(self, function: ast.expr) -> str:
        """The qualified name of the function of this module that is called, if that can be seen:
        one of the module itself, or a method of the object whose method calls it.
        """
        match function:
            case ast.Name(id=name):
                owner = self.scopes.owner_of(self.scope, self.mangled(name))
                binding = owner.bindings.get(name) if owner is self.scopes.module else None
                return name if binding is not None and binding.is_definition else ""
            case ast.Attribute(value=ast.Name(id=name), attr=method) if name == self._own_object():
                return f"{self.place.qualified_name.rpartition('.')[0]}.{method}"
        return ""

    def _own_object(self) -> str:
        """The name of a method's first parameter."""
        node = self.place.node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return ""
        outer = self.place.scope.parent
        parameters = [*node.args.posonlyargs, *node.args.args]
        return parameters[0].arg if parameters and outer and outer.kind == "class" else ""

    def is_fresh_call(self, node: ast.Call) -> bool:
        function = node.func
        return isinstance(function, ast.Name) and self._is_builtin(function, FRESH)

    def _is_builtin(self, function: ast.Name, names: object) -> bool:
        if not isinstance(names, dict | frozenset) or function.id not in names:
            return False
        return self.scopes.is_builtin(self.scope, self.mangled(function.id))

    # --- Methods ---

    def _method_call(self, node: ast.Call, function: ast.Attribute) -> None:
        receiver = function.value
        if self._is_module(receiver) or self.is_of_standard_library(function):
            self._function_of_module(node, function.attr, receiver)
            return
        if is_super(receiver) or isinstance(receiver, ast.Constant | ast.JoinedStr):
            self.visit(receiver)
            return
        self.visit(receiver)
        only_asks = node is not self.statement  # `trash.empty()` alone does what a name cannot say
        is_known = function.attr in METHODS and (only_asks or function.attr not in OPTIONAL)
        if is_known and not is_spread(node):
            self._container_method(node, function)
        elif is_known or self.mangled(function.attr) in self.stored:
            self.load_attribute(function)
        elif isinstance(receiver, ast.Name | ast.Attribute) and not is_spread(node):
            self._call_of_object(node, function)
        if function.attr in LOCKING:
            self.lock(receiver)
        if function.attr == "enter_context" and node.args:
            self.lock_if_it_looks_so(node.args[0])

    def _is_module(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Name):
            return False
        return bool(self.scopes.module_of(self.scope, self.mangled(node.id)))

    def _container_method(self, node: ast.Call, function: ast.Attribute) -> None:
        effect = METHODS[function.attr]
        if function.attr == "get" and _may_take_from_queue(node):
            self._take(function.value)
        key: Key | None = self.whole(function.value)
        if effect in (Effect.READS_ELEMENT, Effect.WRITES_ELEMENT) and node.args:
            key = self.element(function.value, node.args[0])
        flags = Flag.WRITE
        if effect in (Effect.READS_ELEMENT, Effect.READS_WHOLE):
            flags = Flag.READ
        elif effect is Effect.PASSES:
            flags, key = Flag.READ, None
        text = self.text_of(function.value)
        site = self.mark(node, Kind.METHOD, flags, key, function.attr, text)
        site.is_optional = function.attr in OPTIONAL
        site.is_caught = bool(self.caught & raised_by(function.attr))

    def _take(self, queue: ast.expr) -> None:
        """If it is a queue, what is got is taken out."""
        site = self.wrap(queue, Kind.TAKE, Flag.WRITE, None)
        site.writes = self.whole(queue)
        site.is_caught = bool(self.caught & raised_by("get"))

    def _call_of_object(self, node: ast.Call, function: ast.Attribute) -> None:
        """What such a call reads decides, in a test, about what others write."""
        key = Key("object", "", self.text_of(function.value))
        flags = Flag.READ if self.is_test else Flag.WRITE
        name = self.mangled(function.attr)
        site = self.mark(node, Kind.CALL, flags, key, name, self.text_of(function))
        site.is_optional = True

    # --- Functions ---

    def _function_of_module(self, node: ast.Call, name: str, module: ast.expr) -> None:
        known = module.id if isinstance(module, ast.Name) else ""
        module_name = self.scopes.module_of(self.scope, self.mangled(known)) if known else ""
        self._walking(node, name, module_name)

    def _walking(self, node: ast.Call, name: str, module: str) -> None:
        if not node.args or not self.is_shareable(node.args[0]):
            return
        first = node.args[0]
        if name in WALKING.get(module, ()):
            self.iterate(first)
        elif name in CHANGING.get(module, ()):
            site = self.wrap(first, Kind.TOUCH_WHOLE, Flag.WRITE, None)
            site.writes = self.whole(first)

    def _named_call(self, node: ast.Call, function: ast.Name) -> None:
        if self._is_builtin(function, BUILTINS):
            self._builtin(node, function.id)
        elif self._is_builtin(function, ITERATING):
            if function.id not in ITERATING_ALONE or len(node.args) == 1:
                for argument in node.args[ITERATING[function.id]]:
                    self.iterate(argument)
        else:
            self.visit(function)
            for table in (WALKING, CHANGING):
                for module, names in table.items():
                    if function.id in names:
                        self._walking(node, function.id, module)

    def _builtin(self, node: ast.Call, name: str) -> None:
        least = BUILTINS[name]
        given = node.args[:least]
        if len(given) < least or any(isinstance(one, ast.Starred) for one in given):
            return
        first = given[0]
        if name in NAMING:
            self._named_attribute(node, name)
        elif not self.is_shareable(first) or (name == "vars" and len(node.args) != 1):
            return
        else:
            key = self.whole(first) if name in COPYING or name in SIZING else None
            site = self.mark(node, Kind.BUILTIN, Flag.READ, key, name, self.text_of(first))
            site.is_optional = name in SIZING

    def _named_attribute(self, node: ast.Call, function: str) -> None:
        owner, name = node.args[:2]
        flags = {"setattr": Flag.WRITE, "delattr": Flag.WRITE | Flag.DELETE}.get(
            function, Flag.READ
        )
        attribute = f"[{self.text_of(name)}]"  # which is known at run time only
        text = self.text_of(owner)
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            attribute = name.value
            text = f"{text}.{attribute}"
        key = Key("attribute", attribute, text)
        self.mark(node, Kind.BUILTIN, flags | self.init_flag(owner), key, function, text)

    # --- Iteration and locks ---

    def iterate(self, node: ast.expr) -> None:
        """The value is gone through element by element."""
        if self.is_shareable(node):
            self.wrap(node, Kind.ITERATE, Flag.READ | Flag.ITERATES, self.whole(node))

    def copy_all(self, node: ast.expr) -> None:
        """The elements are taken over in one step."""
        if self.is_shareable(node) and not self._is_own_arguments(node):
            self.wrap(node, Kind.TOUCH_WHOLE, Flag.READ, self.whole(node))

    def _is_own_arguments(self, node: ast.expr) -> bool:
        function = self.place.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
        extra = (function.args.vararg, function.args.kwarg)
        names = {one.arg for one in extra if one is not None}
        return isinstance(node, ast.Name) and node.id in names

    def visit_Starred(self, node: ast.Starred) -> None:
        self.visit(node.value)
        if isinstance(node.ctx, ast.Load):
            self.copy_all(node.value)

    def visit_keyword(self, node: ast.keyword) -> None:
        self.visit(node.value)
        if node.arg is None:
            self.copy_all(node.value)

    def visit_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                self.visit(key)
            self.visit(value)
            if key is None:
                self.copy_all(value)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> None:
        self.visit(node.value)
        self.iterate(node.value)

    def lock(self, node: ast.expr) -> None:
        self.wrap(node, Kind.LOCK, Flag.NONE, None)

    def lock_if_it_looks_so(self, node: ast.expr) -> None:
        """Any value may be a lock; of calls only those that say so."""
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            self.lock(node)
        elif isinstance(node, ast.Call):
            text = self.text_of(node).lower()
            if any(word in text for word in LOCK_WORDS):
                self.lock(node)


def _may_take_from_queue(node: ast.Call) -> bool:
    """By the arguments: `get()`, `get(False)`, `get(timeout=1)`."""
    if not node.args:
        return True
    return isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, bool)


def is_spread(node: ast.Call) -> bool:
    """Whether it has `*args` or `**kwargs`."""
    has_names = any(keyword.arg is None for keyword in node.keywords)
    return has_names or any(isinstance(one, ast.Starred) for one in node.args)
