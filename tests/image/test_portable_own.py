"""Snapshots of ours in the form of modules: what goes in comes out, and lies are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import foreign
from assemble import assemble
from portable import fresh, passed_on, run, validated
from refexec import image, wasm
from refexec.errors import EntryError, RefexecError, SnapshotError, StateError
from refexec.snapshot import Buffers, Service, codec
from refexec.snapshot.module import InitialStack, Record, is_form
from refexec.snapshot.module.layout import OWN_STACK, split
from refexec.trap import Result, TrapID

COUNTS = """(module
  (memory 2 40000)
  (global $n (mut i32) (i32.const 0))
  (global $wide (mut i64) (i64.const -1))
  (global $f (mut f32) (f32.const nan:0x212345))
  (global $d f64 (f64.const -0))
  (table 2 funcref)
  (elem (i32.const 1) $count)
  (start $begin)
  (func $begin
    (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 10))))
    (global.set $n (local.get $i)))
  (func $count (loop $again
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (i32.store8 (i32.add (i32.const 70000) (global.get $n)) (global.get $n))
    (br_if $again (i32.lt_u (global.get $n) (i32.const 30)))))
  (func (export "main") (result i32)
    (i64.store (i32.const 0) (i64.sub (i64.const 0) (global.get $wide)))
    (f32.store (i32.const 100) (global.get $f))
    (drop (memory.grow (i32.const 1)))
    (call_indirect (i32.const 1))
    (i32.sub (global.get $n) (i32.const 30)))
  (func (export "other") (result i32) (global.get $n))
  (data (i32.const 1000) "data")
  (@custom "note" (after data) "kept")
  (@custom "early" (before code) "not kept"))"""


def whole(wat: str, entry: str) -> tuple[str, int, str]:
    """How an uncut run ends, what it costs, and what it leaves."""
    instance = fresh(wat, entry)
    step = run(instance)
    return str(step.outcome), instance.fuel_spent, left(step.machine)


def left(machine: wasm.Instance) -> str:
    """All that an instance holds, in a form that does not depend on the module's bytes."""
    tree = machine.freeze_tree()
    (instance,) = tree["instances"]
    kept = {key: instance[key] for key in ("globals", "tables", "memories")}
    # As text, since a NaN is not equal to itself.
    return repr(kept | {"objects": tree["objects"]})


# -- round trips ---------------------------------------------------------------------------------


def test_a_program_is_cut_everywhere() -> None:
    expected = whole(COUNTS, "main")
    for cut in range(expected[1]):
        instance = passed_on(fresh(COUNTS, "main"))
        fuel_before = instance.fuel_spent
        step = run(instance, fuel=max(0, cut - fuel_before))
        assert isinstance(step.outcome, wasm.Suspended)
        again = image.Instance(image.Program(instance.snapshot_module()))
        # An instruction may cost more than there was.
        assert again.fuel_spent == instance.fuel_spent >= cut
        assert again.phase == instance.phase
        step = run(again)
        assert (str(step.outcome), again.fuel_spent, left(step.machine)) == expected, cut


def test_a_program_is_cut_again_and_again() -> None:
    expected = whole(COUNTS, "main")
    instance = fresh(COUNTS, "main")
    step = run(instance, fuel=7)
    parts = 1
    while isinstance(step.outcome, wasm.Suspended):
        instance = passed_on(instance)
        step = run(instance, fuel=7)
        parts += 1
    assert (str(step.outcome), instance.fuel_spent, left(step.machine)) == expected
    assert parts > 30


