"""A model's server on this machine: it plays a script, and a strict one refuses wrong requests.

Each request takes the next answer of the script if `check` has nothing against it; else the answer
is what `refuse` makes of it, and `problems` says why.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class RefusedError(Exception):
    """The request breaks a rule; the text is the server's message."""


@dataclass
class Answer:
    """What to do with one request."""

    body: str = ""
    status: int = 200
    sent: tuple[str, ...] = ()  # what of the model must come back verbatim: a whole, or its parts
    parts: tuple[str, ...] = ()  # the parts of that whole
    # A stream: each is sent once `gates[at]()` returns, as an event's data or, if it begins with
    # "event:", as a whole event.
    chunks: tuple[str, ...] = ()
    gates: tuple[Callable[[], object], ...] = ()
    content_type: str = "application/json; charset=UTF-8"
    lost_bytes: int = 0  # promised beyond the body, before the connection is closed
    is_silent: bool = False  # never answers
    id: str = ""  # by which the server remembers it


@dataclass
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]  # names in lower case
    text: str
    body: Any
    method: str = "POST"


class ScriptedServer:
    """The server; runs while it is used as a context."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[Asked] = []
        self.problems: list[str] = []
        self.has_asked = threading.Semaphore(0)  # one for each request
        self.sent: list[Answer] = []  # the answers given that said something of the model
        self._script: Iterator[Answer] = iter(answers)
        self._is_stopping = threading.Event()
        self._lock = threading.Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                fake._serve(self)

            def do_GET(self) -> None:
                fake._serve(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def check(self, asked: Asked) -> None:
        """Raises RefusedError for a request that breaks the API's rules."""
        raise NotImplementedError

    def own_answer(self, _asked: Asked) -> Answer | None:
        """The answer to a request that is not for the script."""
        return None

    def refuse(self, message: str) -> Answer:
        """The API's answer to a request that breaks its rules."""
        raise NotImplementedError

    def turn_away(self, headers: dict[str, str]) -> Answer | None:
        """The answer to a caller that may not ask, if it may not."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        text = handler.rfile.read(int(handler.headers.get("Content-Length", 0))).decode()
        with self._lock:
            answer = self._answer(handler, text)
        self.has_asked.release()
        if answer.is_silent:
            self._is_stopping.wait()
            handler.close_connection = True
            return
        if answer.chunks:
            self._stream(handler, answer)
            return
        body = answer.body.encode()
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.content_type)
        handler.send_header("Content-Length", str(len(body) + answer.lost_bytes))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = answer.lost_bytes > 0

    def _stream(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.content_type)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        with contextlib.suppress(ConnectionError):  # the program may have ended by now
            for at, chunk in enumerate(answer.chunks):
                if at < len(answer.gates):
                    answer.gates[at]()
                event = f"{chunk}\n\n" if chunk.startswith("event:") else f"data: {chunk}\r\n\r\n"
                handler.wfile.write(event.encode())
                handler.wfile.flush()

    def _answer(self, handler: BaseHTTPRequestHandler, text: str) -> Answer:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        if (away := self.turn_away(headers)) is not None:
            return away
        try:
            body = json.loads(text) if text else None
            asked = Asked(handler.path, headers, text, body, handler.command)
            self.asked.append(asked)
            self.check(asked)
            if (own := self.own_answer(asked)) is not None:
                return own
        except RefusedError as refused:
            self.problems.append(str(refused))
            return self.refuse(str(refused))
        except (KeyError, TypeError, ValueError) as broken:
            self.problems.append(f"{type(broken).__name__}: {broken}")
            return self.refuse(f"the request has a wrong form: {broken!r}")
        answer = next(self._script, None)
        if answer is None:
            self.problems.append("asked more often than the script has answers")
            return self.refuse("the script has ended")
        if answer.sent or answer.parts:
            self.sent.append(answer)
        return answer


def when_there(path: Path, seen: list[bool] | None = None) -> Callable[[], None]:
    """A gate that opens once the file exists, or after a while; which of them, `seen` is told."""

    def wait() -> None:
        until = time.monotonic() + 20
        while not path.exists() and time.monotonic() < until:
            time.sleep(0.005)
        if seen is not None:
            seen.append(path.exists())

    return wait


def typed(value: Any, kind: type | tuple[type, ...], where: str) -> Any:
    """The value, after a look at its type."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise RefusedError(f"Invalid type for '{where}': {type(value).__name__}")
    return value


def known_parameters(allowed: set[str], value: Any, where: str = "") -> dict[str, Any]:
    """As known(), in OpenAI's words."""
    for name in typed(value, dict, where):
        if name not in allowed:
            raise RefusedError(f"Unknown parameter: '{f'{where}.' if where else ''}{name}'.")
    return value  # type: ignore[no-any-return]


def known(allowed: set[str], value: Any, where: str) -> dict[str, Any]:
    """The object, after a look at its fields."""
    if not isinstance(value, dict):
        raise RefusedError(f"Invalid value at '{where}': not an object")
    for name in value:
        if name not in allowed:
            raise RefusedError(
                f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': "
                "Cannot find field."
            )
    return value
