"""The example programs in the runtime: real workers, real services, awkward connections."""

from __future__ import annotations

import io
import random

import pytest

from example_runs import BrokenSink, Open, Run, Sink, Trickle
from refexec.runtime.process import Process
from refexec.trap import TrapID

NOTHING = io.BytesIO


def halted_successfully(run: Run) -> bool:
    return (run.trap, str(run.result)) == (TrapID.EXIT, "halted successfully")


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


# -- hello ---------------------------------------------------------------------------------------


def test_s110_the_greeting_arrives_although_the_program_ends_at_once() -> None:
    run = Run.of("hello", "greet")
    sink = Sink()
    run.serve((NOTHING(), sink))
    assert halted_successfully(run)
    assert sink.content == b"hello, world\n"
    assert run.log == ["hello: greeting sent"]
    assert [service.name for service in run.buffers.services] == ["origin"]


def test_s110_the_greeting_arrives_also_while_the_reader_has_more_to_say() -> None:
    run = Run.of("hello", "greet")
    sink = Sink()
    run.serve((io.BytesIO(b"never read"), sink))
    assert halted_successfully(run)
    assert sink.content == b"hello, world\n"


def test_hello_traps_where_there_is_no_origin() -> None:
    run = Run.of("hello", "greet")
    run.serve(services=["catalog"])
    assert run.trap == TrapID.UNREACHABLE
    assert run.log == ["service not available: origin"]


# -- echo and copier -----------------------------------------------------------------------------

COPYING = [("echo", "echo"), ("copier", "copy")]


@pytest.mark.parametrize(("name", "entry"), COPYING)
@pytest.mark.parametrize("size", [0, 1, 7, 8, 2047, 2049, 32767, 32768, 200_000])
def test_all_that_is_read_comes_back(name: str, entry: str, size: int) -> None:
    run = Run.of(name, entry)
    sink = Sink()
    run.serve((io.BytesIO(noise(size)), sink))
    assert halted_successfully(run)
    assert sink.content == noise(size)
    assert sink.closed


@pytest.mark.parametrize(("name", "entry"), COPYING)
def test_s111_content_that_comes_in_crumbs_comes_back_whole(name: str, entry: str) -> None:
    run = Run.of(name, entry)
    sink = Sink()
    run.serve((Trickle(noise(3000), 3), sink))
    assert halted_successfully(run)
    assert sink.content == noise(3000)


@pytest.mark.parametrize(("name", "entry"), COPYING)
def test_a_connection_that_nobody_reads_any_more_is_given_up(name: str, entry: str) -> None:
    run = Run.of(name, entry)
    sink = BrokenSink(1000)
    run.serve((Trickle(bytes(100_000), 500), sink))
    assert halted_successfully(run)
    assert 1000 <= len(sink.content) < 100_000


def test_copier_counts_what_it_copies() -> None:
    run = Run.of("copier", "copy")
    run.serve((io.BytesIO(noise(1 << 20)), sink := Sink()))
    assert sink.content == noise(1 << 20)
    assert run.log == ["copier: 1048576 bytes"]


def test_copier_joins_two_connections() -> None:
    run = Run.of("copier", "join")
    first, second = Sink(), Sink()
    run.serve((io.BytesIO(noise(50_000)), first), (io.BytesIO(b"not asked for"), second))
    assert halted_successfully(run)
    assert (first.content, second.content) == (b"", noise(50_000))


def test_s112_echo_serves_connections_side_by_side_and_uses_places_again() -> None:
    run = Run.of("echo", "serve")
    waiting = [Open(b"%d" % number) for number in range(3)]
    patient = [Sink() for _ in waiting]
    # One place is left for all of these, so that they come one after another.
    hasty = [Sink() for _ in range(4)]

    def meanwhile(process: Process) -> None:
        for number, sink in enumerate(patient):
            sink.wait_for(lambda sink, number=number: sink.content == b"%d" % number)
            assert not sink.closed
        for sink in hasty:
            sink.wait_for(lambda sink: sink.closed)
        for source, sink in zip(waiting, patient, strict=True):
            source.end.set()
            sink.wait_for(lambda sink: sink.closed)
        process.suspend()

    run.serve(
        *zip(waiting, patient, strict=True),
        *((io.BytesIO(noise(5000)), sink) for sink in hasty),
        meanwhile=meanwhile,
    )
    assert run.trap == TrapID.SUSPENDED
    assert [sink.content for sink in patient] == [b"0", b"1", b"2"]
    assert [sink.content for sink in hasty] == [noise(5000)] * 4


def test_connections_do_not_outlive_a_suspension_and_the_program_copes() -> None:
    run = Run.of("echo", "echo")
    source, sink = Open(b"before"), Sink()

    def meanwhile(process: Process) -> None:
        sink.wait_for(lambda sink: sink.content == b"before")
        process.suspend()

    try:
        run.serve((source, sink), meanwhile=meanwhile)
        assert run.trap == TrapID.SUSPENDED
    finally:
        source.end.set()
    assert run.buffers.services[0].buffer

    run.serve()
    assert halted_successfully(run)
    assert run.log == []