MODERN = """(module
  (rec (type $node (struct (field (mut (ref null $node))) (field i32))))
  (type $bytes (array (mut i8)))
  (type $two (func (result i32 i32)))
  (tag $oops (param i32))
  (memory $a 1) (memory $b i64 1 5)
  (global $list (mut (ref null $node)) (ref.null $node))
  (global $const i32 (i32.const 3))
  (global $func (mut funcref) (ref.func $pair))
  (global $any (mut anyref) (ref.i31 (global.get $const)))
  (global $v (mut v128) (v128.const i64x2 1 -2))
  (table $t 2 10 funcref)
  (table $u (ref null any) (elem (ref.i31 (i32.const 1))))
  (elem $dropped func $pair)
  (elem $kept func $pair $hidden)
  (data $first "first")
  (data $active (memory $a) (i32.const 64) "active")
  (data $last "last")
  (data $never (memory $b) (i64.const 65000) "never named")
  (func $pair (type $two) (i32.const 1) (i32.const 2))
  (func $hidden (export "hidden"))
  (func $thrower (param i32) (throw $oops (local.get 0)))
  (func $push (param i32)
    (global.set $list (struct.new $node (global.get $list) (local.get 0))))
  (func (export "main") (result i32)
    (local $i i32) (local $s (ref null $bytes)) (local $v v128) (local $e exnref)
    (local.set $s (array.new_data $bytes $last (i32.const 1) (i32.const 3)))
    (loop $again
      (call $push (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 5))))
    (data.drop $active)
    (memory.init $a $first (i32.const 100) (i32.const 0) (i32.const 5))
    (data.drop $first)
    (elem.drop $dropped)
    (drop (table.grow $t (ref.func $hidden) (i32.const 2)))
    (table.set $t (i32.const 0) (ref.func $pair))
    (table.init $t $kept (i32.const 1) (i32.const 1) (i32.const 1))
    (global.set $func (ref.func $hidden))
    (global.set $any (global.get $list))
    (global.set $v (i64x2.add (global.get $v) (global.get $v)))
    (drop (memory.grow $b (i64.const 2)))
    (i64.store $b (i64.const 150000) (i64.const -1))
    (local.set $e (block $caught (result exnref)
      (drop (block $h (result i32 exnref)
        (try_table (catch_ref $oops $h) (call $thrower (i32.const 9)))
        (unreachable))
        (br $caught))
      (ref.null exn)))
    (array.set $bytes (local.get $s) (i32.const 0) (i32.const 255))
    (drop (call_indirect $t (type $two) (i32.const 0))) (drop)
    (i32.add (array.get_u $bytes (local.get $s) (i32.const 0))
      (struct.get $node 1 (global.get $list)))))"""


def test_state_that_no_standard_section_can_hold() -> None:
    expected = whole(MODERN, "main")
    assert expected[0] == "Returned(values=[259])"
    for cut in range(expected[1]):
        instance = fresh(MODERN, "main")
        run(instance, fuel=cut)
        # Twice, since a module that is a snapshot is what the next one is made of.
        again = passed_on(image.Instance(image.Program(instance.snapshot_module())))
        assert again.fuel_spent == instance.fuel_spent >= cut
        step = run(again)
        assert (str(step.outcome), again.fuel_spent) == expected[:2], cut
        assert left(step.machine) == expected[2]


DECLARED = """(module
  (global $g (mut funcref) (ref.null func))
  (table $t 1 funcref (ref.func $in_table))
  ELEMENTS
  (func $in_table)
  (func $one (export "one")) (func $two (export "two"))
  (func (export "main")
    (global.set $g (ref.func $two)) (global.set $g (ref.func $one))
    (global.set $g (ref.func $in_table))))"""


@pytest.mark.parametrize(
    "elements", ["", "(elem func)", "(elem func $two) (elem (i32.const 0) $in_table)"]
)
def test_functions_that_only_exports_declare(elements: str) -> None:
    wat = DECLARED.replace("ELEMENTS", elements)
    expected = whole(wat, "main")
    for cut in range(expected[1]):
        instance = fresh(wat, "main")
        run(instance, fuel=cut)
        first = passed_on(instance)
        second = passed_on(first)
        assert second.snapshot_module() == first.snapshot_module()
        step = run(second)
        assert (str(step.outcome), second.fuel_spent, left(step.machine)) == expected
        # What has been added to declare them stays, and does no harm.
        assert passed_on(second).phase == "halted"


def test_modules_do_not_grow_from_one_to_the_next() -> None:
    for wat in (COUNTS, MODERN):
        instance = fresh(wat, "main")
        run(instance, fuel=60)
        first = passed_on(instance).snapshot_module()
        second = passed_on(image.Instance(image.Program(first))).snapshot_module()
        assert second == first


def test_a_program_without_anything() -> None:
    instance = fresh("(module)")
    data = validated(instance.snapshot_module())
    program = image.Program(data)
    assert program.form is not None
    assert program.form.stack == InitialStack(None, None)
    assert not program.form.hidden
    run(again := image.Instance(program))
    assert again.phase == "halted"
    program = image.Program(validated(again.snapshot_module()))
    assert program.form is not None
    assert program.form.phase == "halted"


# -- what is in it -------------------------------------------------------------------------------


