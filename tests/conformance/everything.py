"""Everything that the conformance suite asks of a server, under the names that it looks for.

The names, the texts and the keys are the suite's; so is the order in one point: the first tool must
take a call without arguments.
"""

import base64
import time
from typing import Annotated, Any

import atonce
from pydantic import Field

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)
SOUND = base64.b64decode("UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=")
STEP = 0.05  # seconds between the steps of a tool that tells of its progress


def form(**properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of a form whose fields are all required."""
    return {"type": "object", "properties": properties, "required": list(properties)}


NAME = form(name={"type": "string"})
CONFIRMATION = form(ok={"type": "boolean"})


# ---- Tools: kinds of results ----


@atonce.tool
def test_simple_text() -> str:
    """Answers with one text."""
    return "This is a simple text response for testing."


@atonce.tool
def test_image_content() -> atonce.Image:
    """Answers with a picture."""
    return atonce.Image(PICTURE, "image/png")


@atonce.tool
def test_audio_content() -> atonce.Audio:
    """Answers with a sound."""
    return atonce.Audio(SOUND, "audio/wav")


@atonce.tool
def test_embedded_resource() -> atonce.EmbeddedResource:
    """Answers with a resource."""
    return atonce.EmbeddedResource(
        "test://embedded-resource",
        "This is an embedded resource content.",
        mime_type="text/plain",
    )


@atonce.tool
def test_multiple_content_types() -> atonce.ToolResult:
    """Answers with a text, a picture and a resource."""
    return atonce.ToolResult(
        [
            "Multiple content types test:",
            atonce.Image(PICTURE, "image/png"),
            atonce.EmbeddedResource(
                "test://mixed-content-resource",
                '{"test": "data", "value": 123}',
                mime_type="application/json",
            ),
        ]
    )


@atonce.tool
def test_error_handling() -> str:
    """Always fails."""
    raise RuntimeError("This tool intentionally returns an error for testing")


# ---- Tools: what is said while they run ----


@atonce.tool
def test_tool_with_progress(ctx: atonce.Context) -> str:
    """Tells how far it is, three times."""
    for done in (0, 50, 100):
        ctx.progress(done, 100, f"Completed step {done} of 100")
        time.sleep(STEP)
    return "Progress reported"


def log_three_times(ctx: atonce.Context) -> None:
    for step in ("started", "processing data", "completed"):
        ctx.log(f"Tool execution {step}", "info")
        time.sleep(STEP)


@atonce.tool
def test_tool_with_logging(ctx: atonce.Context) -> str:
    """Logs three lines."""
    log_three_times(ctx)
    return "Tool with logging executed successfully"


@atonce.tool
def test_logging_tool(ctx: atonce.Context) -> str:
    """Logs three lines, which a request that did not ask for any must not see."""
    log_three_times(ctx)
    return "Tool with logging executed successfully"


@atonce.tool
def test_reconnection(ctx: atonce.Context) -> str:
    """Logs before and after a pause, in which its caller may leave and come back."""
    ctx.log("Before disconnect", "info")
    time.sleep(4 * STEP)
    ctx.log("After reconnect", "info")
    return "Reconnection test completed"


@atonce.tool
def test_trigger_tool_change(ctx: atonce.Context) -> str:
    """Says that the list of tools has changed."""
    ctx.list_changed("tools")
    return "tool list changed"


@atonce.tool
def test_trigger_prompt_change(ctx: atonce.Context) -> str:
    """Says that the list of prompts has changed."""
    ctx.list_changed("prompts")
    return "prompt list changed"


@atonce.tool
def test_trigger_resource_update(ctx: atonce.Context) -> str:
    """Says that the watched resource has changed."""
    ctx.resource_updated("test://watched-resource")
    return "resource updated"


# ---- Tools: what they ask their caller ----


@atonce.tool
def test_sampling(prompt: str, ctx: atonce.Context) -> str:
    """Has the caller's model answer a prompt."""
    answer = ctx.sample(prompt, max_tokens=100, key="answer")
    return f"LLM response: {answer.text}"


@atonce.tool
def test_elicitation(message: str, ctx: atonce.Context) -> str:
    """Asks the user a question."""
    asked = form(
        username={"type": "string", "description": "User's response"},
        email={"type": "string", "description": "User's email address"},
    )
    answer = ctx.elicit(message, asked, key="user")
    return f"User response: action={answer.action}, content={answer.content}"


@atonce.tool
def test_elicitation_sep1034_defaults(ctx: atonce.Context) -> str:
    """Asks with a form whose fields have defaults."""
    asked = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "User name", "default": "John Doe"},
            "age": {"type": "integer", "description": "User age", "default": 30},
            "score": {"type": "number", "description": "User score", "default": 95.5},
            "status": {
                "type": "string",
                "description": "User status",
                "enum": ["active", "inactive", "pending"],
                "default": "active",
            },
            "verified": {"type": "boolean", "description": "Verification", "default": True},
        },
        "required": [],
    }
    answer = ctx.elicit("Please provide user information", asked, key="user")
    return f"Elicitation result: action={answer.action}, content={answer.content}"


