"""What every command has in common, and those that run no tools."""

import subprocess
from pathlib import Path

import pytest
from conftest import Program, WriteTools

COMMANDS = ["ask", "call", "chat", "declare", "doctor", "models", "python"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_data_and_has_an_example(atonce: Program, command: str) -> None:
    done = atonce.run(command, "--help") if command != "python" else atonce.run("--help")

    assert done.code == 0
    assert done.err == ""
    assert f"atonce {command}" in done.out if command != "python" else "Example" in done.out
    assert "Example:" in done.out


def test_the_list_of_commands(atonce: Program) -> None:
    done = atonce.run("--help")

    for command in COMMANDS:
        assert f"\n  {command}" in done.out


def test_version_names_the_python_inside(atonce: Program) -> None:
    done = atonce.run("--version")

    assert done.code == 0
    assert done.out.startswith("atonce 0.1.0 (Python 3.1") and "free-threaded" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["call"],
        ["call", "x.py", "f", "--gil", "maybe"],
        ["call", "x.py", "f", "--timeout", "-1"],
        ["call", "x.py", "f", "--timeout", "nan"],
        ["call", "x.py", "f", "--max-threads", "0"],
        ["call", "x.py"],
        ["ask", "x.py", "q", "--mode", "perhaps"],
        ["ask", "x.py", "q", "--max-turns", "0"],
        ["ask", "x.py", "q", "--temperature", "nan"],
        ["ask", "x.py", "q", "--time-limit", "0"],
        ["declare", "x.py", "--for", "nobody"],
        ["call", "x.py", "f", "--env-file", "/no/such/file"],
        ["call", "x.py", "f", "--venv", "/no/such/folder"],
    ],
)
def test_wrong_usage_is_two_with_a_hint(atonce: Program, arguments: list[str]) -> None:
    done = atonce.run(*arguments)

    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("error: ") and "\nhint: " in done.err


def test_data_that_cannot_be_written_is_a_failure(atonce: Program, meetup: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [atonce.path, "declare", meetup], stdout=full, stderr=subprocess.PIPE, text=True
        )

    assert done.returncode == 1
    assert "cannot write to standard output: No space left on device" in done.stderr


def test_python_is_the_python_inside(atonce: Program) -> None:
    done = atonce.run(
        "python", "-c", "import sys; print(sys._is_gil_enabled(), sys.argv)", "a", "-b"
    )

    assert done.code == 0, done.err
    assert done.out == "False ['-c', 'a', '-b']\n"


def test_python_gives_the_scripts_own_exit_code(atonce: Program, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys\nprint(sys.stdin.read())\nsys.exit(7)\n")

    done = atonce.run("python", script, stdin="hello")

    assert (done.code, done.out) == (7, "hello\n")


def test_doctor_says_what_is_inside_and_whether_it_is_well(atonce: Program) -> None:
    done = atonce.run("doctor", "--json")

    assert done.code == 0
    found = {each["name"]: each for each in done.json}
    assert found["GIL"]["value"] == "off" and found["GIL"]["well"] is True
    assert "free-threaded" in found["Python"]["value"]
    for each in done.json:
        assert each["well"] or each["advice"], each


def test_an_env_file_is_read_but_never_overrides(
    atonce: Program, tools: WriteTools, tmp_path: Path
) -> None:
    file = tools(
        "import os\n\ndef get(name: str) -> str | None:\n    return os.environ.get(name)\n"
    )
    environment = tmp_path / "my.env"
    environment.write_text("# comment\nexport FIRST='a b'\n\nSECOND=x=y\nHOME=/elsewhere\n")

    found = [
        atonce.call(file, "get", {"name": name}, "--env-file", environment).json["result"]
        for name in ("FIRST", "SECOND", "HOME")
    ]

    assert found[:2] == ["a b", "x=y"]
    assert found[2] != "/elsewhere"


def test_the_packages_of_a_virtual_environment_are_visible(
    atonce: Program, tools: WriteTools, tmp_path: Path
) -> None:
    file = tools("from in_the_venv import answer\n\ndef get() -> int:\n    return answer\n")
    packages = tmp_path / ".venv" / "lib" / "python3.13" / "site-packages"
    packages.mkdir(parents=True)
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (packages / "in_the_venv.py").write_text("answer = 42\n")

    assert atonce.call(file, "get").json["result"] == 42


def test_the_users_python_variables_do_not_change_the_python_inside(
    atonce: Program, tools: WriteTools
) -> None:
    atonce.environment |= {"PYTHONHOME": "/nowhere", "PYTHONPATH": "/nowhere", "PYTHON_GIL": "1"}

    done = atonce.call(tools("import sys\n\ndef f() -> list[str]:\n    return sys.path\n"), "f")

    assert done.code == 0, done.err
    assert "/nowhere" not in done.json["result"]
