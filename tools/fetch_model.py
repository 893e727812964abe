#!/usr/bin/env python3
"""Puts the embedded model's file into the cache and prints its path.

Where it comes from, in this order: the cache itself; the model's own hub, by the huggingface_hub library; wheels
on the package index, each of which holds one part of the file. Wherever the bytes come from, only the sha256 in
models.json makes them trusted: nothing that is fetched for its bytes is ever imported or run.

An interrupted download goes on where it was: the parts are written into FILE.partial, and a part that is there
with the right sha256 is not fetched again. That also mends a damaged file: only its bad parts are fetched.

Needs Python 3.9 with pip and venv, nothing else.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Iterator

MEGABYTE = 1_000_000
BLOCK_BYTES = 1 << 20
HUB_PROBE_SECONDS = 5
HUB_INSTALL_SECONDS = 180

# Run by the private environment's Python; the download resumes by itself.
HUB_PROBE = """
import sys
from huggingface_hub import HfApi
HfApi().model_info(sys.argv[1], timeout=float(sys.argv[2]))
"""
HUB_DOWNLOAD = """
import sys
from huggingface_hub import hf_hub_download
print(hf_hub_download(sys.argv[1], sys.argv[2], local_dir=sys.argv[3]))
"""


class Failure(Exception):
    """What failed, and what to do next."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Part:
    """One part of the file: the package that carries it, where it goes, and what it must be."""

    requirement: str
    member: str  # its name inside the wheel
    offset: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Model:
    """One entry of models.json."""

    name: str
    file: str
    size: int
    sha256: str
    hub_repository: str | None
    hub_file: str
    parts: list[Part]


def read_manifest(path: Path, entry: str) -> Model:
    """The model called `entry` of the manifest at `path`."""
    fields = json.loads(path.read_text(encoding="utf-8"))[entry]
    hub = fields.get("hub") or {}
    packages = fields["packages"]
    parts = []
    offset = 0
    for number, part in enumerate(packages["parts"], start=1):
        parts.append(
            Part(
                requirement=f"{packages['prefix']}{number}=={packages['version']}",
                member=packages["member"].format(number=number),
                offset=offset,
                size=part["bytes"],
                sha256=part["sha256"],
            )
        )
        offset += part["bytes"]
    if offset != fields["bytes"]:
        raise Failure(f"the parts of '{entry}' in {path} do not add up to its size", "mend the manifest")
    return Model(
        fields["name"], fields["file"], fields["bytes"], fields["sha256"], hub.get("repository"), hub.get("file", ""), parts
    )


def say(text: str) -> None:
    print(f"==> {text}", file=sys.stderr, flush=True)


