"""The services of one program: discovery, lazy instances, restoring, aborting, shutting down."""

from __future__ import annotations

import pytest

from refexec.context import Context, background
from refexec.errors import DuplicateServiceError, InternalError, PacketError
from refexec.packet import MAX_PACKET_SIZE, Packet, make_data, make_flow
from refexec.runtime.protocols import Sender, ServiceConfig, ServiceState
from refexec.service import Abort, InstanceConfig, Properties, Registry
from refexec.snapshot import Service
from service_world import World


class Probe:
    """A service that notes every call, and fails where it is told to. Echoes calls."""

    def __init__(
        self,
        log: list[str],
        name: str = "echo",
        *,
        streams: bool = False,
        found: bool = True,
        fail: str = "",
        saves: bytes | None = None,
    ) -> None:
        self.properties = Properties(name, "1", streams)
        self.log = log
        self.found = found
        self.fail = fail
        self.saves = saves
        self.config: InstanceConfig | None = None
        self.snapshot: bytes | None = None
        self.abort: Abort | None = None
        self.contexts: dict[str, Context] = {}

    def note(self, what: str, ctx: Context) -> None:
        self.log.append(f"{self.properties.name} {what}")
        self.contexts[what] = ctx
        if self.fail == what:
            raise RuntimeError(f"{self.properties.name} cannot {what}")

    def discoverable(self, ctx: Context) -> bool:
        return self.found

    def create_instance(
        self, ctx: Context, config: InstanceConfig, snapshot: bytes | None
    ) -> Probe:
        self.config = config
        self.snapshot = snapshot
        self.note("create", ctx)
        return self

    def ready(self, ctx: Context) -> None:
        self.note("ready", ctx)

    def start(self, ctx: Context, send: Sender, abort: Abort) -> None:
        self.abort = abort
        self.note("start", ctx)

    def handle(self, ctx: Context, send: Sender, packet: Packet) -> Packet | None:
        self.note("handle", ctx)
        return packet

    def shutdown(self, ctx: Context, suspend: bool) -> bytes | None:
        self.note(f"shutdown {suspend}", ctx)
        return self.saves if suspend else None


def registry_of(*probes: Probe) -> Registry:
    registry = Registry()
    for probe in probes:
        registry.register(probe)
    return registry


def test_s059_an_instance_is_made_at_the_first_packet_and_lives_to_the_shutdown() -> None:
    log: list[str] = []
    world = World(registry_of(probe := Probe(log)))
    assert world.discover("echo") == [True]
    assert log == []
    world.call(b"hello")
    assert log == ["echo create", "echo ready", "echo start", "echo handle"]
    assert probe.snapshot is None
    assert probe.config == InstanceConfig(max_send_size=MAX_PACKET_SIZE, code=0)
    reply = world.receive()
    assert (reply.code, reply.domain, reply.index, reply.content) == (0, 0, 0, b"hello")
    world.call()
    assert log[4:] == ["echo handle"]
    assert world.end() == [Service("echo", b"")]
    assert log[5:] == ["echo shutdown True"]


def test_s046_discovery_returns_the_states_of_all_services_so_far() -> None:
    log: list[str] = []
    world = World(registry_of(Probe(log, "a"), Probe(log, "b"), Probe(log, "c", found=False)))
    assert world.discover() == []
    assert world.discover("a", "nope", "c") == [True, False, False]
    assert world.discover("b") == [True, False, False, True]
    assert world.discover("nope") == [True, False, False, True, False]
    assert world.end() == [Service(name) for name in ("a", "nope", "c", "b", "nope")]
    assert log == []


@pytest.mark.parametrize("rounds", [[("x", "x")], [("x",), ("x",)]])
def test_s047_a_service_discovered_twice_is_a_program_error(rounds: list[tuple[str, ...]]) -> None:
    world = World(registry_of(Probe([], "x")))
    *first, last = rounds
    for names in first:
        world.discover(*names)
    with pytest.raises(DuplicateServiceError, match=r"^duplicate service$"):
        world.discover(*last)
    assert [service.name for service in world.end()] == ["x"]


def test_duplicates_are_told_by_identity_and_not_by_name() -> None:
    probe = Probe([], "x")
    registry = registry_of(probe)

    class Alias(Registry):
        def lookup(self, name: str) -> Probe:
            return probe

    world = World(Alias())
    with pytest.raises(DuplicateServiceError):
        world.discover("x", "y")
    assert registry.lookup("x") is probe


def test_s056_packets_to_an_unavailable_service_are_dropped() -> None:
    world = World(registry_of())
    assert world.discover("nope") == [False]
    world.call(b"anything")
    world.send(make_data(0, 0, 10))
    assert world.quiet
    world.end()


@pytest.mark.parametrize("kind", ["flow", "data"])
def test_s057_stream_packets_need_a_service_with_streams(kind: str) -> None:
    packet = make_flow(0, 0, 1) if kind == "flow" else make_data(0, 0, 1)
    log: list[str] = []
    world = World(registry_of(Probe(log, "plain"), Probe(log, "streams", streams=True)))
    world.discover("plain", "streams")
    with pytest.raises(
        PacketError, match=rf"^service\[0\] received packet with unexpected domain: {kind}$"
    ):
        world.send(packet)
    assert log == []
    packet.data[4] = 1  # the other service
    world.send(packet)
    assert world.receive() is packet


def test_s058_info_packets_are_delivered() -> None:
    log: list[str] = []
    world = World(registry_of(Probe(log)))
    world.discover("echo")
    world.info(b"fyi")
    assert log[-1] == "echo handle"


