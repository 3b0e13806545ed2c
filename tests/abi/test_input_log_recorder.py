"""Recording and replaying ABI calls, without an engine: what a call did, it does again."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abi_world import ByteMemory, SocketChannel, World
from input_logs import BEGINNING
from refexec.abi import ABIImport, Deficiency, ProcessExit, Resolution, Suspend
from refexec.abi.inputlog import container
from refexec.abi.inputlog.calls import EffectKind, OutcomeKind, decode_call
from refexec.abi.inputlog.container import InputLog, LogWriter
from refexec.abi.inputlog.recorder import MAX_PIECE, Piece, RecordingHost
from refexec.abi.inputlog.replayer import Replayer
from refexec.abi.table import GATE, PRIMITIVES, WASI
from refexec.errors import InputLogError, ReplayDivergedError, TrapError
from refexec.wasm import I64

FUNCTIONS = WASI | GATE | PRIMITIVES
NAMES = sorted(FUNCTIONS)
RESOLUTION = Resolution(
    tuple(ABIImport("m", name, FUNCTIONS[name].type, FUNCTIONS[name]) for name in NAMES), False
)
"""Everything that there is, by its name in its table."""

Step = tuple[str, list[int]]


def signed(name: str, arguments: list[int]) -> list[int]:
    result = []
    for value, kind in zip(arguments, FUNCTIONS[name].type.params, strict=True):
        width = 64 if kind is I64 else 32
        result.append(value - (1 << width) if value >> (width - 1) else value)
    return result


def outcome(functions: Any, name: str, arguments: list[int]) -> object:
    """What a call comes to, in a form that can be compared."""
    try:
        return functions["m", name].callable(*signed(name, arguments))
    except TrapError as error:
        return error.cause
    except ProcessExit as end:
        return ("exit", end.status)
    except (Deficiency, Suspend) as end:
        return type(end)


class Recorded(World):
    """A world whose host records."""

    def __init__(self, *, size: int = 0x10000, debug: bool = True, **options: Any) -> None:
        super().__init__(memory_size=size, debug=debug, **options)
        self.pieces: list[tuple[Piece, bytes]] = []
        self.fuel = 0
        self.host = RecordingHost(
            self.channel,
            self.clock,
            emit=lambda piece, data: self.pieces.append((piece, data)),
            time_resolution=1000,
            random=bytes(range(1, 17)),
            debug=debug,
        )
        self.host.meter = lambda: self.fuel
        self.host.bind(self.memory)
        self.functions = self.host.imports(RESOLUTION)
        self.outcomes: list[object] = []
        self.steps: list[Step] = []

    def make(self, name: str, *arguments: int) -> object:
        """Make a call at a fuel of its own."""
        self.fuel += 7
        self.steps.append((name, list(arguments)))
        self.outcomes.append(outcome(self.functions, name, list(arguments)))
        return self.outcomes[-1]

    def log(self) -> InputLog:
        file = io.BytesIO()
        writer = LogWriter(file.write)
        writer.begin(BEGINNING)
        for piece in self.pieces:
            writer.piece(*piece)
        file.seek(0)
        return container.load(file)


@dataclass
class Again:
    """The other side: a program that makes the same calls of a replayer."""

    log: InputLog
    memory: ByteMemory = field(default_factory=ByteMemory)
    sent: bytes = b""
    logged: bytes = b""

    def __post_init__(self) -> None:
        def take_sent(data: bytes) -> None:
            self.sent += data

        def take_logged(data: bytes) -> None:
            self.logged += data

        self.replayer = Replayer(self.log, RESOLUTION, sent=take_sent, logged=take_logged)
        self.fuel = 0
        self.replayer.meter = lambda: self.fuel
        self.replayer.bind(self.memory)
        self.functions = self.replayer.imports()

    def make(self, name: str, *arguments: int) -> object:
        self.fuel += 7
        return outcome(self.functions, name, list(arguments))


EDGES32 = [0, 1, 2, 3, 4, 5, 8, 16, 48, 100, 1000, 0xFFF8, 0xFFFF, 0x10000, 1 << 31, (1 << 32) - 1]
EDGES64 = [0, 1, 999, 1000, 0x40, 0x42, 1 << 30, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]


@st.composite
def steps(draw: st.DrawFn) -> Step:
    name = draw(st.sampled_from(NAMES))
    params = FUNCTIONS[name].type.params
    return name, [draw(st.sampled_from(EDGES64 if kind is I64 else EDGES32)) for kind in params]


@settings(max_examples=300, deadline=None)
@given(st.lists(steps(), min_size=1, max_size=6), st.binary(max_size=256), st.booleans())
def test_whatever_calls_do_they_do_again(sequence: list[Step], content: bytes, debug: bool) -> None:
    with Recorded(debug=debug) as world:
        world.put(0, content)
        world.peer.send(b"some input, more than one buffer takes")
        # So that nothing waits for ever.
        world.channel.suspend()
        for name, arguments in sequence:
            ended = world.make(name, *arguments)
            if not (ended is None or type(ended) is int):
                break
        again = Again(world.log())
        again.memory.write(0, content)
        for (name, arguments), expected in zip(world.steps, world.outcomes, strict=True):
            assert again.make(name, *arguments) == expected
        assert again.replayer.position == len(world.steps)
        assert again.memory.data == world.memory.data
        assert again.logged == world.channel.log
        assert again.sent == received(world)


def received(world: World) -> bytes:
    data = b""
    world.peer.setblocking(False)
    try:
        while chunk := world.peer.recv(1 << 16):
            data += chunk
    except BlockingIOError:
        pass
    return data


# -- what is written down --------------------------------------------------------------------------


def kinds(world: Recorded, number: int = 0) -> list[tuple[EffectKind, int, int]]:
    return [(e.kind, e.address, e.size) for e in world.log().call(number).effects]


def test_a_transfer_in_both_directions_is_told_in_its_order() -> None:
    with Recorded() as world:
        world.peer.send(b"reply")
        send = world.vector(0, (100, 3), (200, 0), (300, 2))
        receive = world.vector(64, (400, 2), (500, 100))
        world.make("io", receive, 2, 1000, send, 3, 1004, 0, 1008)
        assert kinds(world) == [
            (EffectKind.SENT, 100, 3),
            (EffectKind.SENT, 300, 2),
            (EffectKind.RECEIVED, 400, 2),
            (EffectKind.RECEIVED, 500, 3),
            (EffectKind.WROTE, 1004, 4),
            (EffectKind.WROTE, 1000, 4),
            (EffectKind.WROTE, 1008, 8),
        ]


def test_writes_beside_each_other_are_told_as_one() -> None:
    with Recorded() as world:
        world.make("random_get", 100, 16)
        assert kinds(world) == [(EffectKind.WROTE, 100, 16)]


def test_fuel_and_arguments_are_told() -> None:
    with Recorded() as world:
        world.make("sched_yield")
        world.fuel = 1000
        world.make("fd_close", (1 << 32) - 1)
        log = world.log()
        assert log.fuels == [7, 1007]
        assert log.call(1).fuel == 1000
        assert log.call(1).arguments == ((1 << 32) - 1,)
        assert NAMES[log.call(1).function] == "fd_close"


def test_a_deficiency_is_told_with_its_reason() -> None:
    with Recorded() as world:
        assert world.make("random_get", 0x100, 17) is Deficiency
        call = world.log().call(0)
        assert call.outcome.kind is OutcomeKind.DEFICIENT
        assert "budget" in call.outcome.text
        assert kinds(world) == [(EffectKind.WROTE, 0x100, 16)]
        again = Again(world.log())
        assert again.make("random_get", 0x100, 17) is Deficiency
        assert again.replayer.deficiency == call.outcome.text


def test_a_call_that_was_interrupted_is_interrupted_again() -> None:
    with Recorded() as world:
        world.channel.suspend()
        assert world.make("poll_oneoff", 0, 0, 0, 64) is Suspend
        call = world.log().call(0)
        assert (call.outcome.kind, call.effects) == (OutcomeKind.SUSPENDED, ())
        again = Again(world.log())
        assert again.make("poll_oneoff", 0, 0, 0, 64) is Suspend
        assert again.replayer.deficiency is None


def test_a_large_transfer_comes_in_pieces_of_bounded_size() -> None:
    size = 150_000
    with Recorded(size=0x40000) as world:
        content = bytes(range(256)) * (size // 256)
        for start in range(0, len(content), 4096):
            if not world.peer.send(content[start : start + 4096]):
                break
        world.vector(8, (1000, size))
        world.make("fd_read", 4, 8, 1, 64)
        got = world.u32(64)
        assert got > 2 * MAX_PIECE
        assert {piece for piece, _ in world.pieces} == {Piece.PART, Piece.LAST}
        assert max(len(data) for _, data in world.pieces) <= MAX_PIECE
        again = Again(world.log(), ByteMemory(0x40000))
        again.memory.write(8, world.bytes(8, 8))
        again.make("fd_read", 4, 8, 1, 64)
        assert again.memory.data == world.memory.data


def test_many_events_come_in_pieces_of_bounded_size() -> None:
    count = 5000
    with Recorded(size=0x80000) as world:
        world.memory.data[:] = bytes(len(world.memory.data))
        world.make("poll_oneoff", 8, 0x40000, count, 4)
        assert world.u32(4) == count
        assert max(len(data) for _, data in world.pieces) <= MAX_PIECE
        assert len(world.log().call(0).effects) == 2 * count + 1


def test_an_import_under_two_indices_is_the_first() -> None:
    item = ABIImport("m", "sched_yield", WASI["sched_yield"].type, WASI["sched_yield"])
    other = ABIImport("m", "fd_close", WASI["fd_close"].type, WASI["fd_close"])
    pieces: list[bytes] = []
    with contextlib.closing(SocketChannel()) as channel:
        host = RecordingHost(channel, emit=lambda _, data: pieces.append(data))
        host.meter = lambda: 0
        functions = host.imports(Resolution((other, item, item), False))
        assert functions["m", "sched_yield"].callable() == 0
    assert decode_call(pieces[0]).function == 1


# -- what is told apart ----------------------------------------------------------------------------


def recorded_write() -> InputLog:
    with Recorded() as world:
        world.vector(8, (100, 3))
        world.make("fd_write", 4, 8, 1, 64)
        world.make("fd_write", 1, 8, 1, 64)
        world.make("clock_time_get", 0, 0, 80)
        return world.log()


def diverge(again: Again, name: str, *arguments: int) -> ReplayDivergedError:
    with pytest.raises(ReplayDivergedError) as caught:
        again.make(name, *arguments)
    return caught.value


def test_another_call() -> None:
    error = diverge(Again(recorded_write()), "sched_yield")
    assert (error.call, error.fuel) == (1, 7)
    assert str(error) == (
        "replay diverges at call 1, fuel 7: expected fd_write(4, 8, 1, 64), found sched_yield()"
    )


def test_another_argument() -> None:
    error = diverge(Again(recorded_write()), "fd_write", 4, 8, 1, 68)
    assert error.found == "fd_write(4, 8, 1, 68)"


def test_another_fuel() -> None:
    again = Again(recorded_write())
    again.fuel = 1
    error = diverge(again, "fd_write", 4, 8, 1, 64)
    assert error.expected == "fd_write(4, 8, 1, 64) at fuel 7"
    assert error.found == "fd_write(4, 8, 1, 64) at fuel 8"


@pytest.mark.parametrize(("number", "what"), [(0, "packet bytes"), (1, "debug text")])
def test_other_bytes(number: int, what: str) -> None:
    again = Again(recorded_write())
    for fd in (4, 1)[: number + 1]:
        if fd == (4, 1)[number]:
            again.memory.write(101, b"?")
            error = diverge(again, "fd_write", fd, 8, 1, 64)
        else:
            again.make("fd_write", fd, 8, 1, 64)
    assert error.call == number + 1
    assert error.expected.startswith(f"3 bytes of {what} whose SHA-256 begins with ")


def test_one_call_more() -> None:
    again = Again(recorded_write())
    again.make("fd_write", 4, 8, 1, 64)
    again.make("fd_write", 1, 8, 1, 64)
    again.make("clock_time_get", 0, 0, 80)
    error = diverge(again, "sched_yield")
    assert (error.call, error.expected, error.found) == (4, "no more calls", "sched_yield()")


def refuse(again: Again, name: str, *arguments: int) -> str:
    with pytest.raises(InputLogError) as caught:
        again.make(name, *arguments)
    assert not isinstance(caught.value, ReplayDivergedError)
    return str(caught.value)


def test_memory_that_is_not_there() -> None:
    again = Again(recorded_write(), ByteMemory(66))
    assert refuse(again, "fd_write", 4, 8, 1, 64) == (
        "input log: call 1 reaches outside memory: 3 bytes at address 100"
    )
    again = Again(recorded_write())
    again.replayer.bind(None)
    assert "outside memory" in refuse(again, "fd_write", 4, 8, 1, 64)


@pytest.mark.parametrize(
    ("encoded", "message"),
    [
        (b"\x10\x00", "results of another type than the function"),
        (b"\x10\x02\x00\x00", "results of another type than the function"),
        (b"\x10\x01\xff\xff\xff\xff\x7f", "results of another type than the function"),
        (b"\x11\x03odd", "an unknown trap 'odd'"),
    ],
)
def test_outcomes_that_cannot_be(encoded: bytes, message: str) -> None:
    with Recorded() as world:
        world.make("sched_yield")
        piece, data = world.pieces[0]
        world.pieces[0] = piece, data.removesuffix(b"\x10\x01\x00") + encoded
        assert refuse(Again(world.log()), "sched_yield") == f"input log: call 1 has {message}"


def test_a_function_that_cannot_be() -> None:
    with Recorded() as world:
        world.make("sched_yield")
        piece, data = world.pieces[0]
        world.pieces[0] = piece, b"\x7f" + data[1:]
        assert diverge(Again(world.log()), "sched_yield").expected == "import 127()"
