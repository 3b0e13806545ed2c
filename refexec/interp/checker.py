"""The two stacks of the validation algorithm (appendix 7.3) and the branch side table.

A `Validator` tracks operand types and open blocks while the rules of single instructions
(`refexec.interp.rules`) push and pop. It also records what the machine needs so that no label
exists at run time: each branch's target, operand height and arity. The loop over the instructions
is in `refexec.interp.body`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from refexec.errors import ImplementationLimitError, InvalidModuleError
from refexec.interp import types as t
from refexec.interp.limits import Limits
from refexec.interp.opcodes import ELSE, IF, LOOP, Opcode
from refexec.interp.syntax import Element, Expression
from refexec.record import field, record

BOTTOM = t.NumberType("bot")
"""The type of an operand that unreachable code pretends to have; it matches every type."""


class Branch(NamedTuple):
    """Where a branch goes and what it keeps. The side table is made of these."""

    target: int
    """Step to continue with: 1 + index of the instruction."""
    height: int
    """Operands below the label, which stay."""
    arity: int
    """Operands from the top, which move down to that height."""


class Handler(NamedTuple):
    """The catch clauses of a `try_table`, in force between two instructions."""

    start: int
    """Step number of the first instruction inside."""
    end: int
    """Step number of the `end` that closes it."""
    clauses: list[tuple[int | None, bool, Branch]]
    """For each clause: tag index or None for all, whether the exception is passed on, branch."""


@record()
class Context:
    """What instructions may refer to (Validation 3.1)."""

    limits: Limits
    features: frozenset[str]
    """Features that instructions may need."""
    types: list[t.DefinedType] = field(default_factory=list)
    functions: list[t.DefinedType] = field(default_factory=list)
    tables: list[t.TableType] = field(default_factory=list)
    memories: list[t.MemoryType] = field(default_factory=list)
    globals: list[t.GlobalType] = field(default_factory=list)
    tags: list[t.TagType] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    data_count: int = 0
    declared: set[int] = field(default_factory=set)
    """Functions that `ref.func` may name in a body."""


class Control:
    """A block that is open while validating."""

    __slots__ = (
        "catches",
        "height",
        "opcode",
        "patches",
        "pc",
        "results",
        "types",
        "unreachable",
        "unset",
    )

    def __init__(
        self, opcode: Opcode | None, block: t.FunctionType, height: int, pc: int, unset: int
    ) -> None:
        self.opcode = opcode
        self.types = block
        self.height = height
        """Operands below the block."""
        self.pc = pc
        """Step number of the instruction that opened it."""
        self.unset = unset
        """Length of the initialisation log at entry."""
        self.unreachable = False
        self.patches: list[tuple[Any, Any]] = []
        """(container, key) of the side-table entries that wait for the block's end."""
        self.catches: list[tuple[int | None, bool, Branch]] | None = None

    @property
    def label(self) -> tuple[t.ValueType, ...]:
        """Types that a branch to this block carries."""
        return self.types.params if self.opcode is LOOP else self.types.results


