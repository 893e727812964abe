"""Frames on a descriptor: docs/formats/lane.md."""

from __future__ import annotations

import os
import struct
from typing import NamedTuple

READY, FAILED, MEASURE, MEASURED = 1, 2, 5, 6

_HEAD = struct.Struct("<BI")
_MOST_FIELDS = 16
_MOST_BYTES = 256 << 20


class Frame(NamedTuple):
    kind: int
    fields: list[bytes]


def write_frame(descriptor: int, kind: int, *fields: str) -> None:
    """Raises OSError when the other side is gone."""
    encoded = [one.encode("utf-8", "replace") for one in fields]
    lengths = struct.pack(f"<{len(encoded)}I", *map(len, encoded))
    left = memoryview(b"".join([_HEAD.pack(kind, len(encoded)), lengths, *encoded]))
    while left:
        left = left[os.write(descriptor, left) :]


def read_frame(descriptor: int) -> Frame | None:
    """Waits for a whole frame; None when the other side is gone. Raises ValueError for no frame."""
    head = _read(descriptor, _HEAD.size)
    if head is None:
        return None
    kind, count = _HEAD.unpack(head)
    if count > _MOST_FIELDS:
        raise ValueError(f"a frame has {count} fields; {_MOST_FIELDS} are the most")
    lengths = _read(descriptor, 4 * count)
    if lengths is None:
        return None
    fields = []
    for length in struct.unpack(f"<{count}I", lengths):
        if length > _MOST_BYTES:
            raise ValueError(f"a field has {length} bytes; {_MOST_BYTES} are the most")
        field = _read(descriptor, length)
        if field is None:
            return None
        fields.append(field)
    return Frame(kind, fields)


def _read(descriptor: int, size: int) -> bytes | None:
    parts = []
    while size > 0:
        part = os.read(descriptor, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
