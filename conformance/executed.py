"""Which files of the core suite execute which instruction, measured and kept as data.

`python -m refexec_conformance.executed` runs the suite on the reference machine with every
execution function reporting itself, and writes `executed.json`. The documentation of rules and
the lint that every instruction has a case read that file; they do not run the suite.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path
from typing import Any

import click
from refexec_conformance.checkout import checkout_suite
from refexec_conformance.pool import run_file
from refexec_conformance.script import Suite
from refexec_conformance.suites import open_core_suite

from refexec.interp.instructions import EXECUTE
from refexec.interp.opcodes import OPCODES, Opcode

FILE = "executed.json"


def executed() -> dict[str, list[str]]:
    """Names of the suite's files by mnemonic, as they were measured last."""
    text = resources.files("refexec_conformance").joinpath(FILE).read_text("utf-8")
    data: dict[str, list[str]] = json.loads(text)
    return data


def own_cases() -> Suite:
    """The cases that come with the kit, for what the official suite leaves out."""
    return checkout_suite(Path(__file__).parent / "cases")


def record(suite: Suite, names: Iterable[str]) -> dict[str, list[str]]:
    """Run files of a suite in this process and tell which executed which instruction."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    seen: set[Opcode] = set()
    before = dict(EXECUTE)
    for opcode, function in before.items():
        EXECUTE[opcode] = _reporting(opcode, function, seen)
    try:
        for name in names:
            seen.clear()
            run_file(suite, name, "reference_all")
            for opcode in seen:
                found[opcode.mnemonic].append(name)
    finally:
        EXECUTE.update(before)
    return {opcode.mnemonic: sorted(found[opcode.mnemonic]) for opcode in OPCODES.values()}


def _reporting(opcode: Opcode, function: Callable[..., Any], seen: set[Opcode]) -> Any:
    def report(frame: Any, stack: list[Any], arg: Any) -> Any:
        seen.add(opcode)
        return function(frame, stack, arg)

    return report


@click.command()
@click.argument("target", type=click.Path(path_type=Path), default=Path(__file__).parent / FILE)
def main(target: Path) -> None:
    """Measure anew and write TARGET, by default the file that the package reads."""
    suite = open_core_suite()
    data = record(suite, suite.names)
    own = own_cases()
    for mnemonic, names in record(own, own.names).items():
        data[mnemonic] += [f"cases/{name}" for name in names]
    target.write_text(json.dumps(data, indent=0, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