def test_s085_saved_services_get_their_snapshot_once() -> None:
    log: list[str] = []
    first = Probe(log, "a", saves=b"state of a")
    registry = registry_of(first, Probe(log, "b", saves=b""), Probe(log, "c", found=False))
    saved = [
        Service("a", b"old"),
        Service("gone", b"kept"),
        Service("b", b"used up"),
        Service("c", b"c's"),
    ]
    world = World(registry, saved)
    assert world.states == [True, False, True, True]
    assert first.snapshot == b"old"
    assert log == [
        *("a create", "b create", "c create"),
        *("a ready", "b ready", "c ready"),
        *("a start", "b start", "c start"),
    ]
    del log[:]
    world.call(b"to b", code=2)
    assert log == ["b handle"]
    assert world.end() == [
        Service("a", b"state of a"),
        Service("gone", b"kept"),
        Service("b", b""),
        Service("c", b""),
    ]


def test_restored_streams_service_takes_stream_packets() -> None:
    world = World(registry_of(Probe([], "s", streams=True)), [Service("s", b"")])
    world.send(packet := make_data(0, 0, 1))
    assert world.receive() is packet


def test_a_restored_service_is_a_duplicate_when_discovered_or_saved_again() -> None:
    log: list[str] = []
    registry = registry_of(Probe(log, "x"))
    world = World(registry, [Service("x", b"")])
    with pytest.raises(DuplicateServiceError):
        world.discover("x")
    del log[:]
    with pytest.raises(DuplicateServiceError):
        World(registry, [Service("x", b""), Service("x", b"")])
    assert log == ["x create", "x shutdown False"]


@pytest.mark.parametrize("step", ["create", "ready"])
def test_a_failed_restore_shuts_down_what_was_made(step: str) -> None:
    log: list[str] = []
    registry = registry_of(Probe(log, "a"), Probe(log, "b", fail=step))
    with pytest.raises(RuntimeError, match=rf"^b cannot {step}$"):
        World(registry, [Service("a", b""), Service("b", b"")])
    assert "a shutdown False" in log
    assert ("b shutdown False" in log) == (step == "ready")


def test_a_failed_restore_also_tells_that_shutting_down_failed() -> None:
    log: list[str] = []
    registry = registry_of(Probe(log, "a", fail="shutdown False"), Probe(log, "b", fail="create"))
    with pytest.raises(RuntimeError, match=r"^b cannot create") as caught:
        World(registry, [Service("a", b""), Service("b", b"")])
    assert caught.value.__notes__ == ["and then shutting down failed: a cannot shutdown False"]


@pytest.mark.parametrize("step", ["create", "ready", "start", "handle"])
def test_errors_of_a_first_packet_come_through(step: str) -> None:
    log: list[str] = []
    world = World(registry_of(Probe(log, fail=step)))
    world.discover("echo")
    with pytest.raises(RuntimeError, match=rf"^echo cannot {step}$"):
        world.call()
    assert world.end(suspend=False) == []
    assert ("echo shutdown False" in log) == (step != "create")


def test_all_instances_are_shut_down_and_the_first_error_is_raised() -> None:
    log: list[str] = []
    probes = [Probe(log, name, fail="shutdown True" if name != "a" else "") for name in "abc"]
    world = World(registry_of(*probes), [Service(name) for name in "abc"])
    with pytest.raises(RuntimeError, match=r"^b cannot"):
        world.end()
    assert log[-3:] == ["a shutdown True", "b shutdown True", "c shutdown True"]


def test_shutdown_without_suspension_saves_nothing() -> None:
    world = World(registry_of(Probe([], saves=b"state")), [Service("echo", b"old")])
    assert world.end(suspend=False) == []


def test_abort_fails_the_slot_with_the_first_error_only() -> None:
    probe = Probe([])
    world = World(registry_of(probe), [Service("echo")])
    assert world.errors is not None
    assert probe.abort is not None
    error = OSError("broken")
    probe.abort(error)
    probe.abort(OSError("later"))
    assert world.errors.poll() is error


def test_abort_without_a_reason() -> None:
    probe = Probe([])
    world = World(registry_of(probe), [Service("echo")])
    assert world.errors is not None
    assert probe.abort is not None
    probe.abort(None)
    error = world.errors.poll()
    assert isinstance(error, InternalError)
    assert str(error) == "service aborted with unspecified error"


def test_contexts_of_the_calls() -> None:
    """Restored instances are made with the context of the serve call; the rest is inner."""
    probe = Probe([])
    ctx = background().with_value("key", "value")
    world = World(registry_of(probe), [Service("echo")], ctx)
    world.call()
    world.end()
    contexts = probe.contexts
    assert contexts["create"] is contexts["ready"] is ctx
    assert contexts["start"] is contexts["handle"] is contexts["shutdown True"] is world.ctx
    assert all(seen.value("key") == "value" for seen in contexts.values())
    assert not ctx.done.is_set()
    assert world.ctx.done.is_set()


def test_service_states() -> None:
    state = ServiceState()
    assert (state.flags, state.avail) == (0, False)
    state.set_avail()
    assert (state.flags, state.avail) == (1, True)


def test_the_callers_saved_services_are_left_alone() -> None:
    saved = (Service("echo", b"old"), Service("gone", b"kept"))
    registry = registry_of(Probe([], saves=b"new"))
    server, states, _ = registry.create_server(
        background(), ServiceConfig(MAX_PACKET_SIZE), saved, World(registry_of()).queue
    )
    assert [state.flags for state in states] == [1, 0]
    assert server.shutdown(background(), True)[0] == Service("echo", b"new")
    assert saved == (Service("echo", b"old"), Service("gone", b"kept"))
