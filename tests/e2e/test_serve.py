"""`atonce serve` over HTTP: who is let in, what is refused, and how the server says how it is."""

import contextlib
import json
import signal
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
from conftest import Program, WriteTools
from serving import Server, modern, running

TOOLS = """
    def add(a: int, b: int) -> int:
        '''Add.'''
        return a + b

    def divide(a: int, b: int) -> float:
        return a / b
    """


def test_a_call_in_each_era(atonce: Program, tools: WriteTools) -> None:
    with running(atonce, tools(TOOLS)) as server:
        modern_result = server.call("add", {"a": 1, "b": 2}).json["result"]
        legacy_result = server.open_session().call("add", {"a": 1, "b": 2}).json["result"]

    assert legacy_result == {
        "content": [{"type": "text", "text": "3"}],
        "structuredContent": {"result": 3},
    }
    server_info = modern_result.pop("_meta")["io.modelcontextprotocol/serverInfo"]
    assert server_info["name"] == "my_tools"
    assert modern_result == legacy_result | {"resultType": "complete"}


def test_health_readiness_and_a_path_that_is_none(atonce: Program, tools: WriteTools) -> None:
    with running(atonce, tools(TOOLS)) as server:
        assert server.call("add", {"a": 1, "b": 2}).result == "3"  # so the tools are there

        assert server.get("/healthz").status == 200
        assert server.get("/readyz").status == 200
        assert server.get("/nothing").status == 404


def test_metrics_count_calls_by_tool_and_outcome(atonce: Program, tools: WriteTools) -> None:
    with running(atonce, tools(TOOLS)) as server:
        for _ in range(3):
            server.call("add", {"a": 1, "b": 2})
        server.call("add", {"a": "x", "b": 2})
        server.call("divide", {"a": 1, "b": 0})
        server.call("no_such_tool")
        figures = server.get("/metrics")

    assert figures.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = figures.text.splitlines()
    assert 'atonce_calls_total{tool="add",outcome="returned"} 3' in lines
    assert 'atonce_calls_total{tool="add",outcome="invalid"} 1' in lines
    assert 'atonce_calls_total{tool="divide",outcome="raised"} 1' in lines
    for gauge in ("atonce_calls_running", "atonce_calls_stuck", "atonce_gil_on"):
        assert f"{gauge} 0" in lines
    assert "no_such_tool" not in figures.text  # strangers choose no labels


# ---- who is let in


def test_tokens_are_asked_for_and_a_revoked_one_counts_no_more(
    atonce: Program, tools: WriteTools, tmp_path: Path
) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("ann one\nbob two\n")
    with running(atonce, tools(TOOLS), "--token-file", tokens) as server:
        none = server.call("add", {"a": 1, "b": 2})
        assert none.status == 401
        assert none.headers["WWW-Authenticate"] == "Bearer"
        wrong = server.call("add", Authorization="Bearer three")
        assert wrong.status == 401
        assert "invalid_token" in wrong.headers["WWW-Authenticate"]
        assert server.call("add", {"a": 1, "b": 2}, Authorization="Bearer one").result == "3"
        session = server.open_session(Authorization="Bearer one")
        assert session.call("add", {"a": 1, "b": 2}).status == 200
        assert server.get("/healthz").status == 200

        tokens.write_text("bob two\n")
        server.signal(signal.SIGHUP)
        server.wait_for("again")

        assert server.call("add", {"a": 1, "b": 2}, Authorization="Bearer one").status == 401
        assert session.call("add", {"a": 1, "b": 2}).status == 401
        assert server.call("add", {"a": 1, "b": 2}, Authorization="Bearer two").status == 200

        tokens.write_text("nonsense\n")
        server.signal(signal.SIGHUP)
        server.wait_for(r"error: .*tokens:1")
        assert server.call("add", {"a": 1, "b": 2}, Authorization="Bearer two").status == 200


def test_a_token_file_that_cannot_be_read_keeps_it_from_starting(
    atonce: Program, tools: WriteTools, tmp_path: Path
) -> None:
    done = atonce.run("serve", tools(TOOLS), "--port", 0, "--token-file", tmp_path / "none")

    assert done.code == 2
    assert "error: cannot read the tokens" in done.err and "hint: " in done.err


