"""One Python function as a tool: what C++ calls, and what everybody else may know of it."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from atonce import ToolsError
from atonce._host.arguments import Arguments, make_arguments
from atonce._host.calling import adapt, kind_of
from atonce._host.dialects import Declared, check_name, declare, is_parameter_name
from atonce._host.discover import Found
from atonce._host.docstrings import read_docstring
from atonce._host.header_parameters import read_headers, without_headers
from atonce._host.inline import inline
from atonce._host.outputs import Output, make_checked, make_output
from atonce._host.results import make_serializer
from atonce._host.schemas import Schema, to_text
from atonce._host.signature import Signature, plain_function, read_return, read_signature
from atonce._tool import Options, options_of


class Policy(NamedTuple):
    serial_group: str  # empty for none
    max_concurrency: int | None
    timeout: float | None  # seconds
    retries: int
    isolation: str
    max_memory: int | None  # megabytes
    max_cpu: int | None  # seconds
    approve: bool
    destructive: bool


class Tool(NamedTuple):
    """Immutable; the callables may be used by any number of threads at once."""

    name: str
    description: str
    kind: str  # "function", "generator", "async" or "async_generator"
    function: Callable[..., Any]  # takes what `validate` gives
    validate: Callable[[bytes], Any]  # JSON -> (args, kwargs); raises ValidationError
    serialize: Callable[[Any], bytes] | None  # None: to_json does right
    context_parameter: str | None
    input_schema: str
    declarations: tuple[str, ...]  # by call::Dialect
    policy: Policy
    arguments: Arguments  # for the slow paths
    place: str  # where it is defined, for people
    warnings: tuple[str, ...]
    own_name: str = ""  # without a prefix that other files made necessary
    role: str = "tool"  # by call::Role, as are the next
    subject: str = ""
    has_output: bool = False  # MCP is told what the result is
    is_wrapped: bool = False
    structured: str = "both"
    headers: tuple[tuple[str, str, str], ...] = ()  # (argument, header, type)


def make_tool(found: Found, is_strict: bool = False, for_mcp: bool = False) -> Tool:
    """Raises ToolsError, which names the tool and, where it is one's fault, the parameter.

    A strict tool is declared to OpenAI in the strict form, if it has one, and takes the nulls of
    answers to that form. One for MCP has a schema of its results, which may take pydantic to make.
    """
    function = found.function
    options = options_of(function) or Options()
    name = found.tool_name
    check_name(name, found.place)
    signature = read_signature(function, name)
    arguments = make_arguments(signature.parameters, name)
    docstring = read_docstring(docstring_of(function))
    description = docstring.description or name.replace("_", " ")
    arguments = arguments._replace(schema=described(arguments, docstring.parameters))
    schema = arguments.schema if options.schema is None else _own_schema(options.schema, name)
    if options.schema is not None:
        from atonce._host.own_schemas import enforce  # jsonschema takes a while

        arguments = arguments._replace(validate=enforce(arguments.validate, schema, name))
    headers = read_headers(schema, name)
    output, serialize = _result_of(function, options, for_mcp)
    strict = None
    if is_strict:
        from atonce._host.strict import make_strict, without_added_nulls

        strict = make_strict(without_headers(schema), name)
        if strict.schema is not None:
            validate = without_added_nulls(arguments.validate, schema)
            arguments = arguments._replace(validate=validate)
    return Tool(
        name=name,
        description=description,
        kind=kind_of(function),
        function=adapt(function, signature),
        validate=arguments.validate,
        serialize=serialize,
        context_parameter=signature.context,
        input_schema=to_text(schema),
        declarations=declare(
            Declared(
                name,
                description,
                schema,
                _hints(options),
                strict and strict.schema,
                options.title,
                output and output.schema,
            )
        ),
        policy=_policy(options),
        arguments=arguments,
        place=found.place,
        warnings=(
            *_warn_of_parameters(name, signature, arguments),
            *(strict.warnings if strict else ()),
        ),
        own_name=name.removeprefix(found.prefix),
        has_output=output is not None,
        is_wrapped=output is not None and output.is_wrapped,
        structured=options.structured,
        headers=headers,
    )


def _result_of(
    function: Callable[..., Any], options: Options, for_mcp: bool
) -> tuple[Output | None, Callable[[Any], bytes] | None]:
    """What MCP is told of the result, and what writes it; None where to_json does right."""
    returned = read_return(function)
    if for_mcp and options.structured != "text":
        output = make_output(returned, kind_of(function))
        if output is not None and output.core is not None:
            return output, make_checked(output.core)
        return output, make_serializer(returned)
    return None, make_serializer(returned)


def docstring_of(function: Any) -> str | None:
    # A partial's or a callable object's own docstring is that of its class.
    if inspect.isroutine(function):
        return inspect.getdoc(function)
    return inspect.getdoc(plain_function(function))


def described(arguments: Arguments, descriptions: dict[str, str]) -> Schema:
    """The schema without references, with the docstring's words where the types say nothing."""
    schema = arguments.schema
    for name, text in descriptions.items():
        alias = arguments.aliases.get(name, name)
        if alias in schema["properties"]:
            schema["properties"][alias].setdefault("description", text)
    return inline(schema)


def _own_schema(schema: Any, name: str) -> Schema:
    own = dict(schema)
    if own.get("type") != "object":
        raise ToolsError(
            f"the schema that `{name}` declares must be of type object, not {own.get('type')!r}",
            'write {"type": "object", "properties": {...}}: one property for each argument',
        )
    return own


def _policy(options: Options) -> Policy:
    is_alone = options.serial is True
    return Policy(
        serial_group=options.serial if isinstance(options.serial, str) else "",
        max_concurrency=1 if is_alone else options.max_concurrency,
        timeout=options.timeout,
        retries=options.retries,
        isolation=options.isolation,
        max_memory=options.max_memory,
        max_cpu=options.max_cpu,
        approve=options.approve,
        destructive=options.destructive is True,
    )


def _hints(options: Options) -> dict[str, bool]:
    hints = {
        "readOnlyHint": options.read_only,
        "destructiveHint": options.destructive,
        "idempotentHint": options.idempotent,
        "openWorldHint": options.open_world,
    }
    return {name: value for name, value in hints.items() if value is not None}


def _warn_of_parameters(name: str, signature: Signature, arguments: Arguments) -> Iterator[str]:
    for parameter in signature.unannotated:
        yield (
            f"the parameter `{parameter}` of `{name}` has no type: the model is told nothing about "
            "it, and whatever JSON it sends is taken"
        )
    for alias in arguments.aliases.values():
        if not is_parameter_name(alias):
            yield (
                f"the parameter `{alias}` of `{name}` has a name that some models refuse: up to 64 "
                "letters, digits and `_` are safe"
            )
