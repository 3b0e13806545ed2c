"""`Instance`: one life of a program, between runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, Self

from refexec import abi, wasm
from refexec.errors import (
    EntryError,
    LimitError,
    LinkError,
    RefexecError,
    SnapshotError,
    StateError,
)
from refexec.image import portable
from refexec.image.program import Program
from refexec.snapshot import PHASES, Buffers, Snapshot
from refexec.snapshot import module as forms
from refexec.trap import Result, TrapID


class Instance:
    """The part of a program that running it changes; the runtime's `ProgramState`.

    `entry` names the function to be called after the start function, "" for the program's own
    choice (see `Program.resolve_entry`). `limits` are those of the machine in which it will run;
    a process's policy may only lower its memory limit further. Raises `EntryError`, and
    `LimitError` if the program's memory is larger than that to begin with.

    If the program is a snapshot, the instance stands where that says; `SnapshotError` if it cannot.
    """

    trap: TrapID
    """How the last run ended. `TrapID.EXIT` before the first one."""

    result: Result
    """How the program judged itself, if it exited."""

    final: bool
    """Whether the program can never run again."""

    def __init__(
        self, program: Program, *, entry: str = "", limits: wasm.Limits | None = None
    ) -> None:
        self.program = program
        self.trap = TrapID.EXIT
        self.result = Result()
        self.final = False
        self._coherent = True
        limits = wasm.Limits() if limits is None else limits
        self._limits = limits
        self._memory_pages = limits.memory_pages
        self._memory_size = self._initial_size()
        self._breakpoints: tuple[int, ...] = ()
        self._state: dict[str, Any] | None = None
        self._phase = "fresh"
        self._stack_usage = 0
        self._monotonic_time = 0
        self._fuel_spent = 0
        self._entry = program.resolve_entry(entry)
        self._as_stored = program.form is not None
        if program.form is not None:
            self._load(program.form)

    def _load(self, form: forms.Form) -> None:
        """Take over what a program that is a snapshot says."""
        self._breakpoints = form.record.breakpoints
        stack = self.program.native_stack
        if stack is not None:
            self._phase = stack.inside
            self._stack_usage = len(stack.frames) + 1
            self._monotonic_time = form.record.monotonic_time
            return
        chosen = self._entry
        self._restore(portable.record_of(self.program, form, self._limits), self._limits)
        self._entry = chosen if chosen is not None else self._entry

    def _initial_size(self) -> int:
        memories = self.program.module.valid.context.memories
        if not _fits(self.program, self._limits):
            raise LimitError("out of memory")
        return memories[0].limits.minimum * memories[0].page_size if memories else 0

    # -- what it is ------------------------------------------------------------------------------

    @property
    def coherent(self) -> bool:
        """Whether the state is at rest: not being run, and not lost in a run that was killed."""
        return self._coherent

    @property
    def state(self) -> dict[str, Any] | None:
        """The machine's state as plain data; None if the program has not begun."""
        return self._state

    @property
    def phase(self) -> str:
        """How far the program has come; one of `refexec.snapshot.PHASES`."""
        return self._phase

    @property
    def entry(self) -> str | None:
        """Export that is still to be called; None if there is none."""
        return self._entry

    @property
    def stack_usage(self) -> int:
        """Frames of the call stack. 0 unless the program stopped inside its code."""
        return self._stack_usage

    @property
    def memory_size(self) -> int:
        """Bytes of linear memory."""
        return self._memory_size

    @property
    def limits(self) -> wasm.Limits:
        """Limits of the machine in which it will run."""
        return self._limits

    @property
    def max_memory_size(self) -> int:
        """Bytes that linear memory can grow to: what the program declares, and what is allowed."""
        memories = self.program.module.valid.context.memories
        if not memories:
            return 0
        size = memories[0].page_size
        pages = (self._memory_pages << 16) // size
        maximum = memories[0].limits.maximum
        return size * (pages if maximum is None else min(pages, maximum))

    @property
    def breakpoints(self) -> tuple[int, ...]:
        """Offsets of instructions in the code section, for debuggers; nothing stops there."""
        return self._breakpoints

    @property
    def monotonic_time(self) -> int:
        """Instance time in nanoseconds: what the program's monotonic clock goes on from."""
        return self._monotonic_time

    @property
    def fuel_spent(self) -> int:
        """Fuel spent in all runs so far."""
        return self._fuel_spent

    def __repr__(self) -> str:
        return f"<Instance of {self.program!r}: {self._phase}>"

    # -- preparing a run -------------------------------------------------------------------------

    def set_entry(self, name: str) -> None:
        """Choose the function that the next run calls, "" for none.

        Raises `StateError` if the instance is not coherent, and `EntryError` if it stopped inside
        its code, or the function cannot be called (see `Program.resolve_entry`).
        """
        self.check_mutation()
        if self._phase in ("start", "entry") or (self._as_stored and self.program.suspended):
            if name:
                raise EntryError("entry function may not be specified for suspended program")
            return
        started = self._phase != "fresh" and not self._as_stored
        self._entry = self.program.resolve_entry(name, started=started)

    def set_breakpoints(self, offsets: Iterable[int]) -> None:
        """Choose the breakpoints that a snapshot in the form of a module mentions.

        `offsets` count from the beginning of the code section's content. Raises `SnapshotError`
        for more than 100, `ProgramError` for one where no instruction is, and `StateError` if the
        instance is not coherent.
        """
        self.check_mutation()
        chosen = tuple(sorted(set(offsets)))
        if len(chosen) > forms.MAX_BREAKPOINTS:
            raise SnapshotError("snapshot has too many breakpoints")
        portable.check_breakpoints(self.program.module, chosen)
        self._breakpoints = chosen

    def restrict(self, limits: wasm.Limits) -> wasm.Limits:
        """`limits` with the memory limit of this instance, if that is lower."""
        pages = min(limits.memory_pages, self._memory_pages)
        return dataclasses.replace(limits, memory_pages=pages)

    # -- runs ------------------------------------------------------------------------------------

    def begin_mutation(self) -> None:
        """Give the state away to be run. For `Process.start`.

        Raises `StateError` if it is not coherent, or cannot be run (see `check_runnable`).
        """
        self.check_runnable()
        self._coherent = False

    def cancel_mutation(self) -> None:
        """Take the state back as it was. For `Process`, if the program has not begun."""
        self._coherent = True

    def end_mutation(
        self,
        *,
        state: dict[str, Any] | None,
        phase: str,
        stack_usage: int,
        memory_size: int,
        monotonic_time: int,
        fuel_spent: int,
    ) -> None:
        """Take the new state. For `Process`, when the program has stopped."""
        self._state = state
        self._phase = phase
        self._stack_usage = stack_usage
        self._memory_size = memory_size
        self._monotonic_time = monotonic_time
        self._fuel_spent = fuel_spent
        self._as_stored = False
        if phase != "start":
            self._entry = None
        self._coherent = True

    def check_runnable(self) -> None:
        """Make sure that the instance may be run.

        Raises `StateError` if it is not coherent, if the program has terminated, or if it stands
        in machine code that Gate made of it.
        """
        self.check_mutation()
        if self._phase == "terminated":
            raise StateError("program has terminated and cannot be run again")
        if self._native_stack is not None:
            raise StateError(
                "program is suspended in machine code of Gate, which cannot be resumed here"
            )

    @property
    def _native_stack(self) -> forms.NativeStack | None:
        return self.program.native_stack if self._as_stored else None

    def check_mutation(self) -> None:
        """Make sure that the instance may be used: run, changed or saved.

        Raises `StateError` while it runs, and for good if it was killed while it ran.
        """
        if not self._coherent:
            raise StateError("instance state is invalid")

    # -- snapshots -------------------------------------------------------------------------------

    def snapshot(
        self,
        buffers: Buffers | None = None,
        *,
        trap: TrapID | None = None,
        result: Result | None = None,
        final: bool | None = None,
    ) -> Snapshot:
        """All that is needed to go on elsewhere; `buffers` are those of the last run.

        The other arguments replace what the instance says of its last run. Raises `StateError` if
        the instance is not coherent, and `SnapshotError` if it stands in machine code of Gate.
        """
        self.check_mutation()
        if self._native_stack is not None:
            raise SnapshotError(
                "a program in machine code can only be kept in the form of a module"
            )
        return self._record(buffers, trap, result, final)

    def snapshot_module(
        self,
        buffers: Buffers | None = None,
        *,
        suspended: bool | None = None,
        trap: TrapID | None = None,
        result: Result | None = None,
        final: bool | None = None,
    ) -> bytes:
        """The same as `snapshot` in the form of a WebAssembly module, which `Program` reads.

        With `suspended` the program goes on where it stands; without, it has nothing more to do,
        and what it was about to do is lost. None does what is natural: a program that has returned
        is not suspended, any other is. Raises `StateError` if the instance is not coherent, and
        `SnapshotError` if the state cannot be written.
        """
        self.check_mutation()
        record = self._record(buffers, trap, result, final)
        stack = self._native_stack
        if stack is not None and suspended is not False:
            return portable.write_native(self, stack, record)
        return portable.write(self, record, suspended)

    def _record(
        self,
        buffers: Buffers | None,
        trap: TrapID | None,
        result: Result | None,
        final: bool | None,
    ) -> Snapshot:
        return Snapshot(
            module=self.program.module.data,
            state=self._state,
            buffers=Buffers() if buffers is None else buffers,
            trap=self.trap if trap is None else trap,
            result=self.result if result is None else result,
            monotonic_time=self._monotonic_time,
            fuel_spent=self._fuel_spent,
            pending_start=self._phase == "fresh" and self.program.module.has_start,
            entry=self._entry,
            final=self.final if final is None else final,
            phase=self._phase,
        )

    @classmethod
    def from_snapshot(
        cls, snapshot: Snapshot, *, limits: wasm.Limits | None = None
    ) -> tuple[Program, Self]:
        """The program and the instance that a snapshot was made of.

        The buffers stay with the snapshot. The state is checked against the module, as far as
        that is possible without running it. Raises `SnapshotError` if the module is not one that
        can be run within the limits, or the rest does not fit to it.
        """
        if snapshot.module is None:
            raise SnapshotError(
                f"snapshot does not hold its program, which has SHA-256 {snapshot.digest}"
            )
        try:
            program = Program(snapshot.module, limits=limits)
            instance = cls(program, limits=limits)
        except RefexecError as error:
            raise SnapshotError(f"snapshot holds a program that cannot be run: {error}") from error
        try:
            instance._restore(snapshot, wasm.Limits() if limits is None else limits)
        except LinkError as error:
            raise SnapshotError(f"snapshot links its program wrongly: {error}") from error
        return program, instance

    def _restore(self, snapshot: Snapshot, limits: wasm.Limits) -> None:
        """Take over what a snapshot says, once it is found to fit."""
        phase, state, entry = snapshot.phase, snapshot.state, snapshot.entry
        if phase not in PHASES:
            raise SnapshotError(f"snapshot has an unknown phase: {phase!r:.40}")
        if state is None and phase not in ("fresh", "terminated"):
            raise SnapshotError(f"snapshot of a program that is {phase} has the wrong state")
        if entry is not None and not self._is_entry(entry, phase):
            raise SnapshotError(f"snapshot has an entry function that cannot be: {entry!r:.40}")
        if state is not None and phase != "terminated":
            machine = portable.thaw(self.program, state, limits)
            if machine.suspended != (phase in ("start", "entry")):
                raise SnapshotError(f"snapshot of a program that is {phase} has the wrong frames")
            self._stack_usage = len(machine.backtrace())
            self._memory_size = 0 if machine.memory is None else machine.memory.size
        self.trap, self.result, self.final = snapshot.trap, snapshot.result, snapshot.final
        self._phase, self._state, self._entry = phase, state, entry
        self._monotonic_time = snapshot.monotonic_time
        self._fuel_spent = snapshot.fuel_spent

    def _is_entry(self, name: str, phase: str) -> bool:
        """Whether `name` may still have to be called in that phase."""
        return phase in ("fresh", "start", "halted") and any(
            export.name == name
            and isinstance(export.type, wasm.FunctionType)
            and abi.is_entry_type(export.type)
            for export in self.program.module.exports
        )


def build(
    data: bytes, *, entry: str = "", limits: wasm.Limits | None = None
) -> tuple[Program, Instance]:
    """Make a program of a module, and an instance of it. Raises what the two do."""
    limits = wasm.Limits() if limits is None else limits
    program = Program(data, limits=limits)
    if not _fits(program, limits):
        raise LimitError("initial program memory size exceeds instance memory size limit")
    return program, Instance(program, entry=entry, limits=limits)


def _fits(program: Program, limits: wasm.Limits) -> bool:
    """Whether the memories with which the program begins are allowed."""
    return all(
        memory.limits.minimum * memory.page_size <= limits.memory_pages << 16
        for memory in program.module.valid.context.memories
    )
