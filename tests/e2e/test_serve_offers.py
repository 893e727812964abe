"""What a file offers beside plain tools, from its functions to the wire: resources, prompts,
completions, questions, headers that repeat arguments, and news of what has changed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Program, WriteTools
from serving import Answer, Server, modern, running

TOOLS = """
    from typing import Annotated

    import atonce

    FORM = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


    @atonce.resource("test://{id}/data")
    def data(id: int) -> str:
        '''Data of a number.'''
        return f"number {id}"


    @atonce.prompt
    def greet(name: str) -> str:
        '''Greets.'''
        return f"Greet {name}!"


    @atonce.complete(greet, "name")
    def names(value: str) -> list[str]:
        return [name for name in ("Al", "Ann", "Bob") if name.startswith(value)]


    @atonce.tool
    def search(region: Annotated[str, atonce.Header("Region")]) -> str:
        return region


    @atonce.tool
    def ask(ctx: atonce.Context) -> str:
        first = ctx.elicit("Your name?", FORM, key="first")
        second = ctx.elicit("And the other's?", FORM, key="second")
        return f"{first.content['name']} and {second.content['name']}"


    @atonce.tool
    def change(ctx: atonce.Context) -> None:
        ctx.list_changed("tools")
        ctx.resource_updated("test://1/data")
    """
ELICITS = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}}


@pytest.fixture
def server(atonce: Program, tools: WriteTools) -> Iterator[Server]:
    with running(atonce, tools(TOOLS)) as server:
        yield server


def request(server: Server, method: str, uri: str = "", **params: Any) -> Answer:
    if uri:
        params["uri"] = uri
    body, headers = modern(method, **params)
    return server.ask("POST", "/mcp", body, headers | ({"Mcp-Name": uri} if uri else {}))


def test_a_resource_is_read_by_its_template(server: Server) -> None:
    listed = request(server, "resources/templates/list").json["result"]
    read = request(server, "resources/read", "test://7/data").json["result"]
    wrong = request(server, "resources/read", "test://seven/data")
    unknown = request(server, "resources/read", "test://7/other")

    assert [each["uriTemplate"] for each in listed["resourceTemplates"]] == ["test://{id}/data"]
    assert read["contents"][0]["uri"] == "test://7/data"
    assert read["contents"][0]["text"] == "number 7"
    assert read["ttlMs"] == 0 and read["cacheScope"] == "private"
    assert (wrong.status, wrong.json["error"]["code"]) == (400, -32602)
    assert unknown.json["error"]["data"] == {"uri": "test://7/other"}


def test_a_prompt_is_got_and_its_argument_completed(server: Server) -> None:
    got = request(server, "prompts/get", name="greet", arguments={"name": "Al"}).json["result"]
    missing = request(server, "prompts/get", name="greet")
    completed = request(
        server,
        "completion/complete",
        ref={"type": "ref/prompt", "name": "greet"},
        argument={"name": "name", "value": "A"},
    ).json["result"]

    assert got["messages"] == [{"role": "user", "content": {"type": "text", "text": "Greet Al!"}}]
    assert (missing.status, missing.json["error"]["code"]) == (400, -32602)
    assert completed["completion"] == {"values": ["Al", "Ann"], "total": 2, "hasMore": False}


def test_a_header_must_repeat_its_argument(server: Server) -> None:
    arguments = {"region": "Zürich"}

    assert server.call(
        "search", arguments, **{"Mcp-Param-Region": "=?base64?WsO8cmljaA==?="}
    ).result
    for headers in ({}, {"Mcp-Param-Region": "Bern"}, {"Mcp-Param-Region": "=?base64?Wg?="}):
        refused = server.call("search", arguments, **headers)
        assert (refused.status, refused.json["error"]["code"]) == (400, -32020)


def accept(key: str, name: str) -> "dict[str, Any]":
    return {key: {"action": "accept", "content": {"name": name}}}


def test_a_modern_client_is_asked_round_by_round(server: Server) -> None:
    first = request(server, "tools/call", name="ask", arguments={}, _meta=ELICITS).json["result"]
    second = request(
        server,
        "tools/call",
        name="ask",
        arguments={},
        _meta=ELICITS,
        inputResponses=accept("first", "Al"),
        requestState=first["requestState"],
    ).json["result"]

    def last(state: str) -> Answer:
        return request(
            server,
            "tools/call",
            name="ask",
            arguments={},
            _meta=ELICITS,
            inputResponses=accept("second", "Ann"),
            requestState=state,
        )

    assert first["resultType"] == second["resultType"] == "input_required"
    assert list(first["inputRequests"]) == ["first"]
    assert list(second["inputRequests"]) == ["second"]
    assert last(second["requestState"]).result == "Al and Ann"
    tampered = last(second["requestState"] + "-TAMPERED")
    assert (tampered.status, tampered.json["error"]["code"]) == (400, -32602)
    silent = server.call("ask")
    assert (silent.status, silent.json["error"]["code"]) == (400, -32021)


def test_a_legacy_client_is_asked_on_its_stream(server: Server) -> None:
    session = server.open_session()
    undeclared = session.call("ask")
    assert undeclared.json["result"]["isError"]
    assert "elicitation" in undeclared.result

    session = server.open_session(capabilities={"elicitation": {}})
    client = server.connect()
    params = {"name": "ask", "arguments": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    client.request("POST", "/mcp", json.dumps(message), session.headers)
    stream = client.getresponse()
    for name in ("Al", "Ann"):
        question = next_event(stream)
        assert question["method"] == "elicitation/create"
        answer = {"action": "accept", "content": {"name": name}}
        reply = {"jsonrpc": "2.0", "id": question["id"], "result": answer}
        said = server.ask("POST", "/mcp", json.dumps(reply), session.headers)
        assert said.status == 202
    assert next_event(stream)["result"]["content"][0]["text"] == "Al and Ann"
    client.close()


def next_event(stream: Any) -> Any:
    for line in stream:
        if line.startswith(b"data: "):
            return json.loads(line[6:])
    raise AssertionError("the stream has ended")


def test_a_listener_hears_what_a_call_has_changed(server: Server) -> None:
    wanted = {"toolsListChanged": True, "resourceSubscriptions": ["test://1/data"]}
    body, headers = modern("subscriptions/listen", notifications=wanted)
    client = server.connect()
    client.request("POST", "/mcp", body, headers)
    stream = client.getresponse()
    assert next_event(stream)["params"]["notifications"] == wanted

    assert server.call("change").status == 200

    assert next_event(stream)["method"] == "notifications/tools/list_changed"
    updated = next_event(stream)
    assert updated["method"] == "notifications/resources/updated"
    assert updated["params"]["uri"] == "test://1/data"
    client.close()
