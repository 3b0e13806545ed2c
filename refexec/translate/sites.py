"""Sites: what the machine's state is where generated code can stop.

A site belongs to one line of generated code: the machine's step, the fuel that is paid but not
used, and recipes of the operands. Recipes are Python expressions over the variables of the frame;
they are compiled when first needed, which is when something stops there.
"""

from __future__ import annotations

from types import CodeType, FrameType
from typing import Any

from refexec.interp.validation import FunctionCode
from refexec.record import field, record


@record()
class Site:
    """What is known about a line where execution can stop."""

    pc: int
    """Step in progress, or for a safepoint the step that is next."""
    paid: int
    """Fuel that was charged for steps after this one."""
    kind: str = "trap"
    """trap: the step fails. safe: stop before step `pc`. room: the same, when there is no room on
    the call stack. call: stop after the call at `pc`, or before it if it has not begun. element:
    the step finds what to call. enter: the call stack may be full; there is no frame yet."""
    stack: str = "[]"
    """Recipe of the operands: before a safepoint, or below the arguments of a call."""
    arguments: str = "[]"
    """Recipe of the operands that a call takes."""
    loose: tuple[int, ...] = ()
    """Locals in which any NaN stands for the canonical one."""
    compiled: CodeType | None = None
    turns: tuple[int, str] | None = None
    """In a loop that counts: what each turn that is still to come has been charged for, and the
    variable that counts."""

    def refund(self, frame: FrameType) -> int:
        """Fuel that was charged for what comes after this step."""
        if self.turns is None:
            return self.paid
        cost, name = self.turns
        variables = frame.f_locals
        turns: range = variables["i"]
        return self.paid + cost * (len(turns) - turns.index(variables[name]) - 1)

    def values(self, variables: Any, names: dict[str, Any]) -> tuple[list[Any], list[Any]]:
        """Work out the operands from the variables of a frame."""
        if self.compiled is None:
            text = f"({self.stack}, {self.arguments})"
            self.compiled = compile(text, "<recipe>", "eval")
        result: tuple[list[Any], list[Any]] = eval(self.compiled, names, variables)
        return result


@record(eq=False)
class Translation:
    """Generated code of a function, or of one of its loops."""

    function: FunctionCode
    code: CodeType
    sites: dict[int, Site]
    """By line number."""
    source: str
    locals: tuple[str, ...]
    """Recipes of the locals."""
    steps: dict[int, int]
    """The machine's steps by line number, for readers."""
    constants: dict[str, Any] = field(default_factory=dict)
    """Objects that the code refers to by name."""
    requires: tuple[tuple[int, int, int, int, int], ...] = ()
    """What a loop relies on when it is entered: index of a local, least and greatest value, how
    many of its lowest bits are zero, and its width."""
    recipe: CodeType | None = None

    def local_values(self, variables: Any, names: dict[str, Any]) -> list[Any]:
        """Work out the locals from the variables of a frame."""
        if self.recipe is None:
            self.recipe = compile(f"[{', '.join(self.locals)}]", "<recipe>", "eval")
        values: list[Any] = eval(self.recipe, names, variables)
        return values
