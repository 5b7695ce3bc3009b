"""Mutations of bytes, text, JSON and TOML for hostile.py. Not a command."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

MAX_BYTES = 1_000_000  # of a generated file: the program must read any file below 1 MiB at little cost

NUMBERS = [
    "-1", "0", "1e999", "nan", "inf", "-0.0", "0x10", "1_000", "4294967295", "4294967296", "18446744073709551615",
    "99999999999999999999999999", "-9223372036854775809", "1.5", "3.0e-400", "",
]
CONTROLS = [
    "\x1b[31mred", "\x1b]0;title\x07", "\r\n", "\x00", "\x7f", "\u0085", "\u009b31m", "\u202edesrever", "\u200b", "\t", "\x08\x08",
    "\ufeff", "\u2028", "\U000e0041",
]
WORDS = ["true", "[]", "{}", "''", '"x"', "none", "-", "*", "x" * 5000, "\u5c06\u68cb", "..", "/dev/zero", "%s%n", "${HOME}", "null"]


# ---------------------------------------------------------------- mutations of bytes and text


def cut(rng: random.Random, data: bytes) -> bytes:
    """Removes the end."""
    return data[: rng.randrange(len(data) + 1)]


def flip(rng: random.Random, data: bytes) -> bytes:
    """Flips some bits."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8, 64])):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def remove(rng: random.Random, data: bytes) -> bytes:
    """Removes a part."""
    begin = rng.randrange(len(data) + 1)
    return data[:begin] + data[begin + rng.choice([1, 4, 40, 400]) :]


