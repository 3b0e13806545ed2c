"""Reading clocks: `clock_res_get`, `clock_time_get`.

Where time comes from, and how it is made coarse, is in `refexec.abi.timekeeping`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from refexec.abi.errno import Errno
from refexec.abi.timekeeping import COARSE_PRECISION

if TYPE_CHECKING:
    from refexec.abi.host import Host

REALTIME = 0
MONOTONIC = 1
SUPPORTED_CLOCKS = 2
"""Clock ids below this can be read."""
VALID_CLOCKS = 4
"""Clock ids below this exist: realtime, monotonic, processor time of process and of thread."""


def clock_res_get(host: Host, clock: int, out: int) -> int:
    """Write the resolution, which is the same for all clocks."""
    if out == 0:
        return Errno.FAULT
    if clock >= VALID_CLOCKS:
        return Errno.INVAL
    host.store_u64(out, host.policy.resolution)
    return Errno.SUCCESS


def clock_time_get(host: Host, clock: int, precision: int, out: int) -> int:
    """Write the time of a clock. Processor time can not be served (trap 27)."""
    if out == 0:
        return Errno.FAULT
    if clock >= VALID_CLOCKS:
        return Errno.INVAL
    if clock >= SUPPORTED_CLOCKS:
        raise host.deficient(f"clock_time_get of clock {clock}")
    if precision < COARSE_PRECISION:
        precision = max(precision, host.policy.resolution)
    host.store_u64(out, host.time(clock == MONOTONIC, precision))
    return Errno.SUCCESS