def test_a_program_suspended_while_it_waits_for_a_connection_gets_it_after_resuming() -> None:
    run = Run.of("echo", "echo")
    run.serve(meanwhile=lambda process: process.suspend())
    assert run.trap == TrapID.SUSPENDED
    run.serve((io.BytesIO(b"after"), sink := Sink()))
    assert halted_successfully(run)
    assert sink.content == b"after"


# -- counter -------------------------------------------------------------------------------------


def numbers(run: Run) -> list[int]:
    assert all(line.startswith("counter: ") for line in run.log)
    return [int(line.removeprefix("counter: ")) for line in run.log]


def test_counter_counts_to_its_limit() -> None:
    run = Run.of("counter", "count_to")
    run.serve()
    assert halted_successfully(run)
    assert numbers(run) == [20_000, 40_000, 60_000, 80_000, 100_000]


def test_s081_a_halted_counter_goes_on_when_it_is_called_again() -> None:
    run = Run.of("counter", "count_to")
    run.serve()
    run.instance.set_entry("count_to")
    run.serve()
    assert halted_successfully(run)
    assert numbers(run)[-1] == 200_000


def test_s021_a_suspended_counter_loses_nothing() -> None:
    run = Run.of("counter", "count")
    for _ in range(6):
        run.serve(fuel=555_555)
        assert run.trap == TrapID.SUSPENDED
        assert run.instance.stack_usage > 0
    counted = numbers(run)
    assert len(counted) >= 3
    assert counted == list(range(20_000, 20_000 * (len(counted) + 1), 20_000))


# -- the others ----------------------------------------------------------------------------------


def test_s045_s116_discover_tells_states_and_catalog() -> None:
    run = Run.of("discover", "discover")
    run.serve()
    assert halted_successfully(run)
    assert run.log[:5] == [
        "service 0 is origin: available",
        "service 1 is catalog: available",
        "service 2 is identity: available",
        "service 3 is random: available",
        "service 4 is no-such-service: not available",
    ]
    assert run.log[5:10] == [
        "{",
        '\t"services": [',
        "\t\t{",
        '\t\t\t"name": "catalog",',
        '\t\t\t"revision": "0"',
    ]


def test_discover_fails_where_there_is_no_catalog() -> None:
    run = Run.of("discover", "discover")
    run.serve(services=["origin"])
    assert (run.trap, str(run.result)) == (TrapID.EXIT, "halted unsuccessfully")
    assert run.log[1] == "service 1 is catalog: not available"


def test_s117_dice_are_rolled_after_some_waiting() -> None:
    run = Run.of("dice", "roll")
    run.serve()
    assert halted_successfully(run)
    rolled = [line for line in run.log if line != "dice: waiting"]
    assert len(rolled) == 5
    assert set(rolled) <= {f"dice: {face}" for face in range(1, 7)}
    # Eight bytes are due half a second after the beginning; the program looks ten times a second.
    assert "dice: waiting" in run.log


def test_dice_suspended_while_they_wait_are_rolled_after_resuming() -> None:
    run = Run.of("dice", "roll")
    run.serve(meanwhile=lambda process: process.suspend())
    assert run.trap == TrapID.SUSPENDED
    run.serve()
    assert halted_successfully(run)
    assert sum(line != "dice: waiting" for line in run.log) == 5


def test_dice_fail_where_there_is_no_randomness() -> None:
    run = Run.of("dice", "roll")
    run.serve(services=[])
    assert (run.trap, str(run.result)) == (TrapID.EXIT, "halted unsuccessfully")
    assert run.log == ["dice: there is no randomness here"]


def test_wasi_shows_what_a_wasi_program_finds() -> None:
    run = Run.of("wasi")
    run.serve()
    assert halted_successfully(run)
    arguments, *environment, realtime, monotonic, bytes_, files = run.log
    assert arguments == "arguments: 0"
    assert environment == [
        "environment:",
        "  GATE_ABI_VERSION=0",
        "  GATE_FD=4",
        "  GATE_MAX_SEND_SIZE=65536",
    ]
    assert realtime.endswith("resolution 0.000001024 s")
    assert monotonic.startswith("clock monotonic: ")
    assert int(monotonic.split()[2]) >= 1
    assert len(bytes_.removeprefix("random: ")) == 32
    assert files == "files: none"


def test_s100_wasi_gets_other_random_bytes_each_time() -> None:
    runs = [Run.of("wasi"), Run.of("wasi")]
    for run in runs:
        run.serve()
    first, second = ([line for line in run.log if line.startswith("random")] for run in runs)
    assert first != second
