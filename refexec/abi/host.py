"""The state of one program run's ABI, and the primitives that ABI functions are made of.

A `Host` serves one run: from the begin or resume of a program to its end or suspension. It knows
nothing of the engine; it is bound to a memory and gives out host functions. What the functions do
is in the modules that `refexec.abi.table` names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from refexec.abi.outcomes import Deficiency, ExitStatus, ProcessExit, Suspend
from refexec.abi.timekeeping import COARSE_PRECISION, SystemClock, TimePolicy
from refexec.errors import TrapError
from refexec.trap import TrapCause
from refexec.wasm import I64, FunctionType, HostFunction

if TYPE_CHECKING:
    from refexec.abi.function import ABIFunction, Resolution
    from refexec.abi.protocols import Channel, Clock, GuestMemory

RANDOM_BUDGET = 16
"""Random bytes that a run is given."""

_SEND_CHUNK = 1 << 20
_U32 = 0xFFFF_FFFF
_U64 = 0xFFFF_FFFF_FFFF_FFFF


class NoMemory:
    """The memory of a program that has none: every access is outside."""

    size = 0

    def read(self, address: int, length: int) -> bytes:
        """Trap."""
        raise TrapError(TrapCause.MEMORY_OUT_OF_BOUNDS)

    def write(self, address: int, data: bytes) -> None:
        """Trap."""
        raise TrapError(TrapCause.MEMORY_OUT_OF_BOUNDS)


class Host:
    """The ABI of one program run.

    `time_resolution` is the wanted one in nanoseconds (see `TimePolicy.of`); `random` are the
    bytes that `random_get` may hand out in this run; without `debug` what the program writes to
    its standard output and error is dropped unseen. The default clock is a `SystemClock` for a
    fresh program.
    """

    deficiency: str | None
    """What the program used that can not be served (trap 27), or None."""

    policy: TimePolicy
    """How finely the program may tell time."""

    def __init__(
        self,
        channel: Channel,
        clock: Clock | None = None,
        *,
        time_resolution: int = 0,
        random: bytes = bytes(RANDOM_BUDGET),
        debug: bool = False,
    ) -> None:
        self.policy = TimePolicy.of(time_resolution)
        self.deficiency = None
        self._channel = channel
        self._clock = SystemClock() if clock is None else clock
        self._random = bytearray(random)
        self._debug = debug
        self._memory: GuestMemory = NoMemory()
        self._newly_started = True

    # -- for the one who runs the program --------------------------------------------------------

    def bind(self, memory: GuestMemory | None) -> None:
        """Set the memory that addresses refer to; None if the program has no memory."""
        self._memory = NoMemory() if memory is None else memory

    def imports(self, resolution: Resolution) -> dict[tuple[str, str], HostFunction]:
        """Host functions for the imports of a program, by module and field name."""
        return {
            (item.module, item.name): HostFunction(
                item.type, self._call(item.function, item.type), bits=True
            )
            for item in resolution.functions
        }

    def _call(self, function: ABIFunction, imported: FunctionType) -> Callable[..., int | None]:
        implementation = function.implementation
        masks = [_U64 if param is I64 else _U32 for param in imported.params]

        def call(*arguments: int) -> int | None:
            result = implementation(self, *map(int.__and__, arguments, masks))
            # Engines keep results in state that must be plain data, which an Errno is not.
            return None if result is None else int(result)

        return call

    def monotonic_time(self) -> int:
        """The instance time to save when the run ends, in nanoseconds, from the coarse clock."""
        return self.policy.reduce(self._clock.monotonic(coarse=True))

    # -- memory ----------------------------------------------------------------------------------

    def load(self, address: int, length: int) -> bytes:
        """Read memory; trap 5 outside."""
        return self._memory.read(address, length)

    def store(self, address: int, data: bytes) -> None:
        """Write memory; trap 5 outside."""
        self._memory.write(address, data)

    def store_u32(self, address: int, value: int) -> None:
        """Write a number modulo 2**32."""
        self.store(address, (value & _U32).to_bytes(4, "little"))

    def store_u64(self, address: int, value: int) -> None:
        """Write a number modulo 2**64."""
        self.store(address, (value & _U64).to_bytes(8, "little"))

    def _check(self, address: int, size: int) -> None:
        if address + size > self._memory.size:
            raise TrapError(TrapCause.MEMORY_OUT_OF_BOUNDS)

    # -- packet stream and debug log -------------------------------------------------------------
    #
    # A transfer of size 0 is no transfer: its address is not looked at.

    def receive(self, address: int, size: int) -> int:
        """Move what has arrived into memory; return how much, 0 if there is nothing."""
        if size == 0:
            return 0
        self._check(address, size)
        with _read_or_fail:
            data = self._channel.read(size)
        if data:
            self.store(address, data)
        return len(data)

    def send(self, address: int, size: int) -> int:
        """Send memory; return how much was taken, 0 if it would block."""
        if size == 0:
            return 0
        self._check(address, size)
        sent = 0
        # In pieces, so that a big buffer is not copied again for every bit that fits in.
        while sent < size:
            piece = self.load(address + sent, min(size - sent, _SEND_CHUNK))
            taken = self.send_bytes(piece)
            sent += taken
            if taken < len(piece):
                break
        return sent

    def send_bytes(self, data: bytes) -> int:
        """Send bytes; return how many were taken, 0 if it would block."""
        with _write_or_fail:
            return self._channel.write(data)

    def receive_bytes(self, size: int) -> bytes:
        """Take what has arrived, at most `size` bytes."""
        with _read_or_fail:
            return self._channel.read(size)

    def log(self, address: int, size: int) -> None:
        """Append memory to the debug log. Without a log the buffer is not looked at."""
        if size == 0 or not self._debug:
            return
        self._check(address, size)
        data = self.load(address, size)
        with _debug_or_fail:
            self._channel.debug(data)

    @property
    def suspended(self) -> bool:
        """Whether a suspension has been asked for."""
        return self._channel.suspended

    def poll(self, want_input: bool, want_output: bool, timeout: int | None) -> tuple[bool, bool]:
        """Wait for the packet stream; return readiness for input and for output.

        `timeout` is in nanoseconds, not yet reduced to the policy's resolution; None waits
        without limit. Raises `Suspend` if a suspension cut the wait short.
        """
        if timeout is not None:
            timeout = self.policy.reduce(timeout)
        with _poll_or_fail:
            ready_in, ready_out = self._channel.poll(want_input, want_output, timeout)
        if timeout != 0 and not ready_in and not ready_out and self._channel.suspended:
            raise Suspend("a blocking call was interrupted by suspension")
        return ready_in, ready_out

    # -- clocks, random, flags -------------------------------------------------------------------

    def time(self, monotonic: bool, precision: int) -> int:
        """Read a clock: a timestamp in nanoseconds, reduced to the policy's resolution."""
        read = self._clock.monotonic if monotonic else self._clock.realtime
        with _clock_or_fail:
            return self.policy.reduce(read(coarse=precision >= COARSE_PRECISION))

    def random_byte(self) -> int | None:
        """Take a byte from the run's budget; None when it is spent."""
        return self._random.pop() if self._random else None

    def fetch_flags(self) -> int:
        """Tell, once, that the run has just begun: bit 0."""
        flags = int(self._newly_started)
        self._newly_started = False
        return flags

    def deficient(self, what: str) -> Deficiency:
        """Make the signal to raise for a call that can not be served, and note it."""
        self.deficiency = what
        return Deficiency(what)


class _Fatal:
    """End the process with a status if the host fails."""

    def __init__(self, status: ExitStatus) -> None:
        self._status = status

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, OSError):
            raise ProcessExit(self._status) from error


# Made once: they are entered with every packet.
_read_or_fail = _Fatal(ExitStatus.READ_FAILED)
_write_or_fail = _Fatal(ExitStatus.WRITE_FAILED)
_poll_or_fail = _Fatal(ExitStatus.POLL_FAILED)
_debug_or_fail = _Fatal(ExitStatus.DEBUG_FAILED)
_clock_or_fail = _Fatal(ExitStatus.CLOCK_FAILED)
