"""Programs that Gate has made a snapshot of, and what becomes of them here."""

from __future__ import annotations

import dataclasses

import pytest

import foreign
from foreign import EXPORTS, buffers, form, hidden, initial_stack, joined, record, stack
from refexec import image, wasm
from refexec.errors import EntryError, LimitError, ProgramError, SnapshotError, StateError
from refexec.snapshot import Buffers, Service
from refexec.snapshot.module import InitialStack, Record
from refexec.trap import Result, TrapID

SUSPENDED = "entry function may not be specified for suspended program"


def test_s119_a_snapshot_that_gate_has_suspended() -> None:
    program = image.Program(foreign.gate_fixture())
    assert program.form is not None
    assert program.form.record == Record(trap=2, monotonic_time=1_335_544_320)
    assert program.load_buffers() == Buffers(
        [Service("origin"), Service("test"), Service("_nonexistent")], foreign.DISCOVERY_REPLY
    )
    assert program.form.hidden
    assert program.suspended
    assert program.resolve_entry("") is None
    for name in ("loop", "loop2", "memory", "nope"):
        with pytest.raises(EntryError, match=SUSPENDED):
            program.resolve_entry(name)
        with pytest.raises(EntryError, match=SUSPENDED):
            image.Instance(program, entry=name)
    # The next to be run would be that; all of it is there but the means to run machine code.
    assert {export.name for export in program.module.exports} == {"memory", "loop", "loop2"}
    native = program.native_stack
    assert native is not None
    assert [f.call_site for f in native.frames] == [57, 40, 35, 24]


def test_s119_it_can_be_looked_at_and_kept_but_not_run() -> None:
    program = image.Program(foreign.gate_fixture())
    instance = image.Instance(program)
    assert (instance.phase, instance.state, instance.entry) == ("entry", None, None)
    assert (instance.stack_usage, instance.memory_size) == (5, 2 << 16)
    assert instance.monotonic_time == 1_335_544_320
    with pytest.raises(StateError, match="suspended in machine code of Gate"):
        instance.begin_mutation()
    with pytest.raises(SnapshotError, match="form of a module"):
        instance.snapshot()
    instance.set_entry("")
    with pytest.raises(EntryError, match=SUSPENDED):
        instance.set_entry("loop")
    kept = image.Program(instance.snapshot_module(program.load_buffers(), trap=TrapID.KILLED))
    assert kept.form is not None
    assert program.form is not None
    assert kept.form.record == dataclasses.replace(program.form.record, trap=TrapID.KILLED)
    assert kept.native_stack == program.native_stack
    assert kept.load_buffers() == program.load_buffers()
    again = image.Instance(kept).snapshot_module(program.load_buffers(), trap=TrapID.KILLED)
    assert again == kept.data


def test_without_its_stack_it_has_returned() -> None:
    program = image.Program(foreign.gate_fixture())
    given_up = image.Program(image.Instance(program).snapshot_module(suspended=False))
    instance = image.Instance(given_up, entry="loop2")
    assert (instance.phase, instance.entry) == ("halted", "loop2")
    assert not given_up.suspended
    assert given_up.form is not None
    assert not given_up.form.hidden


def test_a_program_stands_in_its_start_function() -> None:
    data = form(stack(foreign.frame(9, 8), foreign.frame(1, 8), 1))
    program = image.Program(data)
    assert program.form is not None
    assert program.form.phase == "start"
    instance = image.Instance(program)
    assert (instance.phase, instance.stack_usage) == ("start", 2)
    with pytest.raises(StateError, match="machine code of Gate"):
        instance.check_runnable()


# -- what has returned ---------------------------------------------------------------------------


def machine(instance: image.Instance) -> wasm.Instance:
    """What a worker would make of it."""
    instance.begin_mutation()
    module = instance.program.module
    if instance.state is None:
        return wasm.Instance(module, start=False)
    return wasm.Instance.thaw(module, instance.state)


def test_s121_a_snapshot_without_a_stack_has_returned() -> None:
    program = image.Program(form(buffers(b"", b"x")))
    assert not program.suspended
    assert program.resolve_entry("main") == "main"
    with pytest.raises(EntryError, match="not exported"):
        program.resolve_entry("nope")
    instance = image.Instance(program, entry="value")
    assert (instance.phase, instance.entry, instance.stack_usage) == ("halted", "value", 0)
    assert (instance.fuel_spent, instance.memory_size) == (0, 2 << 16)
    # What the section tells was about an earlier run.
    assert (instance.trap, instance.result, instance.final) == (TrapID.EXIT, Result(), False)
    running = machine(instance)
    assert running.invoke("value") == [5]
    running.invoke("main")
    assert running.invoke("value") == [66592]
    assert not running.start_pending


def test_start_is_no_longer_special_in_a_snapshot() -> None:
    exports = foreign.section(7, b"\x06_start\0\x01", b"\x04main\0\x01")
    assert image.Instance(image.Program(form(exports=exports))).entry is None
    assert image.Instance(image.Program(form(exports=exports)), entry="main").entry == "main"


def test_an_entry_can_be_chosen_later() -> None:
    instance = image.Instance(image.Program(form()))
    assert instance.entry is None
    instance.set_entry("main")
    assert instance.entry == "main"
    instance.set_entry("")
    assert instance.entry is None


def test_hidden_exports_are_no_entries_even_without_a_stack() -> None:
    program = image.Program(form(exports=hidden(EXPORTS)))
    assert not program.suspended
    instance = image.Instance(program)
    assert instance.phase == "halted"
    for refused in (
        lambda: image.Instance(program, entry="main"),
        lambda: instance.set_entry("main"),
        lambda: program.resolve_entry("main"),
    ):
        with pytest.raises(EntryError, match=SUSPENDED):
            refused()