def test_a_foreign_host_is_refused_and_its_flag_lets_it_in(
    atonce: Program, tools: WriteTools
) -> None:
    with running(atonce, tools(TOOLS)) as server:
        refused = server.call("add", {"a": 1, "b": 2}, Host="tools.example")
    with running(atonce, tools(TOOLS), "--allowed-hosts", "tools.example") as server:
        let_in = server.call("add", {"a": 1, "b": 2}, Host="tools.example")

    assert refused.status == 421
    assert "--allowed-hosts tools.example" in refused.text
    assert let_in.result == "3"


def test_a_foreign_page_is_refused_and_its_flag_lets_it_in(
    atonce: Program, tools: WriteTools
) -> None:
    origin = "https://app.example"
    with running(atonce, tools(TOOLS)) as server:
        refused = server.call("add", {"a": 1, "b": 2}, Origin=origin)
        own = server.call("add", {"a": 1, "b": 2}, Origin=server.url)
    with running(atonce, tools(TOOLS), "--allowed-origins", origin) as server:
        let_in = server.call("add", {"a": 1, "b": 2}, Origin=origin)

    assert refused.status == 403
    assert f"--allowed-origins {origin}" in refused.text
    assert own.result == "3"
    assert let_in.result == "3"


def test_a_caller_that_asks_too_often_is_told_when_to_come_again(
    atonce: Program, tools: WriteTools
) -> None:
    with running(atonce, tools(TOOLS), "--rate-limit", "0.001") as server:
        first = server.call("add", {"a": 1, "b": 2})
        second = server.call("add", {"a": 1, "b": 2})
        health = server.get("/healthz")

    assert first.status == 200
    assert second.status == 429
    assert 1 <= int(second.headers["Retry-After"]) <= 1000
    assert health.status == 200


@pytest.fixture
def certificate(tmp_path: Path) -> "tuple[Path, Path]":
    """A certificate for this machine, and its key."""
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    write_certificate(*files)
    return files


