"""What a file offers to clients of `atonce serve` beside tools: resources, prompts, completions.

The decorators give the function back as it was. A marked function is no tool unless it is marked as
one too, and for every command but `serve` it is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, Union, overload

from atonce._errors import ToolsError

Function = TypeVar("Function", bound=Callable[..., Any])

ATTRIBUTE = "__atonce_offers__"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_PROMPT_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}\Z")


class ResourceOffer(NamedTuple):
    uri: str  # or a template
    variables: tuple[str, ...]  # of the template; none for one address
    name: str | None
    title: str | None
    description: str | None
    mime_type: str | None


class PromptOffer(NamedTuple):
    name: str | None
    title: str | None
    description: str | None


class CompletionOffer(NamedTuple):
    target: Any  # the function of a prompt or of a template
    argument: str


Offer = Union[ResourceOffer, PromptOffer, CompletionOffer]  # noqa: UP007  # for Python 3.9


def resource(
    uri: str,
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    mime_type: str | None = None,
) -> Callable[[Function], Function]:
    """Marks a function that gives what is at an address: `@atonce.resource("config://app")`.

    With variables it is a template, `"users://{id}/profile"`: each is a parameter of the function
    by the same name, whose type its text is turned into, and matches up to the next `/`, `?` or
    `#`. The function may have a parameter `uri` too, which gets the whole address, and one of type
    atonce.Context.

    It returns a str (text), bytes, atonce.Image or Audio, or what JSON can say, which becomes JSON;
    a list that holds media or bytes has several parts, each of these. It may be async, but no
    generator.

    - `name`, `title`: what clients list it as; the function's name unless given.
    - `description`: its docstring's unless given.
    - `mime_type`: of what it returns; "text/plain", "application/json" or that of the media unless
      given.

    Raises ToolsError for an address or a template that cannot be.
    """
    variables = _variables(uri)
    return _marker(ResourceOffer(uri, variables, name, title, description, mime_type))


@overload
def prompt(function: Function, /) -> Function: ...
@overload
def prompt(
    *, name: str | None = None, title: str | None = None, description: str | None = None
) -> Callable[[Function], Function]: ...
def prompt(
    function: Any = None,
    /,
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
) -> Any:
    """Marks a function that writes messages for a model, from arguments that a person gives.

    Its parameters are the prompt's arguments. Clients send text, which is turned into their types;
    for a list, a dict or a dataclass it is JSON.

    It returns a str or other content (media, atonce.EmbeddedResource, ...), which is one message of
    the user, or a list of those and of atonce.Message. It may be async, but no generator.

    `name` and `description` are the function's own unless given. Raises ToolsError for a name that
    cannot be.
    """
    if name is not None and not _PROMPT_NAME.match(name):
        raise ToolsError(
            f"{name!r} cannot be a prompt's name",
            "give up to 128 letters, digits, `_`, `-` and `.`",
        )
    mark: Any = _marker(PromptOffer(name, title, description))
    return mark if function is None else mark(function)


def complete(target: Callable[..., Any], argument: str) -> Callable[[Function], Function]:
    """Marks a function that proposes values for an argument of a prompt or a template.

    `target` is the function of the prompt or the resource. The marked one takes the text so far,
    and may take a second parameter: the arguments that are given already, as a dict of str. It
    returns the proposals, which are written as text. It may be async, but no generator.
    """
    return _marker(CompletionOffer(target, argument))


def offers_of(function: object) -> tuple[Offer, ...]:
    """What `function` is marked as; nothing when it is not marked."""
    found = getattr(function, ATTRIBUTE, None)
    return found if isinstance(found, tuple) else ()


def _marker(offer: Offer) -> Callable[[Function], Function]:
    def mark(function: Any) -> Any:
        plain = isinstance(function, (staticmethod, classmethod))
        target = function.__func__ if plain else function
        if isinstance(target, type) or not callable(target):
            raise ToolsError(
                f"{function!r} is no function, and cannot be marked as {_kind(offer)}",
                "write the decorator above a function",
            )
        try:
            setattr(target, ATTRIBUTE, (*offers_of(target), offer))
        except AttributeError:
            raise ToolsError(
                f"{function!r} takes no attributes, and cannot be marked as {_kind(offer)}",
                "wrap it in a function of your own and mark that",
            ) from None
        return function

    return mark


def _kind(offer: Offer) -> str:
    if isinstance(offer, ResourceOffer):
        return "a resource"
    return "a prompt" if isinstance(offer, PromptOffer) else "a completion"


def _variables(uri: Any) -> tuple[str, ...]:
    if not isinstance(uri, str):
        raise ToolsError(
            f"atonce.resource got {uri!r} instead of an address",
            'write `@atonce.resource("config://app")` above a function',
        )
    variables = tuple(_EXPRESSION.findall(uri))
    wrong = [one for one in variables if not one.isidentifier()]
    if wrong or "{" in _EXPRESSION.sub("", uri) or "}" in _EXPRESSION.sub("", uri):
        raise ToolsError(
            f"`{uri}` is no template of an address that atonce knows",
            "write each variable as `{name}`, a parameter of the function; of RFC 6570 there is "
            "no more than that (level 1)",
        )
    if len(set(variables)) != len(variables) or re.search(r"\}\{", uri):
        raise ToolsError(
            f"the variables of `{uri}` cannot be told apart",
            "name each once, and put something between two of them",
        )
    if not _SCHEME.match(uri) or re.search(r"\s", uri):
        raise ToolsError(
            f"`{uri}` is no address: it has no scheme, or holds a space",
            "write a URI such as `config://app` or `file:///etc/hosts`",
        )
    return variables
