"""How `atonce serve` begins and ends: requests that come early wait, what runs is finished."""

import json
import signal
import subprocess
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import pytest
from conftest import Program, WriteTools
from serving import HOLDING, Gate, Server, modern, running

TOOLS = (
    HOLDING
    + """
def add(a: int, b: int) -> int:
    return a + b


def hold(port: int) -> str:
    at = At(port, "hold")
    at.wait()
    at.leave()
    return "held"


__all__ = ["add", "hold"]
"""
)


def write(folder: Path, source: str = TOOLS) -> Path:
    file = folder / "my_tools.py"
    file.write_text(source)
    return file


# ---- beginning


def test_calls_that_come_while_python_starts_wait(atonce: Program, tmp_path: Path) -> None:
    with Gate() as gate, ThreadPoolExecutor(2) as pool:
        importing = f"At({gate.port}, 'import').wait()\n"
        file = write(tmp_path, TOOLS + importing)
        with running(atonce, file) as server:
            guest = gate.entered()
            early = pool.submit(server.call, "add", {"a": 1, "b": 2})
            session = pool.submit(server.open_session)

            assert server.get("/healthz").status == 200
            readiness = server.get("/readyz")
            assert readiness.status == 503
            assert "loaded" in readiness.text
            assert not early.done()
            guest.let_go()

            assert early.result().result == "3"
            assert session.result().call("add", {"a": 2, "b": 2}).result == "4"
            assert server.get("/readyz").status == 200


def test_a_port_that_is_taken_is_a_clear_error(atonce: Program, tmp_path: Path) -> None:
    file = write(tmp_path)
    with running(atonce, file) as server:
        port = server.url.rsplit(":", 1)[1]

        done = atonce.run("serve", file, "--port", port)

        assert done.code in (1, 2)
        assert done.err.startswith("error: ") and port in done.err
        assert "hint: " in done.err
        assert server.call("add", {"a": 1, "b": 2}).result == "3"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def add(:\n    pass\n", ["my_tools.py", "line 1", "SyntaxError"]),
        ("def f() -> int:\n    return 1\n\nraise OSError('no luck')\n", ["line 4", "no luck"]),
        ("import not_there_at_all\n", ["not_there_at_all", "line 1"]),
    ],
)
def test_tools_with_an_error_show_where_and_end_it(
    atonce: Program, tmp_path: Path, source: str, words: "list[str]"
) -> None:
    done = atonce.run("serve", write(tmp_path, source), "--port", 0)

    assert done.code == 2
    for word in words:
        assert word in done.err


def test_who_waits_for_tools_with_an_error_is_let_go(atonce: Program, tmp_path: Path) -> None:
    with Gate() as gate, ThreadPoolExecutor(1) as pool:
        importing = f"At({gate.port}, 'import').wait()\nraise OSError('no luck')\n"
        with running(atonce, write(tmp_path, TOOLS + importing)) as server:
            guest = gate.entered()
            early = pool.submit(ask, server, "add", {"a": 1, "b": 2})
            assert server.get("/readyz").status == 503

            guest.let_go()

            assert early.result() in (None, 500, 503)
            assert server.wait() == 2
            assert "no luck" in server.said


def ask(server: Server, name: str, arguments: object) -> "int | None":
    """The status; None where the connection ends without."""
    try:
        return server.call(name, arguments).status
    except (OSError, HTTPException):
        return None


OLD_MODULE = """
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "old_module", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_old_module(void) { return PyModule_Create(&definition); }
"""


@pytest.fixture
def old_module(atonce: Program, tmp_path: Path) -> None:
    """A compiled module that turns the GIL on, in the folder of the tools file."""
    include = atonce.run("python", "-c", "import sysconfig; print(sysconfig.get_path('include'))")
    source = tmp_path / "old_module.c"
    source.write_text(OLD_MODULE)
    compiler = str(sysconfig.get_config_var("CC") or "cc").split()
    target = tmp_path / "old_module.so"
    subprocess.run(
        [*compiler, "-shared", "-fPIC", f"-I{include.out.strip()}", str(source), "-o", str(target)],
        check=True,
    )


