"""Scenarios of section C: packets and discovery, between real programs and real services."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from refexec.context import Context
from refexec.errors import ABIViolationError, InternalError
from refexec.packet import (
    MAX_PACKET_SIZE,
    Domain,
    Packet,
    Thunk,
    make,
    make_call,
    make_info,
)
from refexec.runtime.executor import Executor
from refexec.runtime.key import must_context_process_key
from refexec.runtime.process import Process
from refexec.runtime.protocols import Sender
from refexec.service import InstanceBase, InstanceConfig, Properties, Registry
from refexec.service.origin import Connector
from refexec.snapshot import Service
from refexec.trap import TrapID
from runtime_world import (
    Log,
    Script,
    Scripted,
    disc,
    echo,
    kill_when,
    pack,
    raw,
    run,
    states,
    suspend_when,
)


@dataclass
class Echo:
    """A service without streams that answers calls with the same content."""

    calls: list[Any] = field(default_factory=list)
    name: str = "echo"

    @property
    def properties(self) -> Properties:
        return Properties(self.name, "0")

    def discoverable(self, ctx: Context) -> bool:
        return True

    def create_instance(
        self, ctx: Context, config: InstanceConfig, snapshot: bytes | None
    ) -> EchoInstance:
        self.calls.append(("create", snapshot))
        return EchoInstance(self.calls)


class EchoInstance(InstanceBase):
    def __init__(self, calls: list[Any]) -> None:
        self.calls = calls

    def ready(self, ctx: Context) -> None:
        self.calls.append("ready")

    def start(self, ctx: Context, send: Sender, abort: Any) -> None:
        self.calls.append("start")

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        self.calls.append(("handle", bytes(packet)))
        return packet if packet.domain == Domain.CALL else None

    def shutdown(self, ctx: Context, suspend: bool) -> bytes | None:
        self.calls.append(("shutdown", suspend))
        return b"kept" if suspend else None


def registry(*services: Any) -> Registry:
    """Origin, and more."""
    made = Registry()
    made.register(Connector())
    for service in services:
        made.register(service)
    return made


def violation(executor: Executor, sent: bytes, message: str) -> None:
    """What a program that sends this is told off with."""
    code = Script().send(sent).forever().program()
    with pytest.raises(ABIViolationError, match=message) as caught:
        run(executor, code, services=registry(Echo()))
    assert caught.value.trap is TrapID.ABI_VIOLATION


def test_s044_discovery_reply(executor: Executor) -> None:
    assert disc("origin") == bytes.fromhex("11000000ffff00000100066f726967696e00000000000000")
    out = run(executor, Script().send(disc("origin")).receive(16).program(), services=registry())
    assert out.debug == bytes.fromhex("0b000000ffff0000010001") + bytes(5) + b"\n"
    assert (out.trap, out.result.value) == (TrapID.EXIT, 0)
    assert out.buffers.services == [Service("origin", b"")]


def test_s045_three_names_in_one_request(executor: Executor) -> None:
    code = Script().send(disc("origin", "test", "_nonexistent")).receive(16).program()
    out = run(executor, code, services=registry(Echo(name="test2")))
    assert out.debug == bytes.fromhex("0d000000ffff00000300010000000000") + b"\n"


def test_s046_a_second_request_adds(executor: Executor) -> None:
    code = Script().send(disc("origin")).receive(16).send(disc("echo")).receive(16).program()
    out = run(executor, code, services=registry(Echo()))
    assert out.debug == states(1) + states(1, 1) + b"\n"


@pytest.mark.parametrize(
    "sent", [disc("origin", "origin"), disc("origin") + disc("origin")], ids=["one", "two"]
)
def test_s047_a_service_is_discovered_once(executor: Executor, sent: bytes) -> None:
    violation(executor, sent, "^duplicate service$")


def test_s047_what_does_not_exist_may_be_asked_for_again(executor: Executor) -> None:
    out = run(executor, Script().send(disc("bogus", "bogus")).receive(16).program())
    assert out.debug == states(0, 0) + b"\n"


def test_s048_a_request_without_names(executor: Executor) -> None:
    code = Script().send(disc()).receive(16).send(disc("x")).receive(16).send(disc()).receive(16)
    assert run(executor, code.program()).debug == states() + states(0) + states(0) + b"\n"


def test_s049_no_more_than_256_services(executor: Executor) -> None:
    names = [f"unknown{i}" for i in range(300)]
    code = (
        Script()
        .send(disc(*names[:150]))
        .receive(160)
        .send(disc(*names[150:]))
        .receive(272)
        .program()
    )
    out = run(executor, code)
    assert out.debug == states(*[0] * 150) + states(*[0] * 256) + b"\n"
    assert [service.name for service in out.buffers.services] == names[:256]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (raw(12, -1, 0, b"\1\0\0x"), "service name length in discovery packet is out of bounds"),
        (raw(11 + 128, -1, 0, b"\1\0\x80" + b"x" * 128), "name length .* is out of bounds"),
        (raw(13, -1, 0, b"\1\0\5ab"), "name data is truncated in service discovery packet"),
        (raw(10, -1, 0, b"\1\0"), "name data is truncated in service discovery packet"),
        (raw(9, -1, 0, b"\0"), "service discovery packet is too short: 9 bytes"),
        (raw(10, -1, 1, b"\0\0"), "service discovery packet has wrong domain: 1"),
    ],
)
def test_s050_bad_discovery(executor: Executor, sent: bytes, message: str) -> None:
    violation(executor, sent, message)


def test_s050_bytes_after_the_names(executor: Executor) -> None:
    code = Script().send(raw(18, -1, 0, b"\1\0\4echoEXT")).receive(16).program()
    assert run(executor, code, services=registry(Echo())).debug == states(1) + b"\n"


@pytest.mark.parametrize("size", [7, 65537])
def test_s051_a_size_out_of_range(executor: Executor, size: int) -> None:
    violation(executor, raw(size, 0, 0), f"^runtime: invalid op packet size: {size}$")


def test_s051_the_largest_packet(executor: Executor) -> None:
    service = Echo()
    large = raw(65536, 0, 1, bytes(range(256)) * 255 + bytes(248))
    code = Script().send(disc("echo") + large).program()
    assert run(executor, code, services=registry(service)).trap is TrapID.EXIT
    assert ("handle", large) in service.calls


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (raw(8, -2, 0), "^invalid code in incoming packet: -2$"),
        (raw(8, 0, 0), "^invalid service code in packet: 0$"),
        (disc("echo") + raw(8, 1, 0), "^invalid service code in packet: 1$"),
        (disc("echo") + raw(8, 0, 4), "^invalid domain in packet: 4$"),
        (disc("origin") + raw(15, 0, 3, bytes(7)), "^data packet is too short: 15 bytes$"),
    ],
)
def test_s052_s053_s054_bad_packets(executor: Executor, sent: bytes, message: str) -> None:
    violation(executor, sent, message)


def test_s053_the_high_half_of_the_domain_is_ignored(executor: Executor) -> None:
    code = Script().send(disc("echo") + raw(8, 0, 0x10)).receive(24).program()
    out = run(executor, code, services=registry(Echo()))
    assert out.debug == states(1) + raw(8, 0, 0x10) + b"\n"


def test_s054_a_flow_packet_without_entries(executor: Executor) -> None:
    out = run(executor, Script().send(disc("origin") + raw(8, 0, 2)).program(), services=registry())
    assert out.trap is TrapID.EXIT


def test_s055_a_call(executor: Executor) -> None:
    call = raw(13, 0, 0, b"hello")
    code = Script().send(disc("echo") + call).receive(32).program()
    out = run(executor, code, services=registry(Echo()))
    assert out.debug == states(1) + call + b"\n"
    assert call == bytes.fromhex("0d00000000000000") + b"hello" + bytes(3)


def test_s056_a_packet_to_a_service_that_is_not_there(executor: Executor) -> None:
    code = Script().send(disc("nothing") + raw(8, 0, 0) + disc()).receive(32).program()
    assert run(executor, code, services=registry()).debug == states(0) + states(0) + b"\n"


@pytest.mark.parametrize(("domain", "word"), [(2, "flow"), (3, "data")])
def test_s057_stream_packets_to_a_service_without_streams(
    executor: Executor, domain: int, word: str
) -> None:
    sent = disc("echo") + raw(16, 0, domain, bytes(8))
    violation(executor, sent, rf"^service\[0\] received packet with unexpected domain: {word}$")


def test_s058_info_is_delivered(executor: Executor) -> None:
    service = Echo()
    info = pack(make_info(0), b"news")
    run(executor, Script().send(disc("echo") + info).program(), services=registry(service))
    assert ("handle", info[:12]) in service.calls


def test_s059_an_instance_is_made_at_its_first_packet(executor: Executor) -> None:
    service = Echo()
    code = Script().send(disc("echo")).receive(16)
    run(executor, code.program(), services=registry(service))
    assert service.calls == []
    code.send(raw(8, 0, 0)).receive(8).send(raw(8, 0, 1))
    out = run(executor, code.program(), services=registry(service))
    names = [call[0] if isinstance(call, tuple) else call for call in service.calls]
    assert names == ["create", "ready", "start", "handle", "handle", "shutdown"]
    assert service.calls[-1] == ("shutdown", True)
    assert out.buffers.services == [Service("echo", b"kept")]


def test_s060_two_calls_in_one_write_or_byte_by_byte(executor: Executor) -> None:
    calls = raw(16, 0, 0, b"11111111") + raw(16, 0, 0, b"22222222")
    at_once = Script().send(disc("echo")).receive(16).send(calls).receive(32)
    single = Script().send(disc("echo")).receive(16)
    for byte in calls:
        single.send(bytes([byte]))
    single.receive(32)
    for script in (at_once, single):
        assert run(executor, script.program(), services=registry(Echo())).debug == (
            states(1) + calls + b"\n"
        )


def offering(world: Scripted, *packets: Packet) -> threading.Thread:
    """Have a service's thread send packets, one after the other."""
    sender, ctx = world.sender, world.ctx
    assert sender is not None
    assert ctx is not None

    def send() -> None:
        for packet in packets:
            world.record("sent", sender.send(Thunk.of(packet), ctx))

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def test_s061_a_reply_comes_before_what_is_offered_later(executor: Executor) -> None:
    info_a, info_b = make_info(0, 8), make_info(0, 16)
    threads = []

    def handle(world: Scripted, packet: Packet) -> Packet:
        # Queued in this order; the offers are not taken before this function returns.
        threads.append(offering(world, info_a, info_b))
        return packet

    world = Scripted(handle)
    code = Script().send(disc("x") + raw(8, 0, 0)).receive(16 + 8 + 16 + 24).program()
    out = run(executor, code, services=world)
    for thread in threads:
        thread.join()
    assert out.debug == states(1) + raw(8, 0, 0) + pack(info_a) + pack(info_b) + b"\n"
    assert world.named("sent") == 2