class Progress:
    """One line that is rewritten on a terminal; one line a step elsewhere."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.is_live = sys.stderr.isatty()

    def step(self, number: int, count: int, done: int) -> None:
        if not self.is_live:
            print(f"    part {number} of {count}, {self._amount(done)}", file=sys.stderr, flush=True)

    def live(self, done: int) -> None:
        if self.is_live:
            bar = ("#" * (30 * done // self.total)).ljust(30, ".")
            print(f"\r    [{bar}] {self._amount(done)} ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.is_live:
            print(file=sys.stderr, flush=True)

    def _amount(self, done: int) -> str:
        return f"{done // MEGABYTE} of {self.total // MEGABYTE} MB"


def sha256_of(stream: IO[bytes], size: int) -> str:
    """The sha256 of the next `size` bytes of `stream`, or of what there is."""
    digest = hashlib.sha256()
    while size > 0:
        block = stream.read(min(BLOCK_BYTES, size))
        if not block:
            break
        digest.update(block)
        size -= len(block)
    return digest.hexdigest()


# ---- The stamp: hashing a gigabyte takes seconds, so a verified file is known again by size and time. ----


def stamp_path(target: Path) -> Path:
    return target.with_name(target.name + ".verified")


def stamp_text(target: Path, sha256: str) -> str:
    status = target.stat()
    return json.dumps({"bytes": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": sha256})


def is_verified(target: Path, model: Model) -> bool:
    try:
        return stamp_path(target).read_text(encoding="utf-8") == stamp_text(target, model.sha256)
    except OSError:
        return False


def is_intact(path: Path, model: Model) -> bool:
    if not path.is_file() or path.stat().st_size != model.size:
        return False
    with path.open("rb") as stream:
        return sha256_of(stream, model.size) == model.sha256


def accept(path: Path, target: Path, model: Model) -> None:
    """Gives the verified file at `path` its final name."""
    if path != target:
        os.replace(path, target)
    stamp_path(target).write_text(stamp_text(target, model.sha256), encoding="utf-8")


# ---- From the hub ----


def hub_python(cache: Path) -> Path | None:
    """The Python of a private environment that has huggingface_hub; None when it cannot be made."""
    folder = cache / "hub"
    python = folder / "bin" / "python"
    ready = folder / "complete"
    if ready.exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    make = [sys.executable, "-m", "venv", str(folder)]
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "huggingface_hub"]
    for command in (make, install):
        if not succeeds(command, HUB_INSTALL_SECONDS):
            return None
    ready.touch()
    return python


def succeeds(command: list[str], seconds: int) -> bool:
    try:
        done = subprocess.run(
            command, timeout=seconds, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def fetch_from_hub(model: Model, cache: Path, work: Path) -> Path | None:
    """The file from the model's own hub, or None: whatever goes wrong there, the packages are next."""
    if model.hub_repository is None:
        return None
    say("asking the model's own hub first (some seconds)")
    python = hub_python(cache)
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", str(HUB_PROBE_SECONDS))
    probe = ["-c", HUB_PROBE, model.hub_repository, str(HUB_PROBE_SECONDS)]
    if python is None or not succeeds([str(python), *probe], 4 * HUB_PROBE_SECONDS):
        say("the hub cannot be reached; taking the packages")
        return None
    say(f"fetching {model.hub_repository} from the hub ({model.size // MEGABYTE} MB, a few minutes)")
    download = [str(python), "-c", HUB_DOWNLOAD, model.hub_repository, model.hub_file, str(work)]
    done = subprocess.run(download, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    path = work / model.hub_file
    if done.returncode == 0 and is_intact(path, model):
        return path
    path.unlink(missing_ok=True)
    say("what came from the hub is not whole, or another file (its sha256 differs); taking the packages")
    return None


# ---- From the packages ----


def fetch_from_packages(model: Model, partial: Path, work: Path) -> None:
    """Makes `partial` hold every part of the model, fetching those that it does not hold yet."""
    count = len(model.parts)
    progress = Progress(model.size)
    partial.touch()
    with partial.open("r+b") as stream:
        for number, part in enumerate(model.parts, start=1):
            stream.seek(part.offset)
            if sha256_of(stream, part.size) != part.sha256:
                content = fetch_part(part, work, progress)
                stream.seek(part.offset)
                stream.write(content)
                stream.flush()
            progress.step(number, count, part.offset + part.size)
            progress.live(part.offset + part.size)
        stream.truncate(model.size)
    progress.end()


def fetch_part(part: Part, work: Path, progress: Progress) -> bytes:
    """The bytes of one part. Tried twice: a connection that breaks once often works the next time."""
    for attempt in (1, 2):
        with tempfile.TemporaryDirectory(dir=work) as folder:
            wheel, complaint = download_wheel(part, Path(folder), progress)
            content = read_member(wheel, part.member) if wheel else None
        if content is not None and hashlib.sha256(content).hexdigest() == part.sha256:
            return content
        if attempt == 1:
            progress.end()
            say(f"{part.requirement} did not come, or not as it should be; trying once more")
    if wheel is None:
        raise Failure(
            f"{part.requirement} could not be fetched: {complaint}",
            "check the network and run this again; it goes on where it stopped",
        )
    raise Failure(
        f"{part.requirement} does not hold the bytes it should (its sha256 differs); it was thrown away",
        "run this again later: what was fetched before is kept; if it persists, the package index in use serves "
        "another file of that name",
    )


def download_wheel(part: Part, folder: Path, progress: Progress) -> tuple[Path | None, str]:
    """The wheel, by the ordinary pip client; else None and the last thing pip said."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-cache-dir", "--only-binary", ":all:", "--dest", str(folder), part.requirement]
    errors = folder / "errors"
    # pip writes into TMPDIR as the bytes arrive, which is what the progress line measures.
    with errors.open("wb") as sink:
        child = subprocess.Popen(
            command, env=dict(os.environ, TMPDIR=str(folder)), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
    try:
        while child.poll() is None:
            progress.live(part.offset + min(part.size, bytes_below(folder)))
            time.sleep(0.1)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    wheels = list(folder.glob("*.whl"))
    said = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["pip said nothing"]
    return (wheels[0], "") if child.returncode == 0 and wheels else (None, said[-1])


def bytes_below(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):  # passes over folders that pip removes meanwhile
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size
            except OSError:
                continue
    return total


def read_member(wheel: Path, member: str) -> bytes | None:
    """One file of a wheel. A wheel is a zip file: it is read, never installed or imported."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name == member or name.endswith("/" + member)]
            return archive.read(names[0]) if names else None
    except (zipfile.BadZipFile, zlib.error, OSError):
        return None


# ---- All of it ----


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
        raise Failure(
            f"{partial.parent} has {free // MEGABYTE} MB free; the model needs {needed // MEGABYTE}",
            "make room, or set ATONCE_CACHE to a folder on another disk, or take the smaller model (--low-memory)",
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
            os.replace(target, partial)
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
    say(f"fetching {model.name} as {len(model.parts)} packages ({model.size // MEGABYTE} MB, a minute or two)")
    fetch_from_packages(model, partial, work)
    if not is_intact(partial, model):
        partial.unlink()
        raise Failure(
            f"{model.name}, joined from its parts, is not the model it should be (its sha256 differs); it was deleted",
            "the manifest's parts and its sha256 disagree: take the project's own tools/models.json",
        )
    accept(partial, target, model)


@contextmanager
def work_folder(cache: Path) -> Iterator[Path]:
    """A folder for what is under way. What a killed run left in it is kept for the hub's own resuming."""
    folder = cache / "work" / "model"
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def default_cache() -> Path:
    own = os.environ.get("ATONCE_CACHE")
    return Path(own) if own else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "atonce"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Puts the embedded model's file into the cache and prints its path.")
    parser.add_argument("--low-memory", action="store_true", help="the 0.5B model (0.6 GB of memory, answers less well)")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="default: %(default)s")
    parser.add_argument("--manifest", type=Path, default=Path(__file__).with_name("models.json"), help="default: %(default)s")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    try:
        model = read_manifest(arguments.manifest, "low-memory" if arguments.low_memory else "default")
        print(fetch(model, arguments.cache))
        return 0
    except Failure as failure:
        print(f"error: {failure}\n\nhint: {failure.hint}", file=sys.stderr)
    except OSError as error:
        print(f"error: {error}\n\nhint: check that {arguments.cache} can be written", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ninterrupted; run this again to go on where it stopped", file=sys.stderr)
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
