"""What processes cost: cold start, prepared start, and packets there and back.

    python -m benchmarks.runtime [--rounds N] [--check]

Each figure is a median over rounds in which both sides take turns, so that a busy machine slows
both. The other side is a bare `multiprocessing` (`other_side.py`): a spawn process that runs an
empty function imported from a module, and a pipe to one that sends back what it gets.

    cold        from asking for a process to the end of an empty program, against spawn and join
    prepared    from starting a program of 10 KB on a process that waits to its first packet
    echo        packets to a service and back per second, one in flight, 16 bytes and 64 KiB

The promise about echoes is kept by the fast engine: on the reference machine the program's own
instructions take so long that a small packet is back at about 0.3 times the other side's rate.
`--engine reference` shows that.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import click

from refexec import Context, Packet, background, image, prepare_processes, service, wasm
from refexec.discovery import make_discovery
from refexec.runtime import Executor, Process, ProcessPolicy
from refexec.service import Factory, Instance, InstanceBase, InstanceConfig, Properties

LIMITS = {"cold": 2.0, "prepared": 10.0, "echo 16": 0.4, "echo 65536": 0.4}
"""What is promised: at most for the first two (times, milliseconds), at least for the others."""

PACKET_SIZES = (16, 65536)

PROGRAM_SIZE = 10_000


class Echo:
    """A service that answers with the same packet, and calls `each` for it."""

    properties = Properties("echo", "0")

    def __init__(self, each: Callable[[], None]) -> None:
        self.each = each
        self.found: list[float] = []
        """When programs have looked for it."""

    def discoverable(self, ctx: Context) -> bool:
        """Everybody may find it."""
        self.found.append(time.perf_counter())
        return True

    def create_instance(
        self, ctx: Context, config: InstanceConfig, snapshot: bytes | None
    ) -> Instance:
        """Make the service of one program."""
        return EchoInstance(self.each)


class EchoInstance(InstanceBase):
    """The service of one program."""

    def __init__(self, each: Callable[[], None]) -> None:
        self.each = each

    def handle(self, ctx: Context, send: object, packet: Packet) -> Packet:
        """Answer."""
        self.each()
        return packet


def registry(factory: Factory) -> service.Registry:
    """A registry with one service."""
    made = service.Registry()
    made.register(factory)
    return made


# -- a program, as bytes -------------------------------------------------------------------------


def _leb(number: int) -> bytes:
    out = bytearray()
    while True:
        out.append(number & 0x7F | (0x80 if number > 0x7F else 0))
        number >>= 7
        if not number:
            return bytes(out)


def _signed(number: int) -> bytes:
    out = bytearray()
    while True:
        byte = number & 0x7F
        number >>= 7
        done = number in (0, -1) and (number < 0) == bool(byte & 0x40)
        out.append(byte if done else byte | 0x80)
        if done:
            return bytes(out)


def _section(number: int, content: bytes) -> bytes:
    return bytes([number]) + _leb(len(content)) + content


def _const(number: int) -> bytes:
    return b"\x41" + _signed(number)


def _store(address: int, value: bytes) -> bytes:
    return _const(address) + value + b"\x36\x02\x00"


def _load(address: int) -> bytes:
    return _const(address) + b"\x28\x02\x00"


_OUT, _IN = 1 << 16, 3 << 16
_SENDING, _RECEIVING, _SENT, _RECEIVED = 8, 16, 24, 28
_LEFT_TO_SEND, _LEFT_TO_RECEIVE = 32, 40


def _call(receive: int, send: int) -> bytes:
    """Code that waits, and sends or receives what the vectors at these addresses say."""
    return (
        (_const(receive) + _const(int(receive != 0)) + _const(_RECEIVED))
        + (_const(send) + _const(int(send != 0)) + _const(_SENT))
        + (b"\x42\x7f" + _const(0) + b"\x10\x00")
    )


def _transfer(at: int, size: int, whole: int, rest: int, done: int, sends: bool) -> bytes:
    """Code that moves all of a buffer: mostly at once, else in a loop over what is left."""

    def call(vector: int) -> bytes:
        return _call(0, vector) if sends else _call(vector, 0)

    return (
        call(whole)
        + (_load(done) + _const(size) + b"\x47\x04\x40")  # if it was not all
        + _store(rest, _const(at))
        + _store(rest + 4, _const(size))
        + b"\x03\x40"
        + _store(rest, _load(rest) + _load(done) + b"\x6a")
        + _store(rest + 4, _load(rest + 4) + _load(done) + b"\x6b")
        + (_load(rest + 4) + b"\x04\x40" + call(rest) + b"\x0c\x01\x0b")
        + b"\x0b\x0b"
    )


def _exchange(out: int, out_size: int, in_size: int) -> bytes:
    """Code that sends so many bytes and receives so many."""
    return _transfer(out, out_size, _SENDING, _LEFT_TO_SEND, _SENT, True) + _transfer(
        _IN, in_size, _RECEIVING, _LEFT_TO_RECEIVE, _RECEIVED, False
    )


def _vectors(out: int, out_size: int, in_size: int) -> bytes:
    """Code that prepares what `_exchange` uses."""
    return (
        _store(_SENDING, _const(out))
        + _store(_SENDING + 4, _const(out_size))
        + _store(_RECEIVING, _const(_IN))
        + _store(_RECEIVING + 4, _const(in_size))
    )


def echo_program(size: int, pad: int = 0) -> bytes:
    """A program that discovers `echo` and sends it packets of `size` bytes for ever.

    It is at least `pad` bytes long: what is missing is code that never runs.
    """
    request = bytes(make_discovery(["echo"]))
    request += bytes(-len(request) % 8)
    stride = size + -size % 8
    body = (
        b"\x00"
        + _vectors(1024, len(request), 16)
        + _exchange(1024, len(request), 16)
        + _vectors(_OUT, stride, stride)
        + _store(_OUT, _const(size))
        + b"\x03\x40"
        + _exchange(_OUT, stride, stride)
        + b"\x0c\x00\x0b\x0b"
    )
    unused = b"\x00" + b"".join(_store(8, _const(i)) for i in range(pad // 9)) + b"\x0b"
    io = bytes([0x60, 8, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7E, 0x7F, 0])
    name = b"\x04gate\x08io_65536"
    return (
        b"\0asm\1\0\0\0"
        + _section(1, b"\x02" + io + b"\x60\0\0")
        + _section(2, b"\x01" + name + b"\x00\x00")
        + _section(3, b"\x02\x01\x01")
        + _section(5, b"\x01\x00\x05")
        + _section(7, b"\x01\x04main\x00\x01")
        + _section(10, b"\x02" + b"".join(_leb(len(f)) + f for f in (body, unused)))
        + _section(11, b"\x01\x00" + _const(1024) + b"\x0b" + _leb(len(request)) + request)
    )


# -- measurements --------------------------------------------------------------------------------


def cold(executor: Executor) -> float:
    """Seconds from asking for a process to the end of an empty program."""
    code = image.Program(b"\0asm\1\0\0\0")
    begun = time.perf_counter()
    with executor.new_process() as process:
        process.start(code, image.Instance(code))
        process.serve(None, service.Registry())
        return time.perf_counter() - begun


class OtherSide:
    """The program that measures a bare `multiprocessing`, in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.other_side"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, request: str) -> float:
        """Have it measure something."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(request + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def prepared(process: Process, code: image.Program) -> float:
    """Seconds from the start of a program to its first packet, by which it looks for a service."""
    service = Echo(process.kill)
    begun = time.perf_counter()
    process.start(code, image.Instance(code, entry="main"))
    process.serve(None, registry(service))
    return service.found[0] - begun


def echo(executor: Executor, size: int, count: int, engine: str, warm: int = 100) -> float:
    """Packets there and back per second."""
    times: list[float] = []

    def each() -> None:
        times.append(time.perf_counter())
        if len(times) == warm + count:
            process.kill()

    code = image.Program(echo_program(size))
    with executor.new_process() as process:
        process.start(code, image.Instance(code, entry="main"), ProcessPolicy(engine=engine))
        process.serve(None, registry(Echo(each)))
    return (count - 1) / (times[warm + count - 1] - times[warm])


def measure(rounds: int, engine: str) -> dict[str, list[float]]:
    """All figures of all rounds, by the names in `LIMITS`. `engine` runs the echoing program."""
    figures: dict[str, list[float]] = {name: [] for name in LIMITS}
    code = image.Program(echo_program(16, PROGRAM_SIZE))
    ctx, cancel = background().with_cancel()
    other = OtherSide()
    with Executor() as executor:
        # What is read and compiled only once does not count.
        cold(executor)
        other.seconds("spawn")
        for _ in range(rounds):
            figures["cold"].append(cold(executor) / other.seconds("spawn"))
        waiting = prepare_processes(ctx, executor, 2)
        for _ in range(rounds):
            with waiting.new_process() as process:
                while not process.ready:
                    time.sleep(0.01)
                figures["prepared"].append(1000 * prepared(process, code))
        cancel()
        for size in PACKET_SIZES:
            count = 2000 if size < 1000 else 500
            for _ in range(rounds):
                theirs = count / other.seconds(f"pipe {size} {count}")
                figures[f"echo {size}"].append(echo(executor, size, count, engine) / theirs)
    other.close()
    return figures


@click.command()
@click.option("--rounds", type=click.IntRange(min=1), default=9, show_default=True)
@click.option("--check", is_flag=True, help="Fail unless all figures are as promised.")
@click.option(
    "--engine",
    type=click.Choice(wasm.ENGINES),
    default="translated",
    show_default=True,
    help="Engine for the echoes.",
)
def main(rounds: int, check: bool, engine: str) -> None:
    """Measure what processes cost."""
    broken = []
    for name, values in measure(rounds, engine).items():
        figure, promise = statistics.median(values), LIMITS[name]
        at_most = not name.startswith("echo")
        good = figure <= promise if at_most else figure >= promise
        broken += [] if good else [name]
        relation = "at most" if at_most else "at least"
        unit = " ms" if name == "prepared" else ""
        click.echo(
            f"{name:<12} {figure:8.3f}{unit}  (best {min(values) if at_most else max(values):.3f}, "
            f"{relation} {promise})"
        )
    if check and broken:
        click.echo(f"not as promised: {', '.join(broken)}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.runtime")
