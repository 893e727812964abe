"""Runs these tests in the Python inside, whose environment has no pytest: another lends it.

usage: PYTHON_OF_THE_ENVIRONMENT_INSIDE inside.py SITE_PACKAGES_WITH_PYTEST [PYTEST ARGUMENTS...]

What both have (pydantic) comes from the environment inside, because it comes first on sys.path.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

lender, *arguments = sys.argv[1:]
sys.path.append(lender)

import pytest  # noqa: E402  # only now can it be found

configuration = ["-c", str(ROOT / "python" / "pyproject.toml"), "--rootdir", str(ROOT)]
sys.exit(pytest.main([*configuration, "-p", "no:cacheprovider", *arguments, str(HERE)]))
