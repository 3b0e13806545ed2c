"""One part of `benchmarks.recovery`, in a process of its own.

    python -m benchmarks.recovery_cell begin FILE    < module: a state in the middle to the file
    python -m benchmarks.recovery_cell thawed FILE   < module: speeds after thawing that state, and
                                                       then that of a run that nothing interrupts

Prints one line of JSON: for each window of time the seconds of the processor's, and the fuel spent
in it. The run that nothing interrupts comes last, and in the same process, since the speed of a
machine that others use too changes with time.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from refexec import wasm

WINDOW = 0.25
"""Seconds between two looks at what has been spent."""

WINDOWS = 8
"""Looks after a thaw."""

_WHOLE = 2.0
"""Seconds of the run that nothing interrupts."""

_FUEL = 10**15

Window = tuple[float, int]


def _run(instance: wasm.Instance, seconds: float, *, begin: bool = False) -> Window:
    """Let it run for so long."""
    before = instance.fuel_spent
    timer = threading.Timer(seconds, instance.interrupt)
    begun = time.process_time()
    timer.start()
    outcome = instance.call("run") if begin else instance.resume()
    elapsed = time.process_time() - begun
    timer.cancel()
    if not isinstance(outcome, wasm.Suspended):
        raise SystemExit(f"the program has ended after {elapsed:.2f} seconds")
    return elapsed, instance.fuel_spent - before


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    module = wasm.Module(sys.stdin.buffer.read())
    path = Path(arguments[1])
    windows = []
    if arguments[0] == "begin":
        instance = wasm.Instance(module, engine="translated", fuel=_FUEL)
        windows.append(_run(instance, WINDOW, begin=True))
        path.write_bytes(instance.freeze())
    else:
        state = path.read_bytes()
        instance = wasm.Instance.thaw(module, state, engine="translated", fuel=_FUEL)
        windows += [_run(instance, WINDOW) for _ in range(WINDOWS)]
        # Code is translated before time is taken.
        _run(wasm.Instance(module, engine="translated", fuel=_FUEL), WINDOW, begin=True)
        instance = wasm.Instance(module, engine="translated", fuel=_FUEL)
        windows.append(_run(instance, _WHOLE, begin=True))
    print(json.dumps(windows))


if __name__ == "__main__":
    main(sys.argv[1:])