def sections(data: bytes) -> list[int | str]:
    found = split(data)
    assert found is not None
    return [section.name or section.id for section in found]


def test_the_layout_of_a_suspended_program() -> None:
    instance = fresh(COUNTS, "main")
    run(instance, fuel=100)
    buffers = Buffers([Service("a", b"b")], b"c", b"d")
    data = validated(instance.snapshot_module(buffers))
    assert sections(data) == [
        1,
        3,
        4,
        5,
        6,
        "gate.snapshot",
        "gate.export",
        9,
        10,
        "gate.buffer",
        "gate.python.stack",
        11,
        "note",
        "name",
    ]
    program = image.Program(data)
    assert program.load_buffers() == buffers
    assert program.load_buffers() is not program.load_buffers()
    assert not program.module.has_start
    assert wasm.Module(data).exports == ()
    # The memory has grown, and its limit is what Gate allows at most.
    memory = program.module.valid.context.memories[0].limits
    assert (memory.minimum, memory.maximum) == (3, 32767)


def test_s122_the_layout_of_a_program_that_has_not_begun() -> None:
    instance = fresh(COUNTS, "main")
    data = validated(instance.snapshot_module())
    assert sections(data)[5:] == [
        "gate.snapshot",
        "gate.export",
        9,
        10,
        "gate.stack",
        "gate.python.stack",
        11,
        "note",
        "name",
    ]
    program = image.Program(data)
    assert program.form is not None
    assert program.form.stack == InitialStack(0, 2)
    assert program.module.has_start
    again = image.Instance(program)
    assert (again.phase, again.entry) == ("fresh", "main")
    with pytest.raises(EntryError, match="for suspended program"):
        again.set_entry("other")


def test_s121_the_layout_of_a_program_that_has_returned() -> None:
    instance = fresh(COUNTS, "main")
    run(instance)
    data = validated(instance.snapshot_module())
    assert sections(data)[5:] == [
        "gate.snapshot",
        7,
        9,
        10,
        "gate.python.stack",
        11,
        "note",
        "name",
    ]
    again = image.Instance(image.Program(data), entry="other")
    assert (again.phase, again.fuel_spent) == ("halted", instance.fuel_spent)
    assert run(again).outcome == wasm.Returned([30])


def test_s123_memory_becomes_segments() -> None:
    instance = fresh(
        """(module (memory 1) (func (export "main")
          (i32.store16 (i32.const 0) (i32.const 0x0201)) (i32.store8 (i32.const 2) (i32.const 3))
          (i32.store8 (i32.const 100) (i32.const 4))))""",
        "main",
    )
    run(instance)
    program = image.Program(validated(instance.snapshot_module()))
    datas = program.module.valid.syntax.datas
    assert [data.content for data in datas] == [b"\x01\x02\x03", b"\x04"]
    machine = run(image.Instance(program)).machine
    assert machine.memory is not None
    assert machine.memory.read(0, 101) == b"\x01\x02\x03" + bytes(97) + b"\x04"
    empty = validated(fresh("(module (memory 1))").snapshot_module())
    assert empty.endswith(b"\x0b\x01\x00")


def test_what_the_section_says_of_the_last_run() -> None:
    instance = fresh(COUNTS, "main")
    run(instance, fuel=50)
    instance.trap = TrapID.SUSPENDED
    program = image.Program(instance.snapshot_module())
    assert program.form is not None
    assert program.form.record == Record(trap=2, monotonic_time=1)
    data = instance.snapshot_module(trap=TrapID.EXIT, result=Result(3), final=True)
    program = image.Program(data)
    assert program.form is not None
    assert program.form.record == Record(final=True, result=1, monotonic_time=1)
    again = image.Instance(program)
    assert (again.trap, again.result, again.final) == (TrapID.EXIT, Result(), False)
    assert again.monotonic_time == 1


def test_a_snapshot_file_of_what_was_a_module() -> None:
    instance = passed_on(fresh(COUNTS, "main"))
    run(instance, fuel=100)
    _, again = image.Instance.from_snapshot(passed_on(instance).snapshot())
    assert again.stack_usage == instance.stack_usage > 0
    step = run(again)
    assert (str(step.outcome), again.fuel_spent) == whole(COUNTS, "main")[:2]
    # And of one that has not begun.
    _, again = image.Instance.from_snapshot(passed_on(fresh(COUNTS, "main")).snapshot())
    assert (again.phase, again.entry) == ("fresh", "main")
    assert run(again).outcome == wasm.Returned([0])


