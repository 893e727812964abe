"""Decides which attributes, items and names get a site; calls.py and decide.py do the rest."""

import ast
import sys

from .marks import Marks, Place
from .misses import ends_of_blocks
from .names import (
    is_dunder,
    is_super,
    methods_of_classes,
    root_of,
    shortened,
    source_of,
    stored_attributes,
)
from .scopes import Function, Scope, Scopes, mangle
from .sites import Flag, Key, Kind, Site

# What may give an object that others know, too; everything else makes a new one.
SHAREABLE = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.IfExp, ast.BoolOp, ast.NamedExpr)
FRESH_METHODS = frozenset({"copy", "split", "rsplit", "splitlines", "encode", "format"})
CLASSES = frozenset({"dict", "frozenset", "list", "set", "tuple", "type"})
NEVER_CONTAINERS = frozenset({"__debug__", "TYPE_CHECKING"})


class AccessDecider(ast.NodeVisitor):
    """Visits all that is run, in any order, and fills in the marks."""

    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        self.marks = Marks()
        self.scopes = scopes
        self.scope: Scope = scopes.of[tree]
        self.place = Place(tree, self.scope, "<module>")
        self.stored = stored_attributes(tree)
        self.methods = methods_of_classes(tree)
        self.last = ends_of_blocks(tree)
        self.is_test = False
        self.caught: frozenset[str] = frozenset()  # exceptions, by the statements around
        self.statement: ast.expr | None = None  # an expression whose value nobody uses
        self._texts: dict[ast.AST, str] = {}

    # --- Helpers ---

    def text_of(self, node: ast.AST) -> str:
        if node not in self._texts:
            self._texts[node] = source_of(node)
        return self._texts[node]

    def mangled(self, name: str) -> str:
        return mangle(name, self.scope.class_name)

    def site(
        self, node: ast.expr | ast.stmt, kind: Kind, name: str | None, text: str, flags: Flag
    ) -> Site:
        if self.is_test and Flag.READ in flags:
            flags |= Flag.TEST
        if self.place.is_generator:
            flags |= Flag.GENERATOR
        return Site(
            kind,
            name,
            shortened(text),
            node.lineno,
            node.end_lineno or node.lineno,
            self.place.qualified_name,
            flags,
        )

    def mark(
        self,
        node: ast.expr,
        kind: Kind,
        flags: Flag,
        key: Key | None,
        name: str | None = None,
        text: str | None = None,
    ) -> Site:
        """The node is replaced by a call of a site that reads or writes `key`."""
        shown = text if text is not None else key.text if key else self.text_of(node)
        site = self.site(node, kind, name, shown, flags)
        site.reads = key if Flag.READ in flags else None
        site.writes = key if Flag.WRITE in flags else None
        self.marks.operations[node] = site
        return site

    def wrap(self, node: ast.expr, kind: Kind, flags: Flag, reads: Key | None) -> Site:
        """The node's value goes through a site."""
        site = self.site(node, kind, None, self.text_of(node), flags)
        site.reads = reads
        self.marks.wraps.setdefault(node, []).append(site)
        return site

    def whole(self, node: ast.expr) -> Key:
        return Key("container", "", self.text_of(node))

    def element(self, container: ast.expr, key: ast.expr) -> Key:
        return Key("container", "", self.text_of(container), self.text_of(key))

    def attribute(self, node: ast.Attribute) -> Key:
        return Key("attribute", self.mangled(node.attr), self.text_of(node))

    def is_shareable(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                return node.func.attr not in FRESH_METHODS
            return not self.is_fresh_call(node)
        if isinstance(node, ast.Subscript):
            return not is_slice(node.slice)
        return isinstance(node, SHAREABLE)

    def is_fresh_call(self, node: ast.Call) -> bool:
        raise NotImplementedError

    def is_of_standard_library(self, node: ast.expr) -> bool:
        """Whether it is `module.name...` of a module whose own state is not watched."""
        root = root_of(node)
        if root is None:
            return False
        module = self.scopes.module_of(self.scope, self.mangled(root.id))
        return module.partition(".")[0] in sys.stdlib_module_names

    def init_flag(self, owner: ast.expr) -> Flag:
        is_new = isinstance(owner, ast.Name) and owner.id == self.place.new_object
        return Flag.INIT if is_new else Flag.NONE

    def may_escape(self, value: ast.expr | None) -> None:
        """In a constructor: the object that is made is given to others before it is whole."""
        if isinstance(value, ast.Name) and self.place.new_object == value.id:
            self.wrap(value, Kind.ESCAPE, Flag.NONE, None)

    # --- Attributes ---

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            if not self.is_of_standard_library(node):
                self.visit(node.value)
                self.load_attribute(node)
            return
        self.visit(node.value)
        deletes = Flag.DELETE if isinstance(node.ctx, ast.Del) else Flag.NONE
        self.store_attribute(node, Kind.TOUCH_ATTR, Flag.WRITE | deletes)

    def load_attribute(self, node: ast.Attribute) -> None:
        name = self.mangled(node.attr)
        if (is_dunder(name) and name != "__dict__") or is_super(node.value):
            return
        if not isinstance(node.value, ast.Constant | ast.JoinedStr):
            flags = Flag.READ | self.init_flag(node.value)
            key = self.attribute(node)
            if self.is_test and name not in self.stored:  # a property, perhaps
                key = Key("object", "", self.text_of(node.value))
            site = self.mark(node, Kind.LOAD_ATTR, flags, key, name)
            site.text = shortened(self.text_of(node))

    def store_attribute(self, node: ast.Attribute, kind: Kind, flags: Flag) -> None:
        name = self.mangled(node.attr)
        if is_dunder(name):
            return
        self.mark(node, kind, flags | self.init_flag(node.value), self.attribute(node), name)

    # --- Items ---

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        self.visit(node.slice)
        is_load = isinstance(node.ctx, ast.Load)
        if is_load and (self._is_type(node.value) or self.is_of_standard_library(node.value)):
            return
        if is_slice(node.slice):
            self.touch_whole(node, Flag.READ if is_load else _write_flags(node.ctx))
        elif is_load:
            key = self.element(node.value, node.slice)
            self.mark(node, Kind.LOAD_ITEM, Flag.READ, key)
        else:
            self.touch_key(node, _write_flags(node.ctx))

    def _is_type(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in CLASSES

    def touch_whole(self, node: ast.Subscript, flags: Flag) -> None:
        self.mark(node, Kind.TOUCH_WHOLE, flags, self.whole(node.value))

    def touch_key(self, node: ast.Subscript, flags: Flag) -> None:
        site = self.mark(node, Kind.TOUCH_KEY, flags, self.element(node.value, node.slice))
        site.hold = self.site(node, Kind.HOLD, None, site.text, Flag.NONE)
        self.marks.holds[node] = site.hold

    def store_item(self, node: ast.Subscript) -> None:
        key = self.element(node.value, node.slice)
        self.mark(node, Kind.STORE_ITEM, Flag.WRITE, key)

    # --- Names ---

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.access_name(node, Flag.READ)
        else:
            self.access_name(node, _write_flags(node.ctx))

    def access_name(self, node: ast.Name, flags: Flag) -> None:
        site = self.name_site(node, node.id, flags)
        if site is not None:
            self.marks.operations[node] = site

    def name_site(self, node: ast.expr | ast.stmt, written: str, flags: Flag) -> Site | None:
        """The site of a tracked variable; None for all others."""
        name = self.mangled(written)
        place = self.scopes.place_of(self.scope, name)
        if not place:
            return None
        is_write = Flag.WRITE in flags
        if place == "global":
            kind = Kind.STORE_GLOBAL if is_write else Kind.LOAD_GLOBAL
        else:
            kind = Kind.STORE_CELL if is_write else Kind.LOAD_CELL
        site = self.site(node, kind, name, written, flags)
        key = Key(place, name, name)
        site.reads = key if Flag.READ in flags else None
        site.writes = key if is_write else None
        return site

    def bind(self, node: ast.AST, names: list[str], at: ast.expr | ast.stmt) -> None:
        """Tracked variables that a node binds, for which it has no Name."""
        sites = [self.name_site(at, name, Flag.WRITE) for name in names]
        found = [site for site in sites if site is not None]
        if found:
            self.marks.bindings[node] = found


def is_slice(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return any(isinstance(one, ast.Slice) for one in node.elts)
    return isinstance(node, ast.Slice)


def _write_flags(context: ast.expr_context) -> Flag:
    return Flag.WRITE | Flag.DELETE if isinstance(context, ast.Del) else Flag.WRITE


def new_object_of(node: ast.AST) -> str:
    """In a constructor the name of the object that nobody else knows yet."""
    if not isinstance(node, ast.FunctionDef):
        return ""
    parameters = [*node.args.posonlyargs, *node.args.args]
    if node.name in ("__init__", "__post_init__", "__setstate__"):
        return parameters[0].arg if parameters else ""
    if node.name == "__new__":
        for statement in node.body:
            match statement:
                case ast.Assign(
                    targets=[ast.Name(id=name)],
                    value=ast.Call(func=ast.Attribute(attr="__new__")),
                ):
                    return name
    return ""


def is_generator(node: Function | ast.ClassDef | ast.Module) -> bool:
    if isinstance(node, ast.AsyncFunctionDef):
        return True
    if not isinstance(node, ast.FunctionDef | ast.Lambda):
        return False
    waiting: list[ast.AST] = []
    if isinstance(node, ast.Lambda):
        waiting.append(node.body)
    else:
        waiting.extend(node.body)
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Yield | ast.YieldFrom | ast.Await):
            return True
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(one))
    return False
