"""Runs on one engine, told as text: `python told_runs.py ENGINE < runs`.

For tests that start Python with other options, among them those that leave assertions out. Each
line of the input is a run as JSON: a module in hexadecimal, the name of an export, its arguments,
the cuts, and whether to thaw at each. Each line of the output tells all stops of a run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

from refexec_conformance.judges.stops import call

from refexec import wasm

Run = tuple[bytes, str, Sequence[int], Sequence[int], bool]
"""Module, export, arguments, cuts, thaw."""


def tell(engine: str, runs: Sequence[Run], *options: str) -> list[str]:
    """Carry the runs out in a Python with such options."""
    lines = [
        json.dumps([data.hex(), name, args, cuts, thaw]) for data, name, args, cuts, thaw in runs
    ]
    done = subprocess.run(
        [sys.executable, *options, __file__, engine],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.splitlines()


def main() -> None:
    """Carry out what standard input says."""
    modules: dict[str, wasm.Module] = {}
    for line in sys.stdin:
        data, name, args, cuts, thaw = json.loads(line)
        if data not in modules:
            modules[data] = wasm.Module(bytes.fromhex(data))
        print(call(modules[data], sys.argv[1], name, args, cuts, thaw=thaw))


if __name__ == "__main__":
    main()
