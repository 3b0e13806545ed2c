"""Programs and instances in the form of WebAssembly modules: what ties the form to a machine.

The bytes are read and written in `refexec.snapshot.module`. Here a module of that form becomes the
record that instances are restored from, and an instance's state becomes such a module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refexec import abi, wasm
from refexec.errors import ProgramError, SnapshotError, TrapError
from refexec.snapshot import Snapshot
from refexec.snapshot import module as forms

if TYPE_CHECKING:
    from refexec.image.instance import Instance
    from refexec.image.program import Program


def thaw(program: Program, state: dict[str, Any], limits: wasm.Limits) -> wasm.Instance:
    """Build the machine that `state` describes, which checks it, and never run it."""
    return wasm.Instance.thaw(program.module, state, _imports(program), limits=limits)


def new_state(program: Program, limits: wasm.Limits) -> dict[str, Any]:
    """The state of a machine that has not begun to run. Raises `SnapshotError` if it cannot be."""
    try:
        machine = wasm.Instance(program.module, _imports(program), limits=limits, start=False)
    except TrapError as error:
        raise SnapshotError(f"the program cannot be instantiated: {error}") from error
    return machine.freeze_tree()


def _imports(program: Program) -> dict[tuple[str, str], wasm.HostFunction]:
    return {
        (item.module, item.name): wasm.HostFunction(item.type, _never)
        for item in program.resolution.functions
    }


def _never(*arguments: Any) -> None:
    raise AssertionError("this machine is not run")


# -- reading -------------------------------------------------------------------------------------


def check_breakpoints(module: wasm.Module, offsets: tuple[int, ...]) -> None:
    """Check that breakpoints are at instructions, or at the beginning of a function.

    They count from the beginning of the code section's content, as debug information does. Raises
    `ProgramError`.
    """
    if not offsets:
        return
    valid = module.valid
    base = next((s.start for s in valid.syntax.sections if s.id == _CODE_SECTION), 0)
    places = {code.offset - base for code in valid.functions}
    for code in valid.functions:
        places.update(offset - base for offset in code.body.offsets)
    for offset in offsets:
        if offset not in places:
            raise ProgramError(f"breakpoint could not be set at offset 0x{offset:x}")


_CODE_SECTION = 10


def record_of(program: Program, form: forms.Form, limits: wasm.Limits) -> Snapshot:
    """The record of a program that is in the form of a module.

    Its state has not been checked against the module. The form's trap, result and finality are
    about the run that it was made after, not about one to come, and are left out. Raises
    `SnapshotError`, and `ProgramError` for a function that cannot be called.
    """
    own, phase = form.own, form.phase
    state: dict[str, Any] | None = None
    if own is not None or phase == "halted":
        state = new_state(program, limits)
        # Making the machine costs what it costs, but the program has not asked for it again.
        state = forms.with_fuel(state, 0)
    if own is not None:
        assert state is not None
        state = forms.put_together(state, own, program.module.valid.context)
    return Snapshot(
        module=program.module.data,
        state=state,
        monotonic_time=form.record.monotonic_time,
        fuel_spent=0 if own is None else own.fuel_spent,
        pending_start=phase == "fresh" and program.module.has_start,
        entry=_entry(program, form),
        final=phase == "terminated",
        phase=phase,
    )


def _entry(program: Program, form: forms.Form) -> str | None:
    """The export that is still to be called, if any."""
    if form.own is not None and form.own.entry is not None:
        return form.own.entry
    index = None if form.stack is None else form.stack.entry
    if index is None:
        return None
    for export, entry in zip(
        program.module.exports, program.module.valid.syntax.exports, strict=True
    ):
        if entry.kind == "function" and entry.index == index:
            assert isinstance(export.type, wasm.FunctionType)
            if not abi.is_entry_type(export.type):
                raise ProgramError(
                    f"gate.stack section: entry function {index} has invalid signature: "
                    f"{export.type}"
                )
            return export.name
    raise ProgramError(f"gate.stack section: entry function {index} is not exported")


# -- writing -------------------------------------------------------------------------------------


def write(instance: Instance, snapshot: Snapshot, suspended: bool | None) -> bytes:
    """The module form of an instance's snapshot; see `Instance.snapshot_module`."""
    program, state = instance.program, snapshot.state
    if state is None:
        state = new_state(program, instance.limits)
    phase, entry = snapshot.phase, snapshot.entry
    inside = phase in ("start", "entry")
    if suspended is None:
        suspended = inside or phase == "fresh" or entry is not None
    stack = None
    if suspended and phase in ("fresh", "halted"):
        start = program.module.valid.syntax.start if phase == "fresh" else None
        stack = forms.InitialStack(start, _index(program, entry))
    elif not suspended:
        # What was going on is given up, and so is what was still to be called.
        phase = "halted" if phase != "terminated" else phase
        state = forms.without_call(state)
        inside, entry = False, None
    own = forms.OwnStack(
        phase=phase,
        entry=entry if phase == "start" else None,
        fuel_spent=max(snapshot.fuel_spent, forms.fuel_of(state)),
        digest="",
        state={},
    )
    return forms.write(
        program.module.data,
        program.module.valid,
        state,
        record=_record(snapshot, instance.breakpoints),
        buffers=snapshot.buffers,
        stack=stack,
        own=own,
        hide=inside or stack is not None or phase == "terminated",
    )


def write_native(instance: Instance, stack: forms.NativeStack, snapshot: Snapshot) -> bytes:
    """The module form of an instance that stands in machine code: as it was, stack included."""
    program = instance.program
    return forms.write(
        program.module.data,
        program.module.valid,
        new_state(program, instance.limits),
        record=_record(snapshot, instance.breakpoints),
        buffers=snapshot.buffers,
        stack=stack,
        own=None,
        hide=True,
    )


def _record(snapshot: Snapshot, breakpoints: tuple[int, ...]) -> forms.Record:
    """What `gate.snapshot` says of a snapshot."""
    return forms.Record(
        final=snapshot.final,
        trap=int(snapshot.trap),
        result=snapshot.result.value,
        monotonic_time=snapshot.monotonic_time,
        breakpoints=breakpoints,
    )


def _index(program: Program, name: str | None) -> int | None:
    """Index of the function that is exported by that name."""
    exports = program.module.valid.syntax.exports
    return next((e.index for e in exports if e.name == name and e.kind == "function"), None)
