"""Starts an ordinary Python that measures, and speaks with it as src/app/arm_hosts.cpp does."""

import base64
import json
import pickle
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent.parent / "python"

# The frames go over descriptor 3, which Popen cannot be told to give.
LAUNCHER = """
import os, sys
given = int(sys.argv[1])
if given != 3:
    os.dup2(given, 3)
    os.close(given)
os.execv(sys.argv[2], sys.argv[2:])
"""

READY, FAILED, MEASURE, MEASURED = 1, 2, 5, 6


def order_of(calls: int, *pickles: bytes) -> dict[str, Any]:
    encoded = [base64.b64encode(one).decode() for one in pickles]
    return {"calls": calls, "arguments": ["{}"], "pickles": encoded}


class OrdinaryChild:
    def __init__(self, process: subprocess.Popen[bytes], ours: socket.socket) -> None:
        self.process = process
        self.socket = ours
        self.kind, self.fields = self.read()
        self.facts = json.loads(self.fields[1]) if self.kind == READY else {}

    def read(self) -> tuple[int, list[str]]:
        kind, count = struct.unpack("<BI", self._exactly(5))
        lengths = struct.unpack(f"<{count}I", self._exactly(4 * count))
        return kind, [self._exactly(length).decode() for length in lengths]

    def order(self, order: dict[str, Any]) -> None:
        text = json.dumps(order).encode()
        self.socket.sendall(struct.pack("<BII", MEASURE, 1, len(text)) + text)

    def measure(self, order: dict[str, Any]) -> Any:
        self.order(order)
        kind, fields = self.read()
        assert kind == MEASURED
        return json.loads(fields[0])

    def round(self, calls: int, *keywords: dict[str, Any]) -> Any:
        return self.measure(order_of(calls, *(pickle.dumps(one, 4) for one in keywords)))

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            assert part, "the child has ended"
            data += part
        return data


@contextmanager
def ordinary_child(
    folder: Path,
    mode: str,
    *options: str,
    workers: int = 2,
    python: str = sys.executable,
    stdout: int = subprocess.DEVNULL,
) -> Iterator[OrdinaryChild]:
    """A child in `folder`; `options` are the rest of its command line. It has ended afterwards."""
    ours, theirs = socket.socketpair()
    ours.settimeout(60)
    command = [python, str(PACKAGE / "atonce" / "_ordinary"), "--mode", mode]
    command += ["--workers", str(workers), "--package", str(PACKAGE), *options]
    descriptor = theirs.fileno()
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(descriptor), *command],
        cwd=folder,
        pass_fds=[descriptor],
        stdout=stdout,
    )
    theirs.close()
    try:
        yield OrdinaryChild(process, ours)
    finally:
        ours.close()
        process.wait(60)
