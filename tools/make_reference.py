#!/usr/bin/env python3
"""Writes docs/reference/commands.md from the program's own --help.

usage: make_reference.py [--check]   (--check: exit 1 when the file is not what it would write)
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "atonce"
TARGET = ROOT / "docs" / "reference" / "commands.md"

HEADING = """# Commands

Made by `tools/make_reference.py` from the program's own help.

Standard output is data, standard error is for people. Exit codes: 0 fine, 1 the thing asked for
failed, 2 wrong usage or it could not run.
"""


def help_of(*command: str) -> str:
    environment = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(
        [PROGRAM, *command, "--help"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def commands() -> list[str]:
    """The names listed under "Subcommands:"."""
    _, _, listed = help_of().partition("Subcommands:\n")
    rows = listed.partition("\n\n")[0].splitlines()
    return [row.split()[0] for row in rows if row.startswith("  ") and not row.startswith("   ")]


def reference() -> str:
    pages = [("atonce", help_of())]
    pages += [(f"atonce {name}", help_of(name)) for name in commands()]
    return HEADING + "".join(f"\n## {title}\n\n```text\n{text}\n```\n" for title, text in pages)


def main() -> int:
    text = reference()
    if "--check" in sys.argv[1:]:
        is_current = TARGET.exists() and TARGET.read_text() == text
        print(f"{TARGET.relative_to(ROOT)} is {'current' if is_current else 'out of date'}")
        return 0 if is_current else 1
    TARGET.write_text(text)
    print(f"wrote {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
