"""The cases of the kit, and how the programs that they run are made from their sources.

Each program `x.wasm` in the folder `runtime_cases` stands beside its source `x.wat`. A source may
have a line `;; include library.wat`, in the place of which that file belongs.

    python -m refexec_conformance.runtime.library            assemble all programs
    python -m refexec_conformance.runtime.library --check    compare them with their sources
"""

from __future__ import annotations

import functools
import json
import sys
from importlib import resources
from pathlib import Path
from typing import Any

from refexec_conformance.assemble import assemble
from refexec_conformance.runtime.case import Case, read_case

SELF_TEST = "self-test"
"""The tag of cases that tell authors of adapters what theirs gets wrong."""

_INCLUDE = ";; include "


def folder() -> Path:
    """Where the cases are."""
    return Path(str(resources.files("refexec_conformance").joinpath("runtime_cases")))


@functools.cache
def all_cases() -> tuple[Case, ...]:
    """Every case of the kit, by name. Raises `InputError` if one cannot be read."""
    return read_cases(folder())


def read_cases(root: Path) -> tuple[Case, ...]:
    """The cases in the folders below `root`, by name. Raises `InputError`."""
    return tuple(read_case(path, root) for path in sorted(root.glob("*/*.json")))


def schema() -> dict[str, Any]:
    """The form of a case, as JSON Schema."""
    path = resources.files("refexec_conformance").joinpath("schemas", "runtime-case.schema.json")
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def source(path: Path) -> str:
    """The whole source of a program, with what it includes."""
    lines = []
    for line in path.read_text("utf-8").splitlines():
        name = line.strip().removeprefix(_INCLUDE)
        included = line.strip().startswith(_INCLUDE)
        lines.append((path.parent / name).read_text("utf-8") if included else line)
    return "\n".join(lines) + "\n"


def assemble_programs(root: Path) -> dict[Path, bytes]:
    """The binaries that the sources in a folder make, by the paths where they belong.

    Raises `InputError` with the assembler's words, and `UnavailableError` if it is not installed.
    """
    paths = [path for path in sorted(root.glob("*.wat")) if path.name != "library.wat"]
    binaries = assemble([source(path) for path in paths])
    return {path.with_suffix(".wasm"): data for path, data in zip(paths, binaries, strict=True)}


def make_programs(root: Path, *, check: bool) -> int:
    """Assemble all programs in a folder, or compare them; the exit status."""
    different = 0
    for path, data in assemble_programs(root).items():
        if not path.exists() or path.read_bytes() != data:
            different += 1
            print(f"{path.name}: {'differs' if check else 'written'}")
            if not check:
                path.write_bytes(data)
    return int(check and different > 0)


def main(arguments: list[str]) -> int:
    """Assemble or compare all programs; the exit status."""
    return make_programs(folder(), check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