@atonce.tool
def test_elicitation_sep1330_enums(ctx: atonce.Context) -> str:
    """Asks with every form of a choice."""
    titled = {"low": "Low Priority", "medium": "Medium Priority", "high": "High Priority"}
    topics = {"feature": "New Feature", "bug": "Bug Fix", "docs": "Documentation"}
    asked = form(
        untitledSingle={"type": "string", "enum": ["active", "inactive", "pending"]},
        titledSingle={"type": "string", "oneOf": choices(titled)},
        legacyEnum={
            "type": "string",
            "enum": ["small", "medium", "large"],
            "enumNames": ["Small Size", "Medium Size", "Large Size"],
        },
        untitledMulti={
            "type": "array",
            "items": {"type": "string", "enum": ["read", "write", "execute"]},
        },
        titledMulti={"type": "array", "items": {"anyOf": choices(topics)}},
    )
    answer = ctx.elicit("Please select values", asked, key="choices")
    return f"Elicitation completed: action={answer.action}, content={answer.content}"


def choices(titles: dict[str, str]) -> list[dict[str, str]]:
    return [{"const": value, "title": title} for value, title in titles.items()]


@atonce.tool
def test_missing_capability(ctx: atonce.Context) -> str:
    """Cannot go on without the caller's model."""
    answer = ctx.sample("Say hello", max_tokens=50, key="hello")
    return f"The model said: {answer.text}"


@atonce.tool
def test_streaming_elicitation(ctx: atonce.Context) -> str:
    """Tells of its progress, then asks."""
    ctx.progress(1, 2, "About to ask")
    answer = ctx.elicit("What is your name?", NAME, key="user_name")
    return f"User response: action={answer.action}"


@atonce.tool
def test_input_required_result_elicitation(ctx: atonce.Context) -> str:
    """Greets by the name that the user gives."""
    answer = ctx.elicit("What is your name?", NAME, key="user_name")
    return f"Hello, {answer.content['name']}!" if answer.action == "accept" else "Hello!"


@atonce.tool
def test_input_required_result_sampling(ctx: atonce.Context) -> str:
    """Asks the caller's model for a capital."""
    answer = ctx.sample("What is the capital of France?", max_tokens=100, key="capital_question")
    return f"Model said: {answer.text}"


@atonce.tool
def test_input_required_result_list_roots(ctx: atonce.Context) -> str:
    """Counts the caller's roots."""
    return f"Client exposed {len(ctx.roots(key='client_roots'))} root(s)."


@atonce.tool
def test_input_required_result_request_state(ctx: atonce.Context) -> str:
    """Is asked again with the state that it was given."""
    answer = ctx.elicit("Please confirm", CONFIRMATION, key="confirm")
    return f"state-ok: {answer.action}"


@atonce.tool
def test_input_required_result_tampered_state(ctx: atonce.Context) -> str:
    """Must never get an answer with a state that was tampered with."""
    answer = ctx.elicit("Please confirm", CONFIRMATION, key="confirm")
    return f"state-ok: {answer.action}"


