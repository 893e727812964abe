"""Names for what several files offer: those that two files have get the names of the files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from atonce._host.discover import Found
from atonce._host.offers import prompt_name
from atonce._offers import PromptOffer, offers_of

Named = Callable[[Found], Iterable[str]]


def prefix_of(name: str) -> str:
    """For a file, folder, module or object of that name."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") + "_"


def names_of_tool(found: Found) -> list[str]:
    return [found.tool_name]


def names_of_prompts(found: Found) -> list[str]:
    offers = offers_of(found.function)
    return [prompt_name(found, one) for one in offers if isinstance(one, PromptOffer)]


def set_apart(
    sources: Sequence[Sequence[Found]], prefixes: Sequence[str], names_of: Named
) -> list[list[Found]]:
    """The functions of each source, with its prefix where another source has the same name.

    None of the sources keeps the name for itself: it would go to another with their order.
    """
    owners: dict[str, set[int]] = {}
    for at, functions in enumerate(sources):
        for found in functions:
            for name in names_of(found):
                owners.setdefault(name, set()).add(at)
    return [
        [
            found._replace(prefix=prefix)
            if any(len(owners[name]) > 1 for name in names_of(found))
            else found
            for found in functions
        ]
        for prefix, functions in zip(prefixes, sources, strict=True)
    ]


def describe_prefixed(sources: Sequence[Sequence[Found]], names_of: Named) -> list[str]:
    """What the person should know: a sentence for each name that has been set apart."""
    given: dict[str, list[str]] = {}
    for functions in sources:
        for found in functions:
            for name in names_of(found) if found.prefix else ():
                given.setdefault(name.removeprefix(found.prefix), []).append(f"`{name}`")
    return [
        f"`{name}` is in more than one of the files: it is offered as {' and '.join(names)}"
        for name, names in given.items()
    ]