# -- what has not begun --------------------------------------------------------------------------


def test_s122_a_snapshot_of_a_program_that_has_not_begun() -> None:
    program = image.Program(form(initial_stack(0, 1), exports=hidden(EXPORTS)))
    assert program.suspended
    assert program.form is not None
    assert program.form.stack == InitialStack(0, 1)
    instance = image.Instance(program)
    assert (instance.phase, instance.entry, instance.state) == ("fresh", "main", None)
    assert instance.snapshot().pending_start
    running = machine(instance)
    assert running.start_pending
    running.start()
    running.invoke("main")
    assert running.invoke("value") == [7]


def test_the_choice_of_a_program_that_has_not_begun_is_made() -> None:
    instance = image.Instance(image.Program(form(initial_stack(0, 1))))
    instance.set_entry("")
    assert instance.entry == "main"
    with pytest.raises(EntryError, match=SUSPENDED):
        instance.set_entry("value")


def test_nothing_may_be_there_to_be_called() -> None:
    instance = image.Instance(image.Program(form(initial_stack())))
    assert (instance.phase, instance.entry) == ("fresh", None)
    assert not instance.snapshot().pending_start


@pytest.mark.parametrize(
    ("exports", "index", "message"),
    [
        (EXPORTS, 0, "entry function 0 is not exported"),
        (EXPORTS, 99, "entry function 99 is not exported"),
        (b"", 1, "entry function 1 is not exported"),
    ],
)
def test_entries_that_cannot_be_called(exports: bytes, index: int, message: str) -> None:
    program = image.Program(form(initial_stack(entry=index), exports=exports))
    with pytest.raises(ProgramError, match=message):
        image.Instance(program)


def test_an_entry_with_a_parameter() -> None:
    types = foreign.section(1, b"\x60\x01\x7f\0")
    exports = foreign.section(7, b"\x01f\0\0")
    code = foreign.section(10, foreign.sized(b"\0\x0b"))
    parts = (types, foreign.section(3, b"\0"), record(), exports, code, initial_stack(entry=0))
    with pytest.raises(ProgramError, match="entry function 0 has invalid signature"):
        image.Instance(image.Program(joined(parts)))


# -- breakpoints ---------------------------------------------------------------------------------


def with_breakpoints(*offsets: int) -> image.Program:
    return image.Program(form().replace(record(), record(breakpoints=offsets), 1))


def test_breakpoints_are_kept() -> None:
    # The first body begins at 2, its instructions at 3, 5 and 7.
    program = with_breakpoints(2, 5, 7)
    instance = image.Instance(program)
    assert instance.breakpoints == (2, 5, 7)
    instance.set_breakpoints([7, 3, 7])
    assert instance.breakpoints == (3, 7)
    again = image.Program(instance.snapshot_module())
    assert image.Instance(again).breakpoints == (3, 7)
    with pytest.raises(SnapshotError, match="too many breakpoints"):
        instance.set_breakpoints(range(101))
    with pytest.raises(ProgramError, match=r"^breakpoint could not be set at offset 0x4$"):
        instance.set_breakpoints([4])


@pytest.mark.parametrize("offset", [0, 4, 1000, 1 << 32, (1 << 64) - 1])
def test_breakpoints_where_no_instruction_is(offset: int) -> None:
    with pytest.raises(ProgramError, match=f"^breakpoint could not be set at offset {offset:#x}$"):
        with_breakpoints(offset)


def test_breakpoints_without_code() -> None:
    with pytest.raises(ProgramError, match="breakpoint could not be set"):
        image.Program(joined((record(breakpoints=(0,)),)))


# -- limits --------------------------------------------------------------------------------------


def test_memory_that_is_not_allowed() -> None:
    program = image.Program(form())
    with pytest.raises(LimitError, match=r"^out of memory$"):
        image.Instance(program, limits=wasm.Limits(memory_pages=1))
    with pytest.raises(LimitError, match="initial program memory size exceeds"):
        image.build(form(), limits=wasm.Limits(memory_pages=1))
    program, instance = image.build(form(), entry="main", limits=wasm.Limits(memory_pages=3))
    assert (instance.program, instance.entry) == (program, "main")
    assert instance.max_memory_size == 3 << 16
    assert image.Instance(program).max_memory_size == 5 << 16
    assert image.Instance(image.Program(joined(()))).max_memory_size == 0
    endless = image.Program(foreign.gate_fixture())
    assert image.Instance(endless).max_memory_size == 1024 << 16


def test_a_stack_beyond_the_limits() -> None:
    limits = wasm.Limits(slots=7)
    with pytest.raises(ProgramError, match=r"^gate.stack section is too large$"):
        image.Program(foreign.gate_fixture(), limits=limits)
    image.Program(foreign.gate_fixture(), limits=wasm.Limits(slots=8))


def test_a_module_may_be_larger_by_its_memory() -> None:
    content = bytes(range(1, 256)) * 400
    data = form(last=foreign.data((0, content)))
    limits = wasm.Limits(module_size=1000, memory_pages=2)
    running = machine(image.Instance(image.Program(data, limits=limits), limits=limits))
    assert running.memory is not None
    assert running.memory.read(0, len(content)) == content
    with pytest.raises(LimitError):
        image.Program(data.replace(record(), b""), limits=limits)
    with pytest.raises(LimitError):
        image.Program(data, limits=wasm.Limits(module_size=1000, memory_pages=1))


def test_data_that_does_not_fit() -> None:
    program = image.Program(form(last=foreign.data((2 << 16, b"x"))))
    with pytest.raises(SnapshotError, match="cannot be instantiated: out of bounds memory access"):
        image.Instance(program)