@pytest.mark.usefixtures("old_module")
def test_require_no_gil_refuses_a_module_that_turns_it_on(atonce: Program, tmp_path: Path) -> None:
    file = write(tmp_path, "import old_module\n" + TOOLS)

    done = atonce.run("serve", file, "--port", 0, "--require-no-gil")

    assert done.code == 2
    assert "`old_module`" in done.err


@pytest.mark.usefixtures("old_module")
def test_the_gils_state_is_a_figure(atonce: Program, tmp_path: Path) -> None:
    with running(atonce, write(tmp_path, "import old_module\n" + TOOLS)) as server:
        assert server.call("add", {"a": 1, "b": 2}).result == "3"
        server.wait_for("GIL")
        assert "atonce_gil_on 1" in server.get("/metrics").text.splitlines()


# ---- ending


def test_sigterm_finishes_what_runs_in_both_eras(atonce: Program, tmp_path: Path) -> None:
    with running(atonce, write(tmp_path)) as server, Gate() as gate, ThreadPoolExecutor(2) as pool:
        session = server.open_session()
        calls = [
            pool.submit(server.call, "hold", {"port": gate.port}),
            pool.submit(session.call, "hold", {"port": gate.port}),
        ]
        guests = [gate.entered(), gate.entered()]

        server.signal(signal.SIGTERM)
        server.wait_for("ending")
        for guest in guests:
            guest.let_go()

        assert [each.result().result for each in calls] == ["held", "held"]
        assert server.wait() == 0


def test_sigterm_takes_no_new_connections(atonce: Program, tmp_path: Path) -> None:
    with running(atonce, write(tmp_path)) as server, Gate() as gate, ThreadPoolExecutor(1) as pool:
        call = pool.submit(server.call, "hold", {"port": gate.port})
        guest = gate.entered()

        server.signal(signal.SIGTERM)
        # The note comes before the listening ends; once it has, every connection is refused.
        server.wait_for("ending")
        while ask(server, "add", {"a": 1, "b": 2}) is not None:
            pass
        assert not call.done()
        guest.let_go()

        assert call.result().result == "held"
        assert server.wait() == 0


def test_a_listener_gets_its_answer_at_the_end(atonce: Program, tmp_path: Path) -> None:
    body, headers = modern("subscriptions/listen", notifications={"toolsListChanged": True})
    with running(atonce, write(tmp_path)) as server:
        client = server.connect()
        client.request("POST", "/mcp", body, headers)
        stream = client.getresponse()
        assert b"event" in stream.readline()
        assert b"acknowledged" in stream.readline()

        server.signal(signal.SIGTERM)

        last = stream.read().decode().strip().splitlines()[-1]
        answer = json.loads(last.removeprefix("data: "))
        assert answer["id"] == 1 and answer["result"]["resultType"] == "complete"
        assert server.wait() == 0
        client.close()


def test_what_takes_longer_than_the_grace_is_left(atonce: Program, tmp_path: Path) -> None:
    file = write(tmp_path)
    with (
        running(atonce, file, "--grace", "0.05") as server,
        Gate() as gate,
        ThreadPoolExecutor(1) as pool,
    ):
        left = pool.submit(ask, server, "hold", {"port": gate.port})
        gate.entered()

        server.signal(signal.SIGTERM)

        assert server.wait() == 0
        assert left.result() in (None, 200, 500)
        assert "not every request was finished" in server.said


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_signal_leaves_at_once(
    atonce: Program, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with running(atonce, write(tmp_path)) as server, Gate() as gate, ThreadPoolExecutor(1) as pool:
        left = pool.submit(ask, server, "hold", {"port": gate.port})
        gate.entered()
        server.signal(number)
        server.wait_for("ending")

        server.signal(number)

        assert server.wait() == code
        assert left.result() is None


def test_an_idle_connection_does_not_keep_it(atonce: Program, tools: WriteTools) -> None:
    file = tools("def add(a: int, b: int) -> int:\n    return a + b\n")
    with running(atonce, file) as server:
        body, headers = modern("tools/call", name="add", arguments={"a": 1, "b": 2})
        idle = server.connect()
        idle.request("POST", "/mcp", body, headers)
        assert idle.getresponse().read()
        silent = server.connect()
        silent.connect()

        server.signal(signal.SIGTERM)

        assert server.wait() == 0
        idle.close()
        silent.close()
