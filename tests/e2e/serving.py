"""`atonce serve` for the length of a test, on a port that is free."""

import contextlib
import http.client
import json
import re
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from conftest import Program

LISTENING = re.compile(r"listening on (https?://\S+?)/?$")
PATIENCE = 120.0  # seconds, for what must happen
MODERN = "2026-07-28"
PLAIN = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def json(self) -> Any:
        """The JSON-RPC message: the whole body, or a stream's last event."""
        if self.headers.get_content_type() == "text/event-stream":
            return self.events[-1]
        return json.loads(self.text)

    @property
    def events(self) -> list[Any]:
        return [
            json.loads(line[6:]) for line in self.text.splitlines() if line.startswith("data: ")
        ]

    @property
    def result(self) -> Any:
        """What the tool gave, as text; fails for an error of the protocol."""
        assert "result" in self.json, self.text
        return self.json["result"]["content"][0]["text"]


class Server:
    """A server that runs, and what it said; its first line is awaited."""

    def __init__(self, atonce: Program, *arguments: object) -> None:
        self.child = atonce.start("serve", "--port", 0, *arguments)
        self._lines: list[str] = []
        self._has_more = threading.Condition()
        # What it says is read at all times, since a full pipe would stop it.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self.wait_for(LISTENING)[1]

    def _read(self) -> None:
        for line in self.child.stderr or ():
            with self._has_more:
                self._lines.append(line.rstrip("\n"))
                self._has_more.notify_all()
        with self._has_more:
            self._lines.append("")  # the end
            self._has_more.notify_all()

    @property
    def said(self) -> str:
        with self._has_more:
            return "\n".join(self._lines)

    def wait_for(self, wanted: "re.Pattern[str] | str") -> "re.Match[str]":
        """The first line that has it, once it was said."""
        at = 0
        with self._has_more:
            while True:
                for line in self._lines[at:]:
                    if found := re.search(wanted, line):
                        return found
                at = len(self._lines)
                assert at == 0 or self._lines[-1] or self.child.poll() is None, self._lines
                assert self._has_more.wait(PATIENCE), f"never said {wanted}; but:\n{self._lines}"

    def signal(self, number: signal.Signals) -> None:
        self.child.send_signal(number)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        code = self.child.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def connect(self, tls: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
        place = self.url.split("//")[1]
        if tls:
            return http.client.HTTPSConnection(place, timeout=PATIENCE, context=tls)
        return http.client.HTTPConnection(place, timeout=PATIENCE)

    def ask(
        self,
        method: str,
        path: str,
        body: "str | bytes | None" = None,
        headers: "dict[str, str] | None" = None,
        tls: ssl.SSLContext | None = None,
    ) -> Answer:
        with contextlib.closing(self.connect(tls)) as connection:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def call(self, name: str, arguments: Any = None, **headers: str) -> Answer:
        """Calls a tool as a client of the newest revision does."""
        body, more = modern("tools/call", name=name, arguments=arguments or {})
        return self.ask("POST", "/mcp", body, more | headers)

    def open_session(self, capabilities: Any = None, **headers: str) -> "Session":
        return Session(self, capabilities or {}, headers)


class Session:
    """A client of the older revisions."""

    def __init__(self, server: Server, capabilities: Any, headers: "dict[str, str]") -> None:
        self.server = server
        self.headers = PLAIN | headers
        params = {
            "protocolVersion": "2025-11-25",
            "capabilities": capabilities,
            "clientInfo": {"name": "tests", "version": "1"},
        }
        answer = self.ask("initialize", params)
        self.headers |= {
            "Mcp-Session-Id": answer.headers["Mcp-Session-Id"],
            "MCP-Protocol-Version": "2025-11-25",
        }

    def ask(self, method: str, params: Any) -> Answer:
        return self.server.ask("POST", "/mcp", legacy(method, params), self.headers)

    def call(self, name: str, arguments: Any = None) -> Answer:
        return self.ask("tools/call", {"name": name, "arguments": arguments or {}})


def modern(method: str, **params: Any) -> "tuple[str, dict[str, str]]":
    """A request of the newest revision: its body and its headers."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    } | params.pop("_meta", {})
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"_meta": meta, **params}}
    headers = PLAIN | {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
    if "name" in params:
        headers["Mcp-Name"] = params["name"]
    return json.dumps(message), headers


def legacy(method: str, params: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


@contextlib.contextmanager
def running(atonce: Program, *arguments: object) -> Iterator[Server]:
    """A server while it runs, however the test ends it; `arguments` are tools and options."""
    server = Server(atonce, *arguments)
    try:
        yield server
    finally:
        server.child.kill()
        server.wait()
        for stream in (server.child.stdin, server.child.stdout, server.child.stderr):
            if stream:
                stream.close()


@contextlib.contextmanager
def serving(atonce: Program, *arguments: object) -> Iterator[str]:
    """The server's address, while it runs. It must end by itself when it is told to."""
    with running(atonce, *arguments) as server:
        yield server.url
        server.signal(signal.SIGTERM)
        code = server.wait()
        assert code == 0, f"exit code {code}, after:\n{server.said}"


class Gate:
    """Where a tool says that it is in, and waits until it may go on; see HOLDING."""

    def __init__(self) -> None:
        self._guests: list[Guest] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> "Gate":
        return self

    def __exit__(self, *_: object) -> None:
        """Whoever still waits goes on, since its connection ends."""
        for guest in self._guests:
            guest.close()
        self._listener.close()

    def entered(self) -> "Guest":
        """The next one that comes in."""
        connection, _ = self._listener.accept()
        connection.settimeout(PATIENCE)
        self._guests.append(Guest(connection))
        return self._guests[-1]

    def expect_nobody(self) -> None:
        """Nobody has come in by now."""
        self._listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            self._listener.accept()
        self._listener.settimeout(PATIENCE)


class Guest:
    """A tool that waits at a gate."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._said = connection.makefile()
        self.name = self.hear()

    def hear(self) -> str:
        """What it says next; "" once it is gone."""
        return self._said.readline().rstrip("\n")

    def let_go(self) -> None:
        self._connection.sendall(b"go\n")

    def close(self) -> None:
        self._said.close()
        self._connection.close()


# What a tools file needs to wait at a gate.
HOLDING = """
import socket


class At:
    def __init__(self, port: int, name: str) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port))
        self.heard = self.connection.makefile()
        self.say(name)

    def say(self, what: str) -> None:
        self.connection.sendall(what.encode() + b"\\n")

    def wait(self) -> None:
        self.heard.readline()

    def leave(self) -> None:
        self.heard.close()
        self.connection.close()


def _hold(port: int, name: str) -> str:
    at = At(port, name)
    at.wait()
    at.say("out")
    at.leave()
    return name
"""
