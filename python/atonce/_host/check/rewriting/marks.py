"""What is decided about the nodes of a tree before it is changed: which sites they get."""

import ast
from dataclasses import dataclass, field

from .scopes import Function, Scope
from .sites import Site

Unit = ast.Module | ast.ClassDef | Function


@dataclass(eq=False)
class Place:
    """A module, function or class body: what runs in one frame."""

    node: Unit
    scope: Scope
    qualified_name: str
    is_generator: bool = False
    new_object: str = ""  # in a constructor: the name of the object that is made


@dataclass
class Marks:
    """By node. What a node has here is all that the transformation changes."""

    operations: dict[ast.AST, Site] = field(default_factory=dict)  # what the node itself does
    holds: dict[ast.Subscript, Site] = field(default_factory=dict)
    wraps: dict[ast.AST, list[Site]] = field(default_factory=dict)  # called with its value
    bindings: dict[ast.AST, list[Site]] = field(default_factory=dict)  # of names, without a Name
    before: dict[ast.stmt, list[Site]] = field(default_factory=dict)  # statements of their own
    enters: dict[Unit, Site] = field(default_factory=dict)
    callees: dict[ast.Call, str] = field(default_factory=dict)  # qualified names, where known
    places: list[Place] = field(default_factory=list)

    def drop(self, unused: set[Site]) -> None:
        """Without sites that would tell nothing."""
        for node in [node for node, site in self.operations.items() if site in unused]:
            del self.operations[node]
        for sites in self.wraps.values():
            sites[:] = [site for site in sites if site not in unused]
