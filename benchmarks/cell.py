"""One measurement, in a process of its own: `python -m benchmarks.cell ENGINE KERNEL SIZE`.

Reads the kernel's bytes from standard input, and prints one line of JSON: the seconds of one call
after a small one that warms up, the result, and the fuel of the call. The engine `python` is the
kernel written by hand.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Sequence

from benchmarks.engines import engine
from benchmarks.kernels import kernel


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    name, kernel_name, size = arguments[0], arguments[1], int(arguments[2])
    item = kernel(kernel_name)
    fuel: int | None = None
    if name == "python":
        item.python(2)
        seconds, value = _time(item.python, size)
    else:
        run = engine(name).load(sys.stdin.buffer.read())
        run(2)
        before = run.fuel()
        seconds, value = _time(run, size)
        after = run.fuel()
        fuel = None if before is None or after is None else after - before
    print(json.dumps({"seconds": seconds, "value": item.normal(value), "fuel": fuel}))


def _time(run: object, size: int) -> tuple[float, int | float]:
    assert callable(run)
    gc.collect()
    # Of the processor's time: others may be using the machine.
    begun = time.process_time()
    value = run(size)
    return time.process_time() - begun, value


if __name__ == "__main__":
    main(sys.argv[1:])