def repeat(rng: random.Random, data: bytes) -> bytes:
    """Repeats a part, at times until the data are as long as they may be."""
    begin = rng.randrange(len(data) + 1)
    part = data[begin : begin + rng.choice([1, 5, 50, 2000])] or b"x"
    times = rng.choice([2, 10, MAX_BYTES // len(part)])
    return (data[:begin] + part * times + data[begin:])[:MAX_BYTES]


def insert(rng: random.Random, data: bytes) -> bytes:
    """Inserts a strange word or bytes that are no UTF-8."""
    begin = rng.randrange(len(data) + 1)
    word = rng.choice(CONTROLS + WORDS + NUMBERS).encode()
    return data[:begin] + rng.choice([word, b"\xff\xfe", b"\xc3", bytes(rng.randrange(256) for _ in range(20))]) + data[begin:]


def brackets(rng: random.Random, data: bytes) -> bytes:
    """Inserts opening brackets that nothing closes, at times very many."""
    begin = rng.randrange(len(data) + 1)
    opening = rng.choice([b"[", b"{", b"(", b'{"a":', b"[[", b"a={b=", b"((((;", b"{1..1000}"])
    return (data[:begin] + opening * rng.choice([3, 200, MAX_BYTES // len(opening)]) + data[begin:])[:MAX_BYTES]


def lines(rng: random.Random, data: bytes) -> bytes:
    """Swaps, doubles, removes or joins lines."""
    parts = data.split(b"\n")
    i, j = rng.randrange(len(parts)), rng.randrange(len(parts))
    kind = rng.randrange(4)
    if kind == 0:
        parts[i], parts[j] = parts[j], parts[i]
    elif kind == 1:
        parts.insert(j, parts[i])
    elif kind == 2:
        del parts[i]
    else:
        parts[i] += parts[j]
    return b"\n".join(parts)


def line_ends(rng: random.Random, data: bytes) -> bytes:
    """Adds a byte-order mark or an end-of-file character, or writes line ends as other systems do."""
    return rng.choice([b"\xef\xbb\xbf" + data, data.replace(b"\n", b"\r\n"), data.replace(b"\n", b"\r"), b"\xff\xfe" + data, data + b"\x1a"])


def numbers(rng: random.Random, data: bytes) -> bytes:
    """Replaces a number by an extreme one or none."""
    return replace(rng, data, rb"-?\d+(\.\d+)?", NUMBERS)


def words(rng: random.Random, data: bytes) -> bytes:
    """Replaces a word by a strange one."""
    return replace(rng, data, rb"[A-Za-z_\-]{2,}", WORDS + CONTROLS + ["x" * 100_000])


def replace(rng: random.Random, data: bytes, pattern: bytes, words: list[str]) -> bytes:
    """Replaces one of the places that match a pattern."""
    found = list(re.finditer(pattern, data))
    if not found:
        return insert(rng, data)
    match = rng.choice(found)
    return data[: match.start()] + rng.choice(words).encode() + data[match.end() :]


BINARY = [cut, flip, remove, repeat, insert]
TEXT: list[Callable[[random.Random, bytes], bytes]] = [
    cut, flip, remove, repeat, insert, brackets, lines, line_ends, numbers, numbers, words, words,
]  # fmt: skip


def mutated(rng: random.Random, data: bytes, kinds: Sequence[Callable[[random.Random, bytes], bytes]] = TEXT) -> tuple[str, bytes]:
    """The names of one to three mutations, and the data after them."""
    chosen = rng.choices(kinds, k=rng.choice([1, 1, 1, 2, 3]))
    for kind in chosen:
        data = kind(rng, data)
    return "+".join(kind.__name__ for kind in chosen), data[:MAX_BYTES]


# ---------------------------------------------------------------- mutations of JSON


def places(value: Any) -> list[tuple[Any, Any]]:
    """All (container, key) pairs of a JSON value."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        container = waiting.pop()
        items = container.items() if isinstance(container, dict) else enumerate(container)
        for key, inner in list(items):
            found.append((container, key))
            if isinstance(inner, (dict, list)):
                waiting.append(inner)
    return found


STRANGE: list[Any] = [
    None, True, -1, 0, 1e308, -1e308, 4294967295, 2**64 - 1, 2**64, 0.5, "", "x" * 5000, "\x1b[31m\u202e", [], {}, [[]], "1/2-1/2", "<b>&\"'",
    ["a"] * 1000, "8/8/8/8/8/8/8/8 w - - 0 1", "9" * 400,
]  # fmt: skip


def json_mutated(rng: random.Random, text: bytes) -> tuple[str, bytes]:
    """The kind of mutation and a JSON text after it: mostly one that is still JSON, with other values, keys or lengths."""
    if rng.random() < 0.25:
        return mutated(rng, text)
    value = json.loads(text)
    grown = False
    for _ in range(rng.choice([1, 1, 2, 5])):
        found = places(value)
        if not found:
            break
        container, key = rng.choice(found)
        kind = rng.randrange(6)
        if kind == 0 and isinstance(container, dict):
            del container[key]
        elif kind == 1 and isinstance(container, list) and not grown:
            # Only once: a list of lists that have grown would take too much memory.
            grown = True
            container.extend([container[key]] * min(3000, MAX_BYTES // (1 + len(json.dumps(container[key])))))
        elif kind == 2 and isinstance(container, dict):
            container[rng.choice(["unknown", "", "x" * 1000, "\x1b[1m"])] = container[key]
        else:
            container[key] = copy.deepcopy(rng.choice(STRANGE))
    return "json", json.dumps(value).encode()[:MAX_BYTES]


# ---------------------------------------------------------------- mutations of TOML


def broken_toml(rng: random.Random, text: bytes) -> bytes:
    """A text with a mistake that no reader may overlook."""
    rows = text.split(b"\n")
    assignments = [i for i, row in enumerate(rows) if re.match(rb"[a-z_]+ = ", row)]
    at = rng.choice(assignments)
    key, _, value = rows[at].partition(b" = ")
    kind = rng.randrange(6)
    if kind == 0:
        rows[at] = key + b"\x1b[31mx = " + value
    elif kind == 1:
        rows.insert(at, b"un" + key + b" = " + value)
        if value.endswith(b"["):
            rows[at] += b"]"
    elif kind == 2:
        rows[at] = key + b" = " + (b"{ a = 1 }" if not value.startswith(b"{") else b"3")
        return b"\n".join(rows[: at + 1]) if value.endswith(b"[") else b"\n".join(rows)
    elif kind == 3:
        rows.insert(at, rows[at])
    elif kind == 4:
        rows[at] = rows[at].replace(b" = ", b" == ")
    else:
        return b"\n".join(rows[: at + 1]) + b" [[["
    return b"\n".join(rows)