@atonce.tool
def test_input_required_result_multiple_inputs(ctx: atonce.Context) -> str:
    """Asks for three things at once."""
    ctx.ask_all(
        user_name=atonce.Elicit("What is your name?", NAME),
        greeting=atonce.Sample("Generate a greeting", max_tokens=50),
        client_roots=atonce.Roots(),
    )
    return "All inputs received."


@atonce.tool
def test_input_required_result_multi_round(ctx: atonce.Context) -> str:
    """Asks twice, one after the other."""
    name = ctx.elicit("Step 1: What is your name?", NAME, key="step1")
    wanted = form(color={"type": "string"})
    color = ctx.elicit("Step 2: What is your favorite color?", wanted, key="step2")
    return f"{name.content} likes {color.content}"


@atonce.tool
def test_input_required_result_capabilities(ctx: atonce.Context) -> str:
    """Asks only for what the caller can do."""
    able = ctx.client["capabilities"]
    requests: dict[str, Any] = {}
    if "sampling" in able:
        requests["sample"] = atonce.Sample("Say hello", max_tokens=50)
    if "elicitation" in able:
        requests["ask"] = atonce.Elicit("What is your name?", NAME)
    return f"{len(ctx.ask_all(**requests))} answer(s)"


# ---- Tools: schemas ----


@atonce.tool
def test_x_mcp_header(
    region: Annotated[
        str,
        Field(
            description="Mirrored into a header",
            json_schema_extra={"x-mcp-header": "Region"},
        ),
    ] = "<none>",
) -> str:
    """Has a parameter that comes in a header, too."""
    return f"region={region}"


@atonce.tool(
    schema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
            }
        },
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"},
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": False,
    }
)
def json_schema_2020_12_tool(
    name: str = "",
    address: dict[str, str] | None = None,
    contactMethod: str = "email",  # noqa: N803  # the suite's name
    phone: str = "",
    email: str = "",
) -> str:
    """Has a schema of its own, which must be listed as it is."""
    return f"{name} at {address}: {contactMethod} {phone}{email}"


# ---- Resources ----


@atonce.resource("test://static-text", mime_type="text/plain")
def static_text() -> str:
    """A text that never changes."""
    return "This is the content of the static text resource."


@atonce.resource("test://static-binary", mime_type="image/png")
def static_binary() -> bytes:
    """A picture that never changes."""
    return PICTURE


@atonce.resource("test://template/{id}/data", mime_type="application/json")
def template(id: str) -> dict[str, Any]:  # noqa: A002  # the suite's name
    """One document for each id."""
    return {"id": id, "templateTest": True, "data": f"Data for ID: {id}"}


@atonce.resource("test://watched-resource", mime_type="text/plain")
def watched() -> str:
    """A text that may be subscribed to."""
    return "Watched resource content"


# ---- Prompts ----


@atonce.prompt
def test_simple_prompt() -> str:
    """A prompt without arguments."""
    return "This is a simple prompt for testing."


@atonce.prompt
def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
    """A prompt made of two arguments."""
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


@atonce.complete(test_prompt_with_arguments, "arg1")
def complete_arg1(value: str) -> list[str]:
    """What the first argument may begin with."""
    return [place for place in ("paris", "park", "party") if place.startswith(value)]


@atonce.prompt
def test_prompt_with_embedded_resource(resourceUri: str) -> list[Any]:  # noqa: N803
    """A prompt that brings a resource along."""
    brought = "Embedded resource content for testing."
    return [
        atonce.EmbeddedResource(resourceUri, brought, mime_type="text/plain"),
        "Please process the embedded resource above.",
    ]


@atonce.prompt
def test_prompt_with_image() -> list[Any]:
    """A prompt that brings a picture along."""
    return [atonce.Image(PICTURE, "image/png"), "Please analyze the image above."]


@atonce.prompt
def test_input_required_result_prompt(ctx: atonce.Context) -> str:
    """A prompt that first asks the user."""
    wanted = form(context={"type": "string"})
    answer = ctx.elicit("What context should the prompt use?", wanted, key="user_context")
    return f"Use the following context: {answer.content}"
