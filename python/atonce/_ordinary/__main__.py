"""Measures the calls of one tool in the Python that runs this.

usage: PYTHON .../atonce/_ordinary --mode serial|threads|processes --workers N --tool NAME
       [--package FOLDER] [-m] -- TOOLS

- `--mode`: a loop; N threads; N child processes (multiprocessing's "spawn"). Workers are started
  once, before the first order, and kept.
- `--tool`: the name of the tool, as it is declared.
- `--package`: the folder that holds the package `atonce`, for `import atonce` in the tools file.
- TOOLS: `file.py`, `file.py:object`, a folder, or with `-m` a module.

It says `ready` or `failed` on descriptor 3, answers `measure` with `measured`, and ends when that
is closed; docs/formats/lane.md has the forms. Exit code 0; 1 after `failed`; 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="atonce/_ordinary")
    parser.add_argument("--mode", choices=["serial", "threads", "processes"], required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--package", default=str(HERE.parent.parent))
    parser.add_argument("-m", dest="is_module", action="store_true")
    parser.add_argument("tools")
    options = parser.parse_args()
    # Python puts the folder of what it runs first, where it would hide the user's own modules.
    sys.path[:] = [one for one in sys.path if one and Path(one).resolve() != HERE]
    sys.path.insert(0, options.package)  # not another version of atonce, should there be one

    from atonce._ordinary.loading import Wanted
    from atonce._ordinary.serving import serve

    wanted = Wanted(options.package, options.tools, options.is_module, options.tool)
    return serve(wanted, options.mode, max(1, options.workers))


if __name__ == "__main__":  # multiprocessing's children may import this again
    sys.exit(main())
