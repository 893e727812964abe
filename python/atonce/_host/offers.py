"""Resources, prompts and completions as tools of the engine: called alike, under other names.

Their results are MCP's own JSON, and their declarations entries of MCP's lists; to every other
dialect they are not there. See call::Role in src/call/tool_spec.h for their arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from atonce import ToolsError
from atonce._host.arguments import Arguments, make_arguments
from atonce._host.blocks import contents_of, messages_of
from atonce._host.calling import adapt, kind_of
from atonce._host.discover import Found
from atonce._host.docstrings import read_docstring
from atonce._host.results import make_serializer
from atonce._host.schemas import Schema, to_text
from atonce._host.signature import EMPTY, Parameter, Signature, read_return, read_signature
from atonce._host.toolset import Policy, Tool, described, docstring_of
from atonce._offers import CompletionOffer, Offer, PromptOffer, ResourceOffer, offers_of

# What a result is made into, given the call's arguments by name: JSON that is MCP's.
Finish = Callable[[Any, dict[str, Any]], Any]

_ORDER = ("resource", "resource_template", "prompt", "completion")
_POLICY = Policy("", None, None, 0, "thread", None, None, False, False)
_URI = Parameter("uri", str, EMPTY, inspect.Parameter.KEYWORD_ONLY)


def make_offers(found: Sequence[Found]) -> tuple[Tool, ...]:
    """Resources, templates, prompts and completions, in this order and each in that of the file.

    Raises ToolsError, which names the function at fault.
    """
    offers = [_make_offer(one, offer, found) for one in found for offer in offers_of(one.function)]
    _refuse_duplicates(offers)
    return tuple(sorted(offers, key=lambda offer: _ORDER.index(offer.role)))


def prompt_name(found: Found, offer: PromptOffer) -> str:
    return found.prefix + (offer.name or found.name)


def _make_offer(found: Found, offer: Offer, all_found: Sequence[Found]) -> Tool:
    if isinstance(offer, ResourceOffer):
        return _make_resource(found, offer)
    if isinstance(offer, PromptOffer):
        return _make_prompt(found, offer)
    return _make_completion(found, offer, all_found)


def _make_resource(found: Found, offer: ResourceOffer) -> Tool:
    label = f"{'template' if offer.variables else 'resource'} {offer.uri}"
    signature = read_signature(found.function, found.name)
    named = {one.name: one for one in signature.parameters}
    _check_variables(offer, found, signature)
    wants_uri = "uri" in named
    parameters = tuple(named.values()) if wants_uri else (_URI, *named.values())
    arguments = make_arguments(parameters, found.name)
    serialize = make_serializer(read_return(found.function))  # a form of the type's own

    def finish(result: Any, given: dict[str, Any]) -> Any:
        if serialize is not None:
            result = serialize(result).decode()
            return contents_of(result, str(given["uri"]), offer.mime_type or "application/json")
        return contents_of(result, str(given["uri"]), offer.mime_type)

    docstring = read_docstring(docstring_of(found.function))
    description = offer.description or docstring.description
    listed: Schema = {("uriTemplate" if offer.variables else "uri"): offer.uri}
    listed |= {"name": offer.name or found.name}
    listed |= _given(title=offer.title, description=description, mimeType=offer.mime_type)
    return _make(
        found,
        label,
        "resource_template" if offer.variables else "resource",
        offer.uri,
        description,
        listed,
        signature,
        arguments._replace(schema=described(arguments, docstring.parameters)),
        finish,
        () if wants_uri else ("uri",),
    )


def _check_variables(offer: ResourceOffer, found: Found, signature: Signature) -> None:
    names = [one.name for one in signature.parameters]
    for variable in offer.variables:
        if variable not in names:
            raise ToolsError(
                f"`{offer.uri}` ({found.place}) has the variable `{variable}`, and `{found.name}` "
                "no such parameter",
                f"add the parameter, as in `def {found.name}({variable}: str)`",
            )
    for one in signature.parameters:
        is_given = one.name == "uri" or one.name in offer.variables
        if not is_given and (one.default is EMPTY or not offer.variables):
            raise ToolsError(
                f"nothing gives the parameter `{one.name}` of `{found.name}` ({found.place}) a "
                f"value: `{offer.uri}` has no variable of this name",
                f"write `{{{one.name}}}` in the address, or leave the parameter out",
            )


def _make_prompt(found: Found, offer: PromptOffer) -> Tool:
    name = prompt_name(found, offer)
    signature = read_signature(found.function, found.name)
    arguments = make_arguments(signature.parameters, found.name)
    docstring = read_docstring(docstring_of(found.function))
    arguments = arguments._replace(schema=described(arguments, docstring.parameters))
    description = offer.description or docstring.description

    def finish(result: Any, _given: dict[str, Any]) -> Any:
        return {"description": description, "messages": messages_of(result)}

    required = arguments.schema.get("required", ())
    listed: Schema = {"name": name} | _given(title=offer.title, description=description)
    listed["arguments"] = [
        {"name": one}
        | _given(description=schema.get("description"))
        | {"required": one in required}
        for one, schema in arguments.schema["properties"].items()
    ]
    return _make(
        found, f"prompt {name}", "prompt", name, description, listed, signature, arguments, finish
    )


def _make_completion(found: Found, offer: CompletionOffer, all_found: Sequence[Found]) -> Tool:
    subject, reference = _target_of(offer, found, all_found)
    signature = read_signature(found.function, found.name)
    if not 1 <= len(signature.parameters) <= 2:
        raise ToolsError(
            f"`{found.name}` ({found.place}) completes `{offer.argument}` and has "
            f"{len(signature.parameters)} parameters",
            "give it one for the text so far, and if need be one for the arguments that are there",
        )
    names = [one.name for one in signature.parameters]
    keyword = inspect.Parameter.KEYWORD_ONLY
    known = Parameter("context", dict[str, Any], None, keyword)
    arguments = make_arguments((Parameter("value", str, EMPTY, keyword), known), found.name)
    function = adapt(found.function, signature)

    def call(**given: Any) -> Any:
        context = given.pop("context") or {}
        texts = (given.pop("value"), context.get("arguments") or {})
        return function(**dict(zip(names, texts, strict=False)), **given)

    def finish(result: Any, _given: dict[str, Any]) -> Any:
        return [str(one) for one in result or ()]

    listed = {"ref": reference, "argument": {"name": offer.argument}}
    label = f"completion {subject} {offer.argument}"
    return _make(
        found, label, "completion", "", "", listed, signature, arguments, finish, function=call
    )


def _target_of(
    offer: CompletionOffer, found: Found, all_found: Sequence[Found]
) -> tuple[str, Schema]:
    """("prompt NAME" or "template URI_TEMPLATE", MCP's reference to it)."""
    wanted = _plain(offer.target)
    names: list[str] = []
    for other in all_found:
        if _plain(other.function) is not wanted:
            continue
        for one in offers_of(other.function):
            if isinstance(one, ResourceOffer) and one.variables:
                names.extend(one.variables)
                if offer.argument in one.variables:
                    return f"template {one.uri}", {"type": "ref/resource", "uri": one.uri}
            elif isinstance(one, PromptOffer):
                name = prompt_name(other, one)
                parameters = read_signature(other.function, other.name).parameters
                names.extend(each.name for each in parameters)
                if offer.argument in [each.name for each in parameters]:
                    return f"prompt {name}", {"type": "ref/prompt", "name": name}
    if names:
        raise ToolsError(
            f"`{found.name}` ({found.place}) completes `{offer.argument}`, which is not there",
            f"name one of {', '.join(names)}",
        )
    raise ToolsError(
        f"`{found.name}` ({found.place}) completes an argument of {offer.target!r}, which is "
        "neither a prompt nor a resource with variables",
        "give the function that is marked with `@atonce.prompt` or `@atonce.resource`",
    )


def _make(
    found: Found,
    label: str,
    role: str,
    subject: str,
    description: str,
    listed: Schema,
    signature: Signature,
    arguments: Arguments,
    finish: Finish,
    dropped: Iterable[str] = (),
    function: Callable[..., Any] | None = None,
) -> Tool:
    kind = kind_of(found.function)
    if "generator" in kind:
        raise ToolsError(
            f"`{found.name}` ({found.place}), a {role.replace('_', ' ')}, is a generator",
            "return a list",
        )
    called = function or adapt(found.function, signature)
    return Tool(
        name=label,
        description=description,
        kind=kind,
        function=_finished(called, kind, finish, tuple(dropped)),
        validate=arguments.validate,
        serialize=None,
        context_parameter=signature.context,
        input_schema=to_text(arguments.schema),
        declarations=("", "", "", to_text(listed)),
        policy=_POLICY,
        arguments=arguments,
        place=found.place,
        warnings=(),
        role=role,
        subject=subject,
    )


def _finished(
    function: Callable[..., Any], kind: str, finish: Finish, dropped: tuple[str, ...]
) -> Callable[..., Any]:
    """The function, giving MCP's JSON; what it does not take itself is `dropped`."""

    def split(given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if name not in dropped}

    if kind == "async":

        async def call_later(**given: Any) -> Any:
            return finish(await function(**split(given)), given)

        return call_later

    def call(**given: Any) -> Any:
        return finish(function(**split(given)), given)

    return call


def _given(**members: Any) -> Schema:
    return {name: value for name, value in members.items() if value}


def _plain(function: Any) -> Any:
    return getattr(function, "__func__", function)


def _refuse_duplicates(offers: Iterable[Tool]) -> None:
    first: dict[str, Tool] = {}
    for offer in offers:
        other = first.setdefault(offer.name, offer)
        if other is not offer:
            raise ToolsError(
                f"there are two of `{offer.name}`: {other.place} and {offer.place}",
                "give one another address or name",
            )
