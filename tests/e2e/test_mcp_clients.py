"""Clients as people use them, unchanged, against `atonce serve`: in both eras of the protocol,
over HTTP and over standard input and output.

Each client is a program of its own (tests/clients), since no environment can hold all of them.
"""

import functools
import json
import subprocess
from typing import Any

import pytest
from conftest import ROOT, Program
from serving import serving

CLIENTS = ROOT / "tests" / "clients"
DRIVERS = {
    "mcp-2": "mcp2.py",
    "mcp-1": "mcp1.py",
    "fastmcp": "fastmcp_client.py",
    "typescript": "typescript_client.mjs",
}
REVISIONS = {"auto": "2026-07-28", "legacy": "2025-11-25"}
# mcp 1 knows the old era alone.
RUNS = [
    (client, mode, transport)
    for client in DRIVERS
    for mode in REVISIONS
    for transport in ("http", "stdio")
    if (client, mode) != ("mcp-1", "auto")
]
PARTIES = 8


@functools.cache
def environment_of(client: str) -> tuple[str, str]:
    """The folder of what it needs; and why there is none."""
    made = subprocess.run(
        [ROOT / "tools" / "client_environment.sh", client], capture_output=True, text=True
    )
    wrong = [line for line in made.stderr.splitlines() if line.startswith("error: ")]
    return made.stdout.strip(), "" if made.returncode == 0 else (wrong or [made.stderr])[0]


def command_of(client: str) -> list[str]:
    """What runs its driver, without the driver's own arguments. Skips where it cannot be had."""
    folder, problem = environment_of(client)
    if problem:
        pytest.skip(f"{client}: {problem}")
    driver = str(CLIENTS / DRIVERS[client])
    if client == "typescript":
        return [f"{folder}/node_modules/.bin/node", driver, folder]
    return [f"{folder}/bin/python", driver]


@pytest.fixture(scope="module", params=RUNS, ids="-".join)
def heard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a client got from a server of its own; one run for all that is asked about it."""
    client, mode, transport = request.param
    command = command_of(client)
    assert Program.path.exists(), f"{Program.path} is missing: run `make build`"
    tools = CLIENTS / "tools.py"
    if transport == "stdio":
        server = [str(Program.path), "serve", str(tools), "--stdio"]
        return {"mode": mode, **run_driver(command, json.dumps(server), mode)}
    with serving(Program(tmp_path_factory.mktemp("home")), tools) as url:
        return {"mode": mode, **run_driver(command, f"{url}/mcp", mode)}


def run_driver(command: list[str], target: str, mode: str) -> Any:
    done = subprocess.run([*command, target, mode], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_client_agrees_on_the_newest_revision_of_its_era(heard: Any) -> None:
    assert heard["protocol"] == REVISIONS[heard["mode"]]


def test_client_lists_the_tools(heard: Any) -> None:
    assert heard["tools"] == ["add", "count", "divide", "go_on", "hold", "how_hold_ended", "meet"]


def test_client_gets_a_result_as_text_and_as_structured_content(heard: Any) -> None:
    assert heard["add"] == {"is_error": False, "text": "3", "structured": {"result": 3}}


def test_client_gets_an_exception_as_the_tools_error(heard: Any) -> None:
    assert heard["error"]["is_error"]
    assert "division by zero" in heard["error"]["text"]


def test_client_is_told_which_argument_is_wrong(heard: Any) -> None:
    assert heard["bad_arguments"]["is_error"]
    assert "/a" in heard["bad_arguments"]["text"]


def test_client_hears_of_the_progress_while_the_call_runs(heard: Any) -> None:
    """The call goes on when the client says that it has heard the step."""
    assert heard["progress"] == [[step, 3, f"step {step}"] for step in (1, 2, 3)]


def test_calls_of_one_client_run_at_the_same_time(heard: Any) -> None:
    """Each waits for all the others."""
    results = [one["structured"] for one in heard["parallel"]]

    assert results == [{"result": number} for number in range(PARTIES)]


def test_client_cancels_a_call_that_runs(heard: Any) -> None:
    assert heard["cancelled"]["structured"] == {"result": ["cancelled"]}
