"""`Program`: a WebAssembly module that has been found fit to run as a Gate program."""

from __future__ import annotations

import dataclasses

from refexec import abi, wasm
from refexec.errors import InvalidModuleError, ModuleError, ProgramError
from refexec.image import portable
from refexec.snapshot import Buffers
from refexec.snapshot import module as forms

_WORD = 8
_PAGE = 1 << 16


class Program:
    """The immutable part of a program; the runtime's `ProgramCode`.

    Decodes and validates `data`, and resolves its imports. Raises `MalformedModuleError` or
    `InvalidModuleError`, `ImplementationLimitError` for a module beyond `limits`,
    `ImportResolutionError` for an import that the Gate ABI does not have in that form, and
    `LinkError` for one that is no function.

    `data` may be a snapshot in the form of a module. What that says about memory and globals is in
    `module`, everything else in `form`. Raises `ProgramError` if Gate's sections are damaged or at
    a wrong place, and `SnapshotError` if ours are, or contradict them.
    """

    data: bytes
    """The bytes that the program was made of."""

    module: wasm.Module
    """The validated module that is run. Its bytes are `data`, unless that is a snapshot."""

    form: forms.Form | None
    """What a snapshot says; None if the program is none."""

    resolution: abi.Resolution
    """What its imports mean."""

    def __init__(self, data: bytes, *, limits: wasm.Limits | None = None) -> None:
        limits = wasm.Limits() if limits is None else limits
        self.data = bytes(data)
        # A word of a machine stack holds at most a local or an operand.
        self.form = forms.read(self.data, max_stack=limits.slots * _WORD)
        if self.form is None:
            self.module = wasm.Module(self.data, limits)
        else:
            self.module = self._runnable(self.form, limits)
            portable.check_breakpoints(self.module, self.form.record.breakpoints)
        self.resolution = abi.resolve(self.module)

    def _runnable(self, form: forms.Form, limits: wasm.Limits) -> wasm.Module:
        # The whole memory is in the module.
        size = limits.module_size + limits.memory_pages * _PAGE
        limits = dataclasses.replace(limits, module_size=size)
        try:
            return wasm.Module(form.runnable, limits)
        except InvalidModuleError as error:
            if error.where == "start section":
                # The module has none: it is made of what the stack says.
                raise ProgramError(f"gate.stack section: {error.message}") from None
            self._blame(limits)
            raise
        except ModuleError:
            self._blame(limits)
            raise

    def _blame(self, limits: wasm.Limits) -> None:
        """Find what is wrong in the bytes that were given, so that offsets are right."""
        wasm.Module(self.data, limits)

    @property
    def random(self) -> bool:
        """Whether the program can ask for random bytes."""
        return self.resolution.uses_random

    @property
    def digest(self) -> str:
        """SHA-256 of the module's bytes, in hex."""
        return self.module.digest

    @property
    def suspended(self) -> bool:
        """Whether it is a snapshot of a program that has still something to go on with."""
        return self.form is not None and self.form.suspended

    @property
    def native_stack(self) -> forms.NativeStack | None:
        """The stack of machine code that it stands in, which refexec cannot run; None mostly."""
        stack = None if self.form is None else self.form.stack
        return stack if isinstance(stack, forms.NativeStack) else None

    def load_buffers(self) -> Buffers | None:
        """What was on its way when the snapshot was made; None if it does not say."""
        buffers = None if self.form is None else self.form.buffers
        if buffers is None:
            return None
        # The program stays as it is, whatever a run does to the buffers.
        return Buffers(list(buffers.services), buffers.input, buffers.output)

    def resolve_entry(self, name: str, started: bool = False) -> str | None:
        """The export that a run enters if `name` ("" for none) is asked for; None: it enters none.

        A program that exports `_start` enters that at its first run, and allows no other;
        `started` says that it has had that run, which a snapshot always has. Raises `EntryError`
        for a name that is not exported, cannot be an entry, or may not be given (scenario 16).
        """
        suspended = False
        if self.form is not None and not started:
            suspended = self.form.suspended or self.form.hidden
            started = True
        return abi.resolve_entry(
            self.module, name, started=started, finished=True, suspended=suspended
        )

    def __repr__(self) -> str:
        return f"<Program {self.digest[:12]}>"