def test_s062_an_empty_thunk_delivers_nothing(executor: Executor) -> None:
    threads = []

    def begin(world: Scripted) -> None:
        threads.append(offering(world, Packet(), make_call(0, 8)))

    out = run(executor, Script().receive(16).program(), services=Scripted(on_start=begin))
    threads[0].join()
    assert out.debug == pack(make_call(0, 8)) + b"\n"


def test_s062_a_thunk_with_an_error_ends_the_process(executor: Executor) -> None:
    error = RuntimeError("cannot go on")
    taken = []

    def begin(world: Scripted) -> None:
        assert world.sender is not None
        assert world.ctx is not None
        thunk = Thunk(lambda: (make_info(0), error))
        thread = threading.Thread(
            target=lambda: taken.append(world.sender and world.sender.send(thunk, world.ctx))
        )
        thread.start()

    with pytest.raises(InternalError, match=r"^cannot go on$") as caught:
        run(executor, Script().forever().program(), services=Scripted(on_start=begin))
    assert caught.value.__cause__ is error


def test_s063_a_program_that_never_reads_costs_little(executor: Executor) -> None:
    evaluated = []
    full = threading.Event()

    def begin(world: Scripted) -> None:
        sender, ctx = world.sender, world.ctx
        assert sender is not None
        assert ctx is not None

        def send() -> None:
            def evaluate() -> tuple[Packet, None]:
                evaluated.append(1)
                return make(0, Domain.INFO, MAX_PACKET_SIZE), None

            for _ in range(10_000):
                waiting, cancel = ctx.with_timeout(1.0)
                taken = sender.send(Thunk(evaluate), waiting)
                cancel()
                if not taken:
                    full.set()
                    return

        threading.Thread(target=send, daemon=True).start()

    def kill(process: Process, log: Log) -> None:
        assert full.wait(20)
        process.kill()

    code = Script().forever().program()
    out = run(executor, code, services=Scripted(on_start=begin), during=kill)
    assert out.trap is TrapID.KILLED
    assert 1 <= len(evaluated) < 20
    # All of it is kept, in whole packets.
    assert len(out.buffers.input) == len(evaluated) * MAX_PACKET_SIZE