# -- choices -------------------------------------------------------------------------------------


def test_a_program_can_be_given_up() -> None:
    for fuel in (5, 100):
        instance = fresh(COUNTS, "main")
        run(instance, fuel=fuel)
        program = image.Program(validated(instance.snapshot_module(suspended=False)))
        again = image.Instance(program, entry="other")
        assert (again.phase, again.fuel_spent) == ("halted", fuel)
        assert isinstance(run(again).outcome, wasm.Returned)
    # The start function of one that has not begun is lost.
    again = image.Instance(
        image.Program(fresh(COUNTS, "main").snapshot_module(suspended=False)), entry="other"
    )
    assert run(again).outcome == wasm.Returned([0])


def test_a_program_that_has_returned_can_be_told_what_to_do_next() -> None:
    instance = fresh(COUNTS, "main")
    run(instance)
    instance.set_entry("other")
    data = validated(instance.snapshot_module())
    program = image.Program(data)
    assert program.suspended
    again = image.Instance(program)
    assert (again.phase, again.entry) == ("halted", "other")
    assert run(again).outcome == wasm.Returned([30])
    # What it stands for in other hands: nothing but that function is to be called.
    assert program.form is not None
    assert program.form.stack == InitialStack(None, 3)
    # And the other way round: with nothing to do, it may be said to be suspended.
    program = image.Program(again.snapshot_module(suspended=True))
    assert program.form is not None
    assert program.form.stack == InitialStack(None, None)


def test_after_a_run_entries_can_be_chosen_again() -> None:
    instance = passed_on(fresh(COUNTS, "main"))
    run(instance)
    instance.set_entry("other")
    assert run(instance).outcome == wasm.Returned([30])


def test_a_program_that_has_ended_for_good() -> None:
    instance = fresh('(module (memory 1) (func (export "main") unreachable))', "main")
    run(instance)
    assert instance.phase == "terminated"
    instance.final = True
    program = image.Program(validated(instance.snapshot_module()))
    assert program.form is not None
    assert program.form.record.final
    assert program.form.hidden
    assert program.form.stack is None
    again = image.Instance(program)
    assert (again.phase, again.final) == ("terminated", True)
    with pytest.raises(StateError, match="has terminated"):
        again.begin_mutation()
    assert passed_on(again).phase == "terminated"


def test_an_instance_that_cannot_be() -> None:
    instance = fresh('(module (memory 1) (data (i32.const 65536) "x"))')
    with pytest.raises(SnapshotError, match="cannot be instantiated"):
        instance.snapshot_module()
    instance.begin_mutation()
    with pytest.raises(StateError, match=r"^instance state is invalid$"):
        instance.snapshot_module()
    with pytest.raises(StateError, match=r"^instance state is invalid$"):
        instance.set_breakpoints([])


# -- lies ----------------------------------------------------------------------------------------


def suspended() -> bytes:
    instance = fresh(COUNTS, "main")
    run(instance, fuel=100)
    return instance.snapshot_module()


