"""What one ABI function is, and what resolving a module's imports gives. Data only."""

from __future__ import annotations

from collections.abc import Callable

from refexec.record import record
from refexec.wasm import I32, I64, FunctionType

Implementation = Callable[..., int | None]
"""`implementation(host, *arguments)`: arguments and result are unsigned, as wide as the type."""


@record(frozen=True)
class ABIFunction:
    """A row of a function table: name, type, implementation."""

    name: str
    """The WASI name, or the base of a Gate name (without the size suffix)."""

    type: FunctionType
    """The type that an import must have, exactly."""

    implementation: Implementation
    """What a call does."""


@record(frozen=True)
class ABIImport:
    """An import of a module, and the ABI function behind it."""

    module: str
    """Module name, as the importing module writes it."""

    name: str
    """Field name, as the importing module writes it."""

    type: FunctionType
    """The imported type."""

    function: ABIFunction
    """What is called."""


@record(frozen=True)
class Resolution:
    """All imports of a module, resolved."""

    functions: tuple[ABIImport, ...]
    """In the order of the module."""

    uses_random: bool
    """Whether the program can ask for random bytes, so that a run must be given some."""


_LETTERS = {"i": I32, "I": I64}


def signature(text: str) -> FunctionType:
    """Read a function type such as `"i I i -> i"`: `i` is i32, `I` is i64."""
    params, _, results = text.partition("->")
    return FunctionType(
        tuple(_LETTERS[letter] for letter in params.split()),
        tuple(_LETTERS[letter] for letter in results.split()),
    )
