"""Which pydantic is used, and what is importable; each case in a Python of its own."""

import subprocess
import sys
from pathlib import Path

import pydantic
import pytest
from caller import write

OWN = str(Path(pydantic.__file__).parent.parent)
ROOT = str(Path(__file__).resolve().parent.parent.parent / "python")


def prepared(user: Path, then: str) -> str:
    """Standard output of `then` in a Python that has been prepared with the user's packages."""
    program = f"""
import sys
sys.path = [one for one in sys.path if "site-packages" not in one] + [{ROOT!r}]
from atonce._host.environment import prepare
told = prepare([{str(user)!r}], [{OWN!r}])
{then}
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_users_packages_come_before_our_own(tmp_path: Path) -> None:
    write(tmp_path, {"docstring_parser/__init__.py": "WHOSE = 'the user'\n"})

    assert (
        prepared(tmp_path, "import docstring_parser; print(docstring_parser.WHOSE, told)")
        == "the user []"
    )


def test_path_files_of_the_user_work(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", {"mine.py": "VALUE = 3\n"})
    write(tmp_path / "site", {"mine.pth": str(tmp_path / "elsewhere")})

    assert prepared(tmp_path / "site", "import mine; print(mine.VALUE)") == "3"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"pydantic/__init__.py": "raise ImportError('wrong Python')"}, "wrong Python"),
        ({"pydantic/__init__.py": "VERSION = '1.10.2'", "pydantic_core/__init__.py": ""}, "1.10.2"),
        ({"pydantic_core/__init__.py": ""}, "pydantic"),
    ],
)
def test_a_pydantic_that_cannot_be_used_is_replaced_by_ours_with_a_warning(
    tmp_path: Path, files: dict[str, str], reason: str
) -> None:
    write(tmp_path, files)

    out = prepared(
        tmp_path,
        "import pydantic, pydantic_core; from pydantic import TypeAdapter\n"
        "print(TypeAdapter(int).validate_json(b'3'), pydantic.__file__)\nprint(told)",
    )

    assert out.startswith(f"3 {OWN}")
    assert "atonce uses its own" in out and reason in out


def test_without_any_pydantic_both_reasons_are_told(tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path.append({ROOT!r}); from atonce._host.environment import prepare; "
        f"prepare([{str(tmp_path)!r}], [{str(tmp_path)!r}])"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True
    )

    assert "ImportError: pydantic cannot be imported" in done.stderr
