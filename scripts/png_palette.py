"""Pictures of pages, made small: a PNG of true colours as one of 256 colours. Not a command."""

from __future__ import annotations

import struct
import zlib
from collections import Counter

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256


def _chunks(png: bytes) -> dict[bytes, bytes]:
    """The contents of the chunks by their type; those of one type as one."""
    found: dict[bytes, bytes] = {}
    at = len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        found[kind] = found.get(kind, b"") + png[at + 8 : at + 8 + length]
        at += 12 + length
    return found


def _rows(data: bytes, width: int, channels: int) -> list[bytearray]:
    """The rows without their filters (PNG specification, section 9)."""
    size = width * channels
    rows: list[bytearray] = []
    above = bytearray(size)
    for start in range(0, len(data), size + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + size])
        for i in range(size):
            left = row[i - channels] if i >= channels else 0
            corner = above[i - channels] if i >= channels else 0
            if kind == 1:
                predicted = left
            elif kind == 2:
                predicted = above[i]
            elif kind == 3:
                predicted = (left + above[i]) // 2
            elif kind == 4:
                estimate = left + above[i] - corner
                predicted = min((abs(estimate - p), n, p) for n, p in enumerate([left, above[i], corner]))[2]
            else:
                predicted = 0
            row[i] = (row[i] + predicted) & 255
        rows.append(row)
        above = row
    return rows


def with_palette(png: bytes) -> bytes:
    """The same picture in its 256 most frequent colours; every other pixel takes the nearest of them."""
    chunks = _chunks(png)
    width, height, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    if depth != 8 or kind not in (2, 6):
        raise ValueError("a PNG of 8 bits and true colours was expected")
    channels = 3 if kind == 2 else 4
    rows = _rows(zlib.decompress(chunks[b"IDAT"]), width, channels)
    pixels = [[(row[i], row[i + 1], row[i + 2]) for i in range(0, len(row), channels)] for row in rows]
    counts = Counter(pixel for row in pixels for pixel in row)
    palette = [colour for colour, _ in counts.most_common(COLOURS)]
    number = {colour: i for i, colour in enumerate(palette)}
    for colour in counts:
        if colour not in number:
            number[colour] = min(range(len(palette)), key=lambda i: sum((a - b) ** 2 for a, b in zip(palette[i], colour, strict=True)))
    data = b"".join(b"\0" + bytes(number[pixel] for pixel in row) for row in pixels)

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = b"".join(bytes(colour) for colour in palette)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"PLTE", colours) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")
