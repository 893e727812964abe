"""Rewrites small programs with transparent sites, for tests."""

import textwrap
from typing import Any

from atonce._host.check.rewriting import rewrite
from atonce._host.check.rewriting.sites import Flag
from transparent import Site, Transparent


class Rewritten:
    """A program, after it has run as a module."""

    def __init__(self, source: str, name: str = "shop", *, runs: bool = True) -> None:
        self.native = Transparent()
        self.source = textwrap.dedent(source).lstrip("\n")
        self.code = rewrite(self.source, f"{name}.py", name, self.native)
        self.names: dict[str, Any] = {"__name__": name}
        if runs:
            exec(self.code, self.names)

    def calls(self, run: str = "run") -> list[str]:
        """The sites that fire while the function runs, in order."""
        self.native.calls.clear()
        self.names[run]()
        return [f"{call.kind} {call.text}".strip() for call in self.native.calls]

    def sites(self, kind: str | None = None) -> list[Site]:
        return [site for site in self.native.sites if kind is None or site.kind.name == kind]

    def flags(self, line: int, kind: str, text: str | None = None) -> set[str]:
        """The flags of the one such site of the line."""
        found = [
            site
            for site in self.sites(kind)
            if site.line == line and (text is None or site.text == text)
        ]
        assert len(found) == 1, [(site.line, site.kind.name, site.text) for site in self.sites()]
        return {flag.name for flag in Flag if flag.name and flag in found[0].flags and flag.value}

    def pairs(self) -> list[str]:
        """`3 LOAD_ATTR -> 4 STORE_ATTR depends`, sorted by line."""
        found = [
            (
                read.line,
                write.line,
                f"{read.line} {read.kind.name} -> {write.line} "
                f"{write.kind.name} {'depends' if depends else 'follows'}",
            )
            for read, write, depends in self.native.pairs
        ]
        return [text for _, _, text in sorted(found)]

    def pairs_by_call(self) -> list[str]:
        """`3 LOAD_ATTR -> 6 STORE_ATTR by 4-4`: from which lines the write's function is called."""
        return sorted(
            f"{read.line} {read.kind.name} -> {write.line} {write.kind.name} by {first}-{last}"
            for read, write, first, last in self.native.pairs_by_call
        )

    def guards(self) -> list[str]:
        return sorted(
            f"{site.line} {site.kind.name}" for site in self.sites() if Flag.GUARD in site.flags
        )


def rewritten(source: str, name: str = "shop", *, runs: bool = True) -> Rewritten:
    return Rewritten(source, name, runs=runs)