def test_s064_nothing_is_handled_while_an_event_has_to_wait(executor: Executor) -> None:
    big = make(0, Domain.CALL, MAX_PACKET_SIZE)
    handled_when_logged = []

    def handle(world: Scripted, packet: Packet) -> Packet:
        reply = Packet(bytearray(bytes(big)))
        reply.set_size()
        return reply

    world = Scripted(handle)
    # More replies than the channel takes; and then it says so, and never reads anything.
    calls = b"".join(raw(8, 0, 0) for _ in range(20))
    code = Script().send(disc("x") + calls).log(b"sent\n").forever().program()

    def look(process: Process, log: Log) -> None:
        log.wait_for(b"sent")
        handled_when_logged.append(world.named("handle"))
        process.kill()

    out = run(executor, code, services=world, during=look)
    assert out.trap is TrapID.KILLED
    assert handled_when_logged[0] < 20
    assert world.named("handle") == 20
    # All replies, behind that to the discovery.
    assert len(out.buffers.input) == 16 + 20 * MAX_PACKET_SIZE


def test_s065_everything_written_before_the_end_is_handled(executor: Executor) -> None:
    calls = [raw(13, 0, 0, bytes([65 + i]) * 5) for i in range(3)]
    code = Script().send(disc("x")).receive(16).send(b"".join(calls)).program()
    world = Scripted(echo)
    out = run(executor, code, services=world)
    assert out.trap is TrapID.EXIT
    assert world.named("handle") == 3
    assert out.buffers.input == b"".join(calls)


