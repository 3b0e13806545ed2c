"""Modules to judge by: random, mutated, cut and damaged ones, each made from a seed alone.

`wasm-tools smith` makes valid modules out of random bytes, and with invalid bodies too;
`wasm-tools mutate` changes valid ones; `damage` cuts and flips bytes, mostly with the sizes of
sections and bodies put right again, so that the fault is met deep inside. The same seed gives the
same modules with the same release of wasm-tools. Nothing here runs or validates a module.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

import click
from refexec_conformance.assemble import executable

_SECONDS = 60

# What refexec has, and nothing else.
_SMITH = (
    *("--threads-enabled", "false"),
    *("--shared-everything-threads-enabled", "false"),
    *("--custom-descriptors-enabled", "false"),
    *("--compact-imports-enabled", "false"),
    *("--custom-page-sizes-enabled", "false"),
    *("--wide-arithmetic-enabled", "false"),
    *("--memory64-enabled", "true"),
    *("--gc-enabled", "true"),
    *("--exceptions-enabled", "true"),
    *("--tail-call-enabled", "true"),
    *("--simd-enabled", "true"),
    *("--relaxed-simd-enabled", "true"),
    *("--extended-const-enabled", "true"),
)

# Bytes that mean much: borders of LEB128 bytes, types, frequent opcodes, prefixes, flags.
# fmt: off
_TELLING = bytes((
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12,
    0x13, 0x14, 0x15, 0x1A, 0x1B, 0x1C, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x24, 0x3F, 0x40, 0x41, 0x42,
    0x43, 0x44, 0x4E, 0x4F, 0x50, 0x5E, 0x5F, 0x60, 0x63, 0x64, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E,
    0x6F, 0x70, 0x71, 0x72, 0x73, 0x74, 0x77, 0x78, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F, 0x80, 0x81, 0xD0,
    0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF,
))
# fmt: on

_CODE = 10


@dataclass(frozen=True, slots=True)
class Sample:
    """A module to judge by."""

    name: str
    """How it was made; with the seed, enough to make it again."""
    data: bytes


def run_tool(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run `wasm-tools`. Raises `UnavailableError` if it is not installed."""
    return subprocess.run(
        [str(executable()), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )


def smith(
    random: Random,
    folder: Path,
    options: Iterable[str] = (),
    most: int = 4000,
    without: Collection[str] = (),
) -> bytes:
    """Make a valid module out of up to `most` random bytes, `without` some features."""
    seed, out = folder / "seed", folder / "out.wasm"
    left_out = {f"--{feature}-enabled" for feature in without}
    features: list[str] = []
    for name, value in zip(_SMITH[::2], _SMITH[1::2], strict=True):
        features += (name, "false" if name in left_out else value)
    while True:
        seed.write_bytes(random.randbytes(random.randint(100, most)))
        done = run_tool("smith", str(seed), "-o", str(out), *features, *options)
        # A seed may be too poor to become a module; then the next one is taken.
        if done.returncode == 0:
            return out.read_bytes()


def mutate(random: Random, folder: Path, data: bytes) -> bytes | None:
    """Change a valid module into another valid one, if `wasm-tools mutate` can."""
    source, out = folder / "in.wasm", folder / "out.wasm"
    source.write_bytes(data)
    out.unlink(missing_ok=True)
    seed = str(random.getrandbits(32))
    done = run_tool("mutate", str(source), "-o", str(out), "--seed", seed, "--fuel", "1000")
    return out.read_bytes() if done.returncode == 0 and out.exists() else None


# -- damage --------------------------------------------------------------------------------------


def leb(number: int) -> bytes:
    """Encode an unsigned number as LEB128."""
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _read_leb(data: bytes, pos: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[pos]
        pos += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, pos


def split(data: bytes) -> list[tuple[int, bytes]]:
    """Split a module that is known to be well-formed into (section id, content)."""
    sections = []
    pos = 8
    while pos < len(data):
        size, start = _read_leb(data, pos + 1)
        sections.append((data[pos], data[start : start + size]))
        pos = start + size
    return sections


def join(sections: Iterable[tuple[int, bytes]]) -> bytes:
    """Put sections together to a module, with the sizes that they have."""
    parts = [b"\0asm\x01\0\0\0"]
    for number, content in sections:
        parts += [bytes((number,)), leb(len(content)), content]
    return b"".join(parts)


def _change(random: Random, data: bytes) -> bytes:
    """Change a byte or a few."""
    if not data:
        return random.randbytes(1)
    at = random.randrange(len(data))
    before, byte, after = data[:at], data[at], data[at + 1 :]
    match random.randrange(8):
        case 0:
            return before + bytes((byte ^ 1 << random.randrange(8),)) + after
        case 1:
            return before + random.randbytes(1) + after
        case 2 | 3:
            return before + bytes((random.choice(_TELLING),)) + after
        case 4:
            return before + bytes((byte, random.choice(_TELLING))) + after
        case 5:
            return before + after
        case 6:
            # A longer way to write the same number, or something else altogether.
            return before + bytes((byte | 0x80, 0x7F if byte & 0x40 else 0x00)) + after
        case _:
            start = random.randrange(len(data))
            return before + data[start : start + random.randint(1, 8)] + after


def _change_body(random: Random, content: bytes) -> bytes:
    """Change a byte in one function body of a code section, keeping its size right."""
    count, pos = _read_leb(content, 0)
    bodies = []
    for _ in range(count):
        size, start = _read_leb(content, pos)
        bodies.append(content[start : start + size])
        pos = start + size
    if bodies:
        index = random.randrange(len(bodies))
        bodies[index] = _change(random, bodies[index])
    return leb(count) + b"".join(leb(len(body)) + body for body in bodies)


def damage(random: Random, data: bytes) -> bytes:
    """Damage a well-formed module: cut it, change bytes anywhere, or inside of a section."""
    choice = random.randrange(10)
    if choice == 0:
        return data[: random.randrange(len(data))]
    if choice == 1:
        return _change(random, data)
    sections = split(data)
    if not sections:
        return _change(random, data)
    if choice == 2:
        first, second = random.randrange(len(sections)), random.randrange(len(sections))
        match random.randrange(3):
            case 0:
                sections[first], sections[second] = sections[second], sections[first]
            case 1:
                sections.insert(first, sections[second])
            case _:
                del sections[first]
        return join(sections)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        index = random.randrange(len(sections))
        number, content = sections[index]
        try:
            changed = _change_body(random, content) if number == _CODE else None
        except IndexError:
            changed = None
        sections[index] = number, changed or _change(random, content)
    return join(sections)


# -- all together --------------------------------------------------------------------------------


def _sample(seed: int, index: int, folder: Path, bases: Sequence[bytes]) -> Sample:
    random = Random(f"{seed}/{index}")
    folder.mkdir()
    kind = random.choices(("smith", "raw", "mutate", "damage"), (30, 10, 20, 40))[0]
    leb_size = ("--min-uleb-size", str(random.choice((1, 1, 1, 2, 5))))
    counts = (*("--max-memories", "3"), *("--max-tables", "4"), *leb_size)
    if kind == "raw":
        data = smith(random, folder, ("--allow-invalid-funcs", "true", *counts))
    elif kind == "smith":
        data = smith(random, folder, (*counts, "--generate-custom-sections", "true"))
    else:
        small = ("--max-instructions", str(random.choice((5, 20, 60))), *counts)
        if bases and random.random() < 0.7:
            data = random.choice(bases)
        else:
            data = smith(random, folder, small, 1000)
        changed = mutate(random, folder, data) if kind == "mutate" else None
        data = changed if changed is not None else damage(random, data)
    return Sample(f"seed {seed}, module {index} ({kind})", data)


def samples(seed: int, count: int, folder: Path, bases: Sequence[bytes] = ()) -> list[Sample]:
    """Make `count` modules, using `folder` for scratch. `bases` are valid modules to change.

    Raises `UnavailableError` if wasm-tools is not installed.
    """
    executable()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(
            pool.map(
                lambda index: _sample(seed, index, folder / f"{seed}-{index}", bases), range(count)
            )
        )


def tell(differences: Iterable[tuple[Sample, str]], seed: int, keep: Path | None) -> None:
    """Print what differs, and put the modules into a folder if there is one to keep them in."""
    for number, (sample, difference) in enumerate(differences):
        click.echo(f"{sample.name}: {difference}")
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{seed}-{number}.wasm").write_bytes(sample.data)