def with_own(data: bytes, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """The module with other things in our section."""
    for section in split(data) or ():
        if section.name == OWN_STACK:
            tree = codec.loads(data[section.start : section.end])
            changed = change(tree)
            content = (
                changed
                if isinstance(changed, bytes)
                else codec.dumps(tree if changed is None else changed)
            )
            own = foreign.custom(OWN_STACK, content)
            return data[: section.offset] + own + data[section.end :]
    raise AssertionError("there is no such section")


def without(data: bytes, name: str) -> bytes:
    for section in split(data) or ():
        if section.name == name:
            return data[: section.offset] + data[section.end :]
    raise AssertionError("there is no such section")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tree: b"", "snapshot data"),
        (lambda tree: b"\x80\x05cos\nsystem\n.", "snapshot data"),
        (lambda tree: [], "has no version"),
        (lambda tree: {}, "has no version"),
        (lambda tree: tree | {"version": 2}, "has version 2, expected 1"),
        (lambda tree: tree | {"phase": "odd"}, "has wrong fields"),
        (lambda tree: tree | {"entry": 1}, "has wrong fields"),
        (lambda tree: tree | {"fuel_spent": -1}, "has wrong fields"),
        (lambda tree: tree | {"fuel_spent": True}, "has wrong fields"),
        (lambda tree: tree | {"state": []}, "has wrong fields"),
        (lambda tree: tree | {"more": 1}, "has wrong fields"),
        (lambda tree: tree | {"digest": "0" * 64}, "belongs to another module"),
        (lambda tree: tree | {"phase": "fresh"}, "program that is fresh, but there is no gate.st"),
        (lambda tree: tree | {"entry": "main"}, "has an entry, but is not in the start function"),
    ],
)
def test_our_section_is_damaged(change: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(SnapshotError) as raised:
        image.Program(with_own(suspended(), change))
    assert str(raised.value).startswith("gate.python.stack section")
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tree: tree["state"].update(more=1), "unknown parts: 'more'"),
        (lambda tree: tree["state"].update(references=[None]), "does not have 0 references"),
        (lambda tree: tree["state"].pop("references"), "does not have 0 references"),
        (lambda tree: tree["state"].pop("tables"), "tables"),
        (lambda tree: tree["state"].pop("objects"), "objects"),
        (lambda tree: tree["state"].update(tables=[]), "tables"),
        (lambda tree: tree["state"].update(elements=[[], []]), "element"),
        (lambda tree: frames(tree).clear(), "frames"),
        (lambda tree: tree.update(phase="halted"), "program that is halted has the wrong frames"),
        (lambda tree: frames(tree)[0].update(pc=9999), "frame 0"),
        (lambda tree: frames(tree)[0].update(function=0), "frame 0"),
        (lambda tree: frames(tree)[1]["stack"].append(1), "frame 1"),
        (lambda tree: tree.update(phase="start", entry="nope"), "entry function that cannot be"),
    ],
)
def test_our_section_does_not_fit_the_module(change: Callable[[Any], Any], message: str) -> None:
    def changed(tree: dict[str, Any]) -> None:
        change(tree)

    program = image.Program(with_own(suspended(), changed))
    with pytest.raises(SnapshotError, match=message):
        image.Instance(program)


def frames(tree: dict[str, Any]) -> list[Any]:
    """The frames in our section."""
    state = tree["state"]
    found: list[Any] = state["calls"][0]["frames"]
    return found


def test_the_section_of_another_program() -> None:
    other = fresh(COUNTS.replace("i32.const 30", "i32.const 31"), "main")
    run(other, fuel=100)
    own = next(s for s in split(suspended()) or () if s.name == OWN_STACK)
    content = suspended()[own.start : own.end]
    with pytest.raises(SnapshotError, match="belongs to another module"):
        image.Program(with_own(other.snapshot_module(), lambda tree: content))


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        (foreign.initial_stack(), "is entry, but there is another gate.stack section"),
        (foreign.stack(foreign.frame(2, 0)), "is entry, but there is another gate.stack section"),
    ],
)
def test_two_stacks_that_contradict_each_other(stack: bytes, message: str) -> None:
    data = suspended()
    own = next(s for s in split(data) or () if s.name == OWN_STACK)
    with pytest.raises(SnapshotError, match=message):
        image.Program(data[: own.offset] + stack + data[own.offset :])


def test_a_stack_that_is_missing() -> None:
    data = without(fresh(COUNTS, "main").snapshot_module(), "gate.stack")
    with pytest.raises(SnapshotError, match=r"is fresh, but there is no gate.stack section"):
        image.Program(data)


def test_without_our_section_a_program_is_what_gate_would_take_it_for() -> None:
    # One that has not begun is the same without it, but for fuel.
    data = without(fresh(COUNTS, "main").snapshot_module(), OWN_STACK)
    instance = image.Instance(image.Program(validated(data)))
    assert run(instance).outcome == wasm.Returned([0])
    # One that was suspended has nothing to go on with.
    program = image.Program(without(suspended(), OWN_STACK))
    assert image.Instance(program).phase == "halted"


def test_damage_anywhere_is_refused_or_harmless() -> None:
    data = bytearray(suspended())
    sound, refusals = 0, set()
    for at in range(8, len(data)):
        for bit in (1, 0x80):
            data[at] ^= bit
            try:
                image.Instance(image.Program(bytes(data)))
                sound += 1
            except RefexecError as error:
                refusals.add(str(error))
            data[at] ^= bit
    assert sound > 10
    assert len(refusals) > 100
    assert not any("\n" in text for text in refusals)


def test_what_is_and_is_not_a_snapshot() -> None:
    assert is_form(suspended())
    assert not is_form(assemble(COUNTS))
