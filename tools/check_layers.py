#!/usr/bin/env python3
"""Checks that every folder of src/ includes only what it may, and each library only in its home.

The table is the architecture; a new arrow in it needs a decision record in docs/decisions.
Prints one line a violation and exits 1 if there is any.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# folder: the folders it may include, besides itself
MAY = {
    "base": "",
    "call": "base",
    "protocol": "base call",
    "engine": "base call",
    "metrics": "base call engine",
    "process": "base call engine",
    "check": "base",
    "compare": "base call engine",
    "http": "base",
    "model": "base call protocol http",
    "race": "base",
    "python": "base call engine race",
    "serve": "base call protocol engine http metrics",
    "app": "*",
}

# A library has one home folder (and app).
HOME = {
    "Python.h": "python",
    "llama.h": "model",
    "ggml": "model",
    "boost/asio": "http",
    "boost/beast": "http",
    "openssl/": "http serve",
    "simdjson": "base",
    "rapidjson/": "base",
    "spdlog/": "base",
    "CLI/": "app",
    "histedit.h": "app",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def violations(file: Path) -> list[str]:
    """What the file includes and may not, a line each."""
    folder = file.relative_to(ROOT / "src").parts[0]
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        is_ours = match[1] == '"'
        problem = wrong_folder(folder, match[2]) if is_ours else wrong_home(folder, match[2])
        if problem:
            found.append(f"{file.relative_to(ROOT)}:{number}: {problem}")
    return found


def wrong_folder(folder: str, header: str) -> str:
    target = header.split("/")[0]
    allowed = MAY[folder].split()
    if target == folder or target in allowed or "*" in allowed:
        return ""
    return f"`{folder}` may not include `{header}` (it may include: {MAY[folder] or 'nothing'})"


def wrong_home(folder: str, header: str) -> str:
    for prefix, home in HOME.items():
        if header.startswith(prefix) and folder not in (*home.split(), "app"):
            return f"`{header}` belongs to `{home}`"
    return ""


def main() -> int:
    folders = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
    found = [f"src/{folder} is not in the table of {__file__}" for folder in folders - MAY.keys()]
    files = [file for file in (ROOT / "src").rglob("*") if file.suffix in (".h", ".cpp")]
    for file in sorted(files):
        if file.relative_to(ROOT / "src").parts[0] in MAY:
            found += violations(file)
    print("\n".join(found) if found else f"layers: {len(files)} files include what they may")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
