"""Tools files that cannot be used: what failed, where, what to do; exit code 2, no outcome."""

from pathlib import Path

import pytest
from conftest import Finished, Program, WriteTools


def refused(done: Finished) -> str:
    """The message of a run that could not be done."""
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert "\nhint: " in done.err
    return done.err


def test_a_syntax_error_shows_its_line(atonce: Program, tools: WriteTools) -> None:
    file = tools("def f():\n    return 1 +\n")

    message = refused(atonce.call(file, "f"))

    assert "my_tools.py" in message and "line 2" in message
    assert "return 1 +" in message


def test_an_import_error_shows_the_users_own_traceback(atonce: Program, tools: WriteTools) -> None:
    file = tools("import no_such_module_anywhere\n\ndef f(): ...\n")

    message = refused(atonce.call(file, "f"))

    assert "no_such_module_anywhere" in message
    assert "line 1" in message
    assert "importlib" not in message and "_host" not in message


def test_an_exception_while_importing_shows_where(atonce: Program, tools: WriteTools) -> None:
    file = tools("def helper():\n    return {}['key']\n\nhelper()\n")

    message = refused(atonce.call(file, "f"))

    assert "KeyError" in message and "line 2" in message and "line 4" in message


def test_a_module_that_exits_does_not_end_the_program_silently(
    atonce: Program, tools: WriteTools
) -> None:
    message = refused(atonce.call(tools("import sys\nsys.exit(0)\n"), "f"))

    assert "SystemExit" in message or "sys.exit" in message


def test_a_file_without_functions(atonce: Program, tools: WriteTools) -> None:
    message = refused(atonce.run("declare", tools("from os.path import join\nX = 1\n")))

    assert "no " in message and "my_tools.py" in message


def test_a_file_that_is_not_there(atonce: Program, tmp_path: Path) -> None:
    message = refused(atonce.run("declare", tmp_path / "absent.py"))

    assert "absent.py" in message


def test_two_tools_of_one_name(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        import atonce

        @atonce.tool(name="same")
        def one(): ...

        @atonce.tool(name="same")
        def two(): ...
        """
    )

    assert "`same`" in refused(atonce.run("declare", file))


@pytest.mark.parametrize("annotation", ["Callable[[int], int]", "Plain"])
def test_a_parameter_whose_type_has_no_json_form(
    atonce: Program, tools: WriteTools, annotation: str
) -> None:
    file = tools(
        f"""
        from collections.abc import Callable

        class Plain: ...

        def f(good: int, bad: {annotation}): ...
        """
    )

    assert "`bad`" in refused(atonce.run("declare", file))


def test_an_unannotated_parameter_works_with_a_warning(atonce: Program, tools: WriteTools) -> None:
    file = tools("def f(x):\n    return x\n")

    done = atonce.call(file, "f", {"x": [1, "two"]})

    assert done.json["result"] == [1, "two"]
    assert "warning: " in done.err and "`x`" in done.err


def test_a_wrong_option_of_the_decorator(atonce: Program, tools: WriteTools) -> None:
    file = tools("import atonce\n\n@atonce.tool(timeout=-1)\ndef f(): ...\n")

    assert "timeout=-1" in refused(atonce.run("declare", file))


def test_an_object_that_the_file_does_not_have(atonce: Program, tools: WriteTools) -> None:
    file = tools("def f(): ...\n")

    assert "`nothing`" in refused(atonce.run("declare", f"{file}:nothing"))