def test_s066_everything_written_before_a_kill_is_handled(executor: Executor) -> None:
    world = Scripted(echo)
    code = Script().send(disc("x") + raw(8, 0, 0)).log(b"sent").log(b"\n").forever().program()
    out = run(executor, code, services=world, during=kill_when(b"sent"))
    assert out.trap is TrapID.KILLED
    assert world.named("handle") == 1
    assert out.buffers.input == states(1) + raw(8, 0, 0)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Packet(bytes(7)), "invalid size: 7"),
        (make(0, 0, MAX_PACKET_SIZE + 1), "invalid size: 65537"),
        (make_call(-1), "invalid code: -1"),
    ],
)
def test_s067_a_bad_reply_is_the_fault_of_the_host(
    executor: Executor, reply: Packet, message: str
) -> None:
    world = Scripted(lambda world, packet: reply)
    with pytest.raises(InternalError, match=message):
        run(executor, Script().send(disc("x") + raw(8, 0, 0)).forever().program(), services=world)


def test_s068_s069_what_services_are_told(executor: Executor) -> None:
    world = Scripted(echo)
    out = run(executor, Script().send(disc("x") + raw(8, 0, 0)).program(), services=world)
    assert out.trap is TrapID.EXIT
    assert world.calls[0][:3] == ("create_server", 65536, [])
    contexts = [call[-1] for call in world.calls if isinstance(call[-1], Context)]
    assert len(contexts) == 4
    assert len({must_context_process_key(ctx) for ctx in contexts}) == 1
    # That of the server ends before it is shut down, that of create_server never does.
    assert world.calls[-1] == ("shutdown", True, True)
    assert [ctx.err is None for ctx in contexts] == [True, False, False, False]


def test_a_service_that_raises(executor: Executor) -> None:
    def handle(world: Scripted, packet: Packet) -> None:
        raise ZeroDivisionError("by zero")

    world = Scripted(handle)
    with pytest.raises(InternalError, match=r"^by zero$"):
        run(executor, Script().send(disc("x") + raw(8, 0, 0)).forever().program(), services=world)
    assert world.calls[-1] == ("shutdown", False, True)


def test_a_suspension_does_not_wait_for_the_reader(executor: Executor) -> None:
    world = Scripted(lambda world, packet: Packet(bytes(make(0, 0, MAX_PACKET_SIZE))))
    calls = b"".join(raw(8, 0, 0) for _ in range(20))
    code = Script().send(disc("x") + calls).log(b"sent\n").forever().program()
    out = run(executor, code, services=world, during=suspend_when(b"sent"))
    assert out.trap is TrapID.SUSPENDED
    assert len(out.buffers.input) == 16 + 20 * MAX_PACKET_SIZE


def test_s098_reading_and_writing_without_waiting(executor: Executor) -> None:
    """With nothing to read, and with nobody who reads, both give 6 (again)."""
    code = (
        Script()
        .wat(
            "(i32.store (i32.const 512) (i32.const 600)) (i32.store (i32.const 516) (i32.const 8))"
        )
        .wat(
            """(if (i32.ne (i32.const 6) (call $fd_read (i32.const 4) (i32.const 512)
                 (i32.const 1) (i32.const 520))) (then (unreachable)))"""
        )
        .send(disc("x"))
        # Now calls, until no more fit in.
        .wat("(i32.store (i32.const 600) (i32.const 8))")
        .wat(
            """(loop $more
                 (br_if $more (i32.eqz (call $fd_write (i32.const 4) (i32.const 512)
                   (i32.const 1) (i32.const 520)))))"""
        )
        .log(b"full\n")
        .program(
            imports="""(import "wasi_unstable" "fd_read"
              (func $fd_read (param i32 i32 i32 i32) (result i32)))"""
        )
    )
    world = Scripted(lambda world, packet: Packet(bytes(make(0, 0, MAX_PACKET_SIZE))))
    out = run(executor, code, services=world)
    assert (out.trap, out.debug) == (TrapID.EXIT, b"full\n")
    assert len(out.buffers.input) == 16 + world.named("handle") * MAX_PACKET_SIZE
