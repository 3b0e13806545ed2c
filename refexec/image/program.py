"""`Program`: a WebAssembly module that has been found fit to run as a Gate program."""

from __future__ import annotations

from refexec import abi, wasm


class Program:
    """The immutable part of a program; the runtime's `ProgramCode`.

    Decodes and validates `data`, and resolves its imports. Raises `MalformedModuleError` or
    `InvalidModuleError`, `ImplementationLimitError` for a module beyond `limits`,
    `ImportResolutionError` for an import that the Gate ABI does not have in that form, and
    `LinkError` for one that is no function.
    """

    module: wasm.Module
    """The validated module."""

    resolution: abi.Resolution
    """What its imports mean."""

    def __init__(self, data: bytes, *, limits: wasm.Limits | None = None) -> None:
        self.module = wasm.Module(data, wasm.Limits() if limits is None else limits)
        self.resolution = abi.resolve(self.module)

    @property
    def random(self) -> bool:
        """Whether the program can ask for random bytes."""
        return self.resolution.uses_random

    @property
    def digest(self) -> str:
        """SHA-256 of the module's bytes, in hex."""
        return self.module.digest

    def resolve_entry(self, name: str, started: bool = False) -> str | None:
        """The export that a run enters if `name` ("" for none) is asked for; None: it enters none.

        A program that exports `_start` enters that at its first run, and allows no other;
        `started` says that it has had that run. Raises `EntryError` for a name that is not
        exported, cannot be an entry, or may not be given (scenario 16).
        """
        return abi.resolve_entry(self.module, name, started=started, finished=True)

    def __repr__(self) -> str:
        return f"<Program {self.digest[:12]}>"