def write_certificate(certificate: Path, key: Path) -> None:
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    subject = ["-days", "2", "-subj", "/CN=here", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-out", str(certificate), "-keyout", str(key)]
    subprocess.run(["openssl", "req", *options, *subject, *files], check=True, capture_output=True)


def call_over_tls(server: Server, certificate: Path) -> str:
    trust = ssl.create_default_context(cafile=str(certificate))
    body, headers = modern("tools/call", name="add", arguments={"a": 1, "b": 2})
    return str(server.ask("POST", "/mcp", body, headers, tls=trust).result)


def test_tls_and_a_new_certificate(
    atonce: Program, tools: WriteTools, certificate: "tuple[Path, Path]"
) -> None:
    file, key = certificate
    with running(atonce, tools(TOOLS), "--tls-cert", file, "--tls-key", key) as server:
        assert server.url.startswith("https://")
        assert call_over_tls(server, file) == "3"

        old = file.read_text()
        write_certificate(file, key)
        server.signal(signal.SIGHUP)
        server.wait_for("again")

        assert call_over_tls(server, file) == "3"
        file.write_text(old)
        with pytest.raises(ssl.SSLError):
            call_over_tls(server, file)


def test_a_certificate_without_its_key_is_refused(
    atonce: Program, tools: WriteTools, certificate: "tuple[Path, Path]"
) -> None:
    done = atonce.run("serve", tools(TOOLS), "--port", 0, "--tls-cert", certificate[0])

    assert done.code == 2
    assert "--tls-key" in done.err


# ---- what is refused


def test_requests_that_are_none_are_refused_one_by_one(atonce: Program, tools: WriteTools) -> None:
    body, headers = modern("tools/call", name="add", arguments={"a": 1, "b": 2})
    with running(atonce, tools(TOOLS)) as server:

        def status(body: str, **changed: str) -> int:
            return server.ask("POST", "/mcp", body, headers | changed).status

        assert status(body) == 200
        assert status(body, **{"Content-Type": "text/plain"}) == 415
        assert status(body, Accept="application/json") == 406
        assert status("{") == 400
        assert status(body, **{"Mcp-Name": "divide"}) == 400
        assert server.ask("GET", "/mcp", headers=headers).status == 405
        assert status(" " * (4 << 20) + body) == 413
        assert status(" " * ((4 << 20) - len(body)) + body) == 200  # as large as it may be
        deep = body.replace('"a": 1', '"a": ' + "[" * 5000 + "]" * 5000)
        assert status(deep) == 400
        assert status(body) == 200


RUDE = [
    b"nonsense\r\n\r\n",
    b"POST /mcp HTTP/1.1\r\n",
    b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
    b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n",
    b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000,
    b"GET /" + b"x" * 1_000_000,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    bytes(range(256)) * 100,
]


def start_rude(server: Server, rude: bytes) -> HTTPConnection:
    connection = server.connect()
    connection.connect()
    with contextlib.suppress(OSError):  # refused before it had said everything
        connection.sock.sendall(rude)
    return connection


def test_good_requests_are_answered_beside_malformed_huge_slow_and_cut_off_ones(
    atonce: Program, tools: WriteTools
) -> None:
    with running(atonce, tools(TOOLS)) as server:
        slow = [start_rude(server, rude) for rude in RUDE * 5]  # these never end

        def be_rude(number: int) -> None:
            start_rude(server, RUDE[number % len(RUDE)]).close()

        def be_good(number: int) -> str:
            return str(server.call("add", {"a": number, "b": 1}).result)

        with ThreadPoolExecutor(8) as pool:
            rude_ones = [pool.submit(be_rude, number) for number in range(100)]
            good_ones = [pool.submit(be_good, number) for number in range(100)]
            assert [each.result() for each in good_ones] == [str(n + 1) for n in range(100)]
            for each in rude_ones:
                each.result()
        for connection in slow:
            connection.close()
        assert server.get("/healthz").status == 200


def test_an_unknown_tool_and_bad_arguments(atonce: Program, tools: WriteTools) -> None:
    with running(atonce, tools(TOOLS)) as server:
        unknown = server.call("nothing")
        invalid = server.call("add", {"a": "x", "b": 2})
        raised = server.call("divide", {"a": 1, "b": 0})

    assert unknown.status == 400 and unknown.json["error"]["code"] == -32602
    assert invalid.status == 200 and invalid.json["result"]["isError"]
    assert "/a" in invalid.result
    assert raised.json["result"]["isError"] and "ZeroDivisionError" in raised.result


# ---- standard input and output


def test_over_stdio_what_a_tool_prints_is_not_in_the_way(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools("""
        import os
        import sys

        def shout() -> str:
            print("printed")
            os.write(1, b"written\\n")
            return sys.stdin.read()
        """)
    requests = [
        json.loads(modern("server/discover")[0]) | {"id": 1},
        json.loads(modern("tools/call", name="shout")[0]) | {"id": 2},
    ]
    child = atonce.start("serve", file, "--stdio")
    assert child.stdin and child.stdout
    with child:
        for request in requests:
            child.stdin.write(json.dumps(request) + "\n")
        child.stdin.flush()
        answers = [json.loads(child.stdout.readline()) for _ in requests]
        child.stdin.close()
        rest = child.stdout.read()
        code = child.wait(60)

    assert code == 0
    assert rest == ""
    by_id = {each["id"]: each["result"] for each in answers}
    assert by_id[1]["supportedVersions"][0] == "2026-07-28"
    assert by_id[2]["content"] == [{"type": "text", "text": ""}]


def test_over_stdio_sigterm_ends_it(atonce: Program, tools: WriteTools) -> None:
    child = atonce.start("serve", tools(TOOLS), "--stdio")
    assert child.stdin and child.stdout
    with child:
        child.stdin.write(modern("server/discover")[0] + "\n")
        child.stdin.flush()
        assert json.loads(child.stdout.readline())["id"] == 1

        child.send_signal(signal.SIGTERM)

        assert child.wait(60) == 0