class Validator:
    """State of the algorithm: a stack of operand types and a stack of open blocks."""

    def __init__(
        self,
        context: Context,
        expression: Expression,
        local_types: Sequence[t.ValueType],
        results: tuple[t.ValueType, ...],
        params: int,
    ) -> None:
        self.context = context
        self.instructions = expression.instructions
        self.offsets = expression.offsets
        self.locals = local_types
        self.unset: set[int] = {
            index
            for index, local in enumerate(local_types)
            if index >= params and not t.is_defaultable(local)
        }
        """Locals without a default value that have not been set on the way here."""
        self.set_log: list[int] = []
        self.results = results
        self.operands: list[t.ValueType] = []
        self.controls = [Control(None, t.FunctionType((), results), 0, 0, 0)]
        self.pc = 1
        """Step number of the current instruction; step 0 is the function entry."""
        self.highest = 0
        self.side_table: dict[int, Any] = {}
        self.handlers: list[Handler] = []

    # -- errors ----------------------------------------------------------------------------------

    @property
    def opcode(self) -> Opcode:
        """The current instruction."""
        return self.instructions[self.pc - 1][0]

    @property
    def offset(self) -> int:
        """Byte offset in the module of the current instruction."""
        return self.offsets[self.pc - 1]

    def fail(self, message: str) -> InvalidModuleError:
        """Make the error for the current instruction."""
        return InvalidModuleError(f"{self.opcode.mnemonic}: {message}", self.offset)

    def mismatch(self, expected: Any, found: Any) -> InvalidModuleError:
        """Make the error for an operand of the wrong type."""
        return self.fail(f"type mismatch: expected {expected}, found {found}")

    # -- operands --------------------------------------------------------------------------------

    def push(self, value: t.ValueType) -> None:
        """Push an operand."""
        self.operands.append(value)
        if len(self.operands) > self.highest:
            self.highest = len(self.operands)

    def push_all(self, values: Sequence[t.ValueType]) -> None:
        """Push operands, the last one on top."""
        self.operands.extend(values)
        if len(self.operands) > self.highest:
            self.highest = len(self.operands)

    def pop_any(self) -> t.ValueType:
        """Pop an operand of any type."""
        control = self.controls[-1]
        if len(self.operands) == control.height:
            if control.unreachable:
                return BOTTOM
            raise self.mismatch("an operand", "an empty stack")
        return self.operands.pop()

    def pop(self, expected: t.ValueType) -> t.ValueType:
        """Pop an operand that must match `expected`."""
        if len(self.operands) == self.controls[-1].height and not self.controls[-1].unreachable:
            raise self.mismatch(expected, "an empty stack")
        actual = self.pop_any()
        if actual is expected or actual is BOTTOM or t.value_matches(actual, expected):
            return actual
        raise self.mismatch(expected, actual)

    def pop_all(self, expected: Sequence[t.ValueType]) -> None:
        """Pop operands that must match `expected`, whose last one is on top."""
        for value in reversed(expected):
            self.pop(value)

    def pop_reference(self) -> t.ReferenceType:
        """Pop a reference; in unreachable code it may be one to the bottom of all."""
        actual = self.pop_any()
        if actual is BOTTOM:
            return t.ReferenceType(False, t.BOTTOM_HEAP)
        if isinstance(actual, t.ReferenceType):
            return actual
        raise self.mismatch("a reference", actual)

    def unreachable(self) -> None:
        """Say that what follows in this block cannot be reached."""
        control = self.controls[-1]
        del self.operands[control.height :]
        control.unreachable = True

    # -- blocks ----------------------------------------------------------------------------------

    def open(self, opcode: Opcode, block: t.FunctionType) -> Control:
        """Enter a block whose parameters have been popped."""
        if len(self.controls) > self.context.limits.nesting:
            raise ImplementationLimitError(
                "nesting",
                f"blocks are nested deeper than the limit of {self.context.limits.nesting}",
                self.offset,
            )
        control = Control(opcode, block, len(self.operands), self.pc, len(self.set_log))
        self.controls.append(control)
        self.push_all(block.params)
        return control

    def close(self) -> Control:
        """Leave the innermost block: its results must be what is on the stack."""
        control = self.controls[-1]
        self.pop_all(control.types.results)
        if len(self.operands) != control.height:
            raise self.fail(
                f"type mismatch: {len(self.operands) - control.height} values remain on the "
                "stack at the end of the block"
            )
        self.controls.pop()
        while len(self.set_log) > control.unset:
            self.unset.add(self.set_log.pop())
        return control

    def block_end(self) -> None:
        """Handle `end`, also the one that closes the whole sequence."""
        control = self.close()
        pc = self.pc
        if control.opcode is IF:
            # Without an else, the parameters must be what the block gives.
            if not t.results_match(control.types.params, control.types.results):
                raise self.fail("type mismatch: an if without else must give what it takes")
            self.side_table[control.pc] = pc
        elif control.opcode is ELSE:
            self.side_table[control.pc] = pc
        arity = len(control.types.results)
        for container, key in control.patches:
            container[key] = Branch(pc, control.height, arity)
        if control.catches is not None:
            self.handlers.append(Handler(control.pc + 1, pc, control.catches))
        if self.controls:
            self.push_all(control.types.results)

    def block_else(self) -> None:
        """Handle `else`: the second arm begins where the condition was false."""
        control = self.close()
        self.side_table[control.pc] = self.pc + 1
        second = self.open(ELSE, control.types)
        second.patches = control.patches

    def label(self, depth: int) -> Control:
        """The block that a label index means."""
        if depth >= len(self.controls):
            raise self.fail(f"unknown label {depth}")
        return self.controls[-1 - depth]

    def branch(self, control: Control, container: Any, key: Any) -> None:
        """Store the branch to `control` in the side table, now or when its end is known."""
        if control.opcode is LOOP:
            container[key] = Branch(control.pc + 1, control.height, len(control.types.params))
        else:
            container[key] = None
            control.patches.append((container, key))

    # -- locals ----------------------------------------------------------------------------------

    def local(self, index: int) -> t.ValueType:
        """The type of a local."""
        if index >= len(self.locals):
            raise self.fail(f"unknown local {index}")
        return self.locals[index]

    def initialise(self, index: int) -> None:
        """Note that a local has been set."""
        if index in self.unset:
            self.unset.remove(index)
            self.set_log.append(index)
