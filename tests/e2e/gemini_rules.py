"""What Gemini refuses in a request, with its own words where they are known."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from scripted_server import Answer, RefusedError

# What each object of a request may have.
FIELDS: dict[str, set[str]] = {
    "request": {
        "contents",
        "systemInstruction",
        "tools",
        "toolConfig",
        "generationConfig",
        "continuationToken",
    },
    "count": {"contents", "generateContentRequest"},
    "counted": {
        "model",
        "contents",
        "systemInstruction",
        "tools",
        "toolConfig",
        "generationConfig",
    },
    "count on vertex": {"contents", "systemInstruction", "tools", "generationConfig"},
    "content": {"role", "parts"},
    "text part": {"text"},
    "data part": {"inlineData"},
    "data": {"mimeType", "data"},
    "named data": {"mimeType", "data", "displayName"},
    "result part": {"functionResponse"},
    "functionResponse": {"id", "name", "response", "parts"},
    "tool": {"functionDeclarations", "googleSearch", "codeExecution", "urlContext"},
    "provider's tool": set(),
    "declaration": {
        "name",
        "description",
        "parameters",
        "parametersJsonSchema",
        "response",
        "responseJsonSchema",
    },
    "toolConfig": {"functionCallingConfig", "includeServerSideToolInvocations"},
    "toolConfig on vertex": {"functionCallingConfig"},
    "functionCallingConfig": {"mode", "allowedFunctionNames"},
    "functionCallingConfig on vertex": {
        "mode",
        "allowedFunctionNames",
        "streamFunctionCallArguments",
    },
    "generationConfig": {"temperature", "maxOutputTokens"},
}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
METHOD = r":(?P<method>generateContent|streamGenerateContent\?alt=sse|countTokens)"
DEVELOPER = re.compile(r"/v1beta/models/(?P<model>[A-Za-z0-9.-]+)" + METHOD)
VERTEX = re.compile(
    r"/v1/(projects/(?P<project>[a-z0-9-]+)/locations/[a-z0-9-]+/)?"
    r"publishers/google/models/(?P<model>[A-Za-z0-9.-]+)" + METHOD
)


@dataclass
class Route:
    """Which method of which model is asked, and where."""

    model: str
    method: str
    is_vertex: bool
    has_project: bool


def find_route(path: str) -> Route:
    for pattern, is_vertex in ((DEVELOPER, False), (VERTEX, True)):
        if match := pattern.fullmatch(path):
            has_project = bool(match.groupdict().get("project"))
            method = match["method"].removesuffix("?alt=sse")
            return Route(match["model"], method, is_vertex, has_project)
    raise RefusedError(f"no such method: {path}")


def known(what: str, value: Any, where: str) -> dict[str, Any]:
    """The object, after a look at its fields."""
    if not isinstance(value, dict):
        raise RefusedError(f"Invalid value at '{where}': not an object")
    for name in value:
        if name not in FIELDS[what]:
            place = f" at '{where}'" if where else ""
            raise RefusedError(
                f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.'
            )
    return value


def check_declarations(tool: dict[str, Any]) -> list[str]:
    names = []
    for at, each in enumerate(tool["functionDeclarations"]):
        where = f"tools[0].function_declarations[{at}]"
        declaration = known("declaration", each, where)
        if not NAME.fullmatch(declaration["name"]) or not declaration.get("description"):
            raise RefusedError(f"Invalid function name or description: {declaration}")
        if {"parameters", "parametersJsonSchema"} <= declaration.keys():
            raise RefusedError("parameters and parametersJsonSchema are mutually exclusive")
        names.append(declaration["name"])
    return names


def check_tools(body: dict[str, Any], route: Route) -> None:
    declared = []
    has_own = False  # the provider's
    for at, tool in enumerate(body.get("tools", [])):
        known("tool", tool, f"tools[{at}]")
        if len(tool) != 1:
            raise RefusedError(f"tools[{at}]: exactly one tool_type must be set")
        if "functionDeclarations" in tool:
            declared += check_declarations(tool)
        else:
            has_own = True
            known("provider's tool", next(iter(tool.values())), f"tools[{at}]")
    if len(set(declared)) != len(declared):
        raise RefusedError(f"Duplicate function declaration found: {declared}")
    config = check_tool_config(body, declared, route) if "toolConfig" in body else {}
    is_mixed = bool(declared) and has_own and not route.is_vertex and route.method != "countTokens"
    if is_mixed and config.get("includeServerSideToolInvocations") is not True:
        raise RefusedError(
            "Please enable tool_config.include_server_side_tool_invocations to use Built-in tools "
            "with Function calling."
        )


def check_tool_config(body: dict[str, Any], declared: list[str], route: Route) -> dict[str, Any]:
    place = " on vertex" if route.is_vertex else ""
    tool_config = known(f"toolConfig{place}", body["toolConfig"], "tool_config")
    config = tool_config["functionCallingConfig"]
    known(f"functionCallingConfig{place}", config, "tool_config.function_calling_config")
    if "streamFunctionCallArguments" in config and route.method != "streamGenerateContent":
        raise RefusedError("stream_function_call_arguments needs a streamed answer")
    if not declared:
        raise RefusedError("Function calling config is set without function_declarations.")
    if config["mode"] not in ("AUTO", "ANY", "NONE", "VALIDATED"):
        raise RefusedError(f"Invalid value at 'mode': {config['mode']}")
    allowed = config.get("allowedFunctionNames", [])
    if allowed and config["mode"] not in ("ANY", "VALIDATED"):
        raise RefusedError("allowed_function_names may be set only with mode ANY or VALIDATED")
    if not set(allowed) <= set(declared):
        raise RefusedError(f"allowed_function_names {allowed} are not all declared")
    return tool_config


def calls_of(content: dict[str, Any]) -> list[Any]:
    return [part["functionCall"] for part in content["parts"] if "functionCall" in part]


def check_data(data: dict[str, Any], where: str) -> None:
    if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", data["mimeType"]):
        raise RefusedError(f"Unsupported MIME type: {data['mimeType']}")
    try:
        base64.b64decode(data["data"], validate=True)
    except binascii.Error:
        raise RefusedError(f"Invalid value at '{where}.data': Base64 decoding failed") from None


def references(value: Any) -> list[str]:
    """The names of the files that a result refers to."""
    if isinstance(value, dict):
        own = [value["$ref"]] if value.keys() == {"$ref"} else []
        return own + [name for each in value.values() for name in references(each)]
    if isinstance(value, list):
        return [name for each in value for name in references(each)]
    return []


def check_result_files(result: dict[str, Any]) -> None:
    names = []
    for part in result.get("parts", []):
        where = "function_response.parts[0].inline_data"
        data = known("named data", known("data part", part, where)["inlineData"], where)
        check_data(data, where)
        if not data["mimeType"].startswith(("image/", "application/pdf", "text/plain")):
            raise RefusedError(f"Unsupported MIME type in a function response: {data['mimeType']}")
        names.append(data.get("displayName"))
    if sorted(references(result["response"])) != sorted(filter(None, names)):
        raise RefusedError(f"the response does not refer to its parts {names} once each")


def check_results(calls: list[Any], content: dict[str, Any]) -> None:
    """The content that follows these calls."""
    results = []
    for part in content["parts"]:
        if "functionResponse" not in part:
            raise RefusedError("function response turn comes with other parts")
        known("result part", part, "contents.parts")
        results.append(known("functionResponse", part["functionResponse"], "function_response"))
    if len(results) != len(calls):
        raise RefusedError(
            "Please ensure that the number of function response parts is equal to the number of "
            "function call parts of the function call turn."
        )
    for call, result in zip(calls, results, strict=True):
        if result["name"] != call.get("name", "") or result.get("id") != call.get("id"):
            raise RefusedError(f"the response {result} does not answer the call {call}")
        if not isinstance(result["response"], dict) or result["response"].keys() not in (
            {"output"},
            {"error"},
        ):
            raise RefusedError(f"response is neither an output nor an error: {result['response']}")
        check_result_files(result)


def check_user_parts(content: dict[str, Any], where: str) -> None:
    for part in content["parts"]:
        if "inlineData" in part:
            known("data part", part, where)
            check_data(known("data", part["inlineData"], f"{where}.inline_data"), where)
        else:
            known("text part", part, where)


def check_order(contents: list[Any]) -> None:
    """Roles, parts, and calls directly followed by their results."""
    open_calls: list[Any] = []
    for at, content in enumerate(contents):
        known("content", content, f"contents[{at}]")
        if content.get("role") not in ("user", "model"):
            raise RefusedError("Please use a valid role: user, model.")
        if not content.get("parts"):
            raise RefusedError("contents.parts must not be empty.")
        is_results = any("functionResponse" in part for part in content["parts"])
        if open_calls and not is_results:
            raise RefusedError("a function call turn must be followed directly by its responses")
        if is_results and (not open_calls or content["role"] != "user"):
            raise RefusedError(
                "Please ensure that function response turn comes immediately after a function "
                "call turn."
            )
        if is_results:
            check_results(open_calls, content)
        elif content["role"] == "user":
            check_user_parts(content, f"contents[{at}].parts")
        open_calls = calls_of(content) if content["role"] == "model" else []
    if open_calls or contents[-1]["role"] != "user":
        raise RefusedError("the last content is not the user's")


def missing_signature(name: str, place: int, is_vertex: bool) -> RefusedError:
    if is_vertex:
        return RefusedError(
            f"Unable to submit request because function call `{name}` in the {place}. content "
            "block is missing a `thought_signature`."
        )
    return RefusedError(
        "Function call is missing a thought_signature in functionCall parts. This is required for "
        "tools to work correctly, and missing thought_signature may lead to degraded model "
        f"performance. Additional data, function call `default_api:{name}` , position {place}."
    )


def check_echo(text: str, contents: list[Any], sent: list[Answer], is_vertex: bool) -> None:
    """Each content that the model sent is there again, byte for byte, and no other."""
    places = [at for at, content in enumerate(contents) if content["role"] == "model"]
    for place, was in zip(places, sent, strict=False):
        for part, said in zip(contents[place]["parts"], map(json.loads, was.parts), strict=False):
            wanted = said.get("thoughtSignature")
            if "functionCall" not in said or part.get("thoughtSignature") == wanted:
                continue
            if "thoughtSignature" in part:
                raise RefusedError("Invalid/Corrupted thought signature")
            raise missing_signature(said["functionCall"]["name"], place + 1, is_vertex)
    at = 0
    for piece in (piece for answer in sent for piece in answer.sent):
        at = text.find(piece, at)
        if at < 0:
            raise RefusedError(f"the model's content did not come back as it was sent: {piece}")
        at += len(piece)
    if len(places) != len(sent):
        raise RefusedError(f"{len(places)} contents of the model came back, {len(sent)} were sent")


def check_system(body: dict[str, Any]) -> None:
    if "systemInstruction" not in body:
        return
    for part in known("content", body["systemInstruction"], "system_instruction")["parts"]:
        known("text part", part, "system_instruction.parts")


def count_words(body: dict[str, Any]) -> int:
    """A count of tokens that everybody can check: the words of all texts and descriptions."""
    texts = [body.get("systemInstruction", {"parts": []}), *body["contents"]]
    words = [part.get("text", "") for content in texts for part in content["parts"]]
    words += [
        declaration["description"]
        for tool in body.get("tools", [])
        for declaration in tool.get("functionDeclarations", [])
    ]
    return sum(len(each.split()) for each in words)
