"""Where things are, and the program itself, for tests that run the real thing."""

import json
import os
import subprocess
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


# Of the environment: what would lead a test to a provider of the person's own, or to their tools.
HIDDEN = {
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GOOGLE_GEMINI_BASE_URL",
    "GOOGLE_OAUTH_ACCESS_TOKEN",
    "CLOUDSDK_AUTH_ACCESS_TOKEN",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_CLOUD_LOCATION",
    "GOOGLE_VERTEX_BASE_URL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "VIRTUAL_ENV",
}


@dataclass
class Finished:
    """What became of a run of the program."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document."""
        return json.loads(self.out)


class Program:
    """`build/atonce` with an environment of the test's own: no keys, no tools' environment."""

    path = ROOT / "build" / "atonce"

    def __init__(self, home: Path) -> None:
        self.environment = {key: value for key, value in os.environ.items() if key not in HIDDEN}
        self.environment["XDG_DATA_HOME"] = str(home / "data")
        self.environment["NO_COLOR"] = "1"

    def start(self, *arguments: object, **options: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [str(self.path), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
            **options,
        )

    def run(
        self, *arguments: object, stdin: str = "", cwd: Path | None = None, timeout: float = 120
    ) -> Finished:
        child = self.start(*arguments, cwd=cwd)
        try:
            out, err = child.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            raise AssertionError(f"no end within {timeout} s; it had said:\n{out}\n{err}") from None
        return Finished(child.returncode, out, err)

    def call(self, tools: Path, name: str, arguments: object = None, *options: object) -> Finished:
        return self.run("call", tools, name, json.dumps(arguments or {}), *options)

    def turn(self, tools: Path, calls: list[tuple[str, Any]], *options: object) -> list[Any]:
        """The outcomes of a turn of (name, arguments) calls."""
        plan = [
            {"id": str(at), "name": name, "args": args} for at, (name, args) in enumerate(calls)
        ]
        done = self.run("call", tools, "--turn", "-", *options, stdin=json.dumps(plan))
        assert done.code == 0, done.err
        outcomes: list[Any] = done.json
        assert [each["id"] for each in outcomes] == [call["id"] for call in plan]
        return outcomes


@pytest.fixture
def atonce(tmp_path: Path) -> Program:
    """The program; tests fail, not skip, when it is not built."""
    assert Program.path.exists(), f"{Program.path} is missing: run `make build`"
    return Program(tmp_path)


WriteTools = Callable[[str], Path]


@pytest.fixture
def tools(tmp_path: Path) -> WriteTools:
    """Writes a tools file and gives its path."""

    def write(source: str) -> Path:
        path = tmp_path / "my_tools.py"
        path.write_text(textwrap.dedent(source).lstrip(), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def meetup() -> Path:
    return ROOT / "examples" / "meetup.py"
