"""What there is to be seen at a moment: frames, operands with their types, code, memory.

Everything is read from the subject's machine while it does not run, and given as plain records.
Names are the guest's: they have to be escaped where they are shown.
"""

from __future__ import annotations

from refexec import wasm
from refexec.interp.instructions import EXECUTE
from refexec.interp.listing import Line as ListedLine
from refexec.interp.listing import list_function
from refexec.interp.machine import Frame
from refexec.interp.names import Names, read_names
from refexec.interp.validation import FunctionCode
from refexec.observe.operands import Effect, effects_of
from refexec.observe.text import value_text
from refexec.record import record

ENTRY_RULE = "exec-invoke"


@record(frozen=True)
class Value:
    """A value that has a place."""

    name: str
    """Number, and the guest's name if there is one."""
    text: str
    """Type, colon, value."""


@record(frozen=True)
class Activation:
    """A function that has begun."""

    function: int
    name: str | None
    step: int
    """Number of the next instruction; for one that waits for a call, of the call."""
    offset: int
    locals: tuple[Value, ...]
    stack: tuple[str, ...]
    """Operands, the last one on top."""


class ProgramView:
    """Looks at a module and at instances of it."""

    def __init__(self, module: wasm.Module) -> None:
        self.module = module
        self._names: Names = read_names(module.valid.syntax)
        self._effects: dict[int, list[Effect]] = {}
        self._listings: dict[int, list[ListedLine]] = {}

    # -- code ------------------------------------------------------------------------------------

    def code(self, function: int) -> FunctionCode:
        """A function that the module defines."""
        return self.module.valid.functions[function - self.module.valid.imported_functions]

    def name(self, function: int) -> str | None:
        """Its name."""
        return self.module.function_names.get(function)

    def listing(self, function: int) -> list[ListedLine]:
        """Its instructions, each with its text."""
        if function not in self._listings:
            listed = list_function(self.module.valid, self.code(function))
            self._listings[function] = list(listed)
        return self._listings[function]

    def effect(self, function: int, step: int) -> Effect:
        """What a step takes and gives."""
        if function not in self._effects:
            self._effects[function] = effects_of(self.module.valid, self.code(function))
        return self._effects[function][step]

    def text(self, function: int, step: int) -> str:
        """The text of a step."""
        return self.listing(function)[step - 1].text if step else "entry"

    def rule(self, function: int, step: int) -> str:
        """The rule of the specification that a step follows, with a word on what it is."""
        if not step:
            return f"{ENTRY_RULE}: the function is entered"
        opcode = self.code(function).body.instructions[step - 1][0]
        sentence = " ".join((EXECUTE[opcode].__doc__ or "").split())
        _, _, after = sentence.partition(". ")
        return f"exec-{opcode.rule}" + (f": {after}" if after else "")

    def function_at(self, offset: int) -> tuple[int, int] | None:
        """Function and step of the instruction at a byte offset."""
        for code in self.module.valid.functions:
            offsets = code.body.offsets
            if code.offset <= offset <= offsets[-1]:
                if offset in offsets:
                    return code.index, offsets.index(offset) + 1
                return (code.index, 0) if offset == code.offset else None
        return None

    # -- an instance -----------------------------------------------------------------------------

    def activations(self, machine: wasm.Instance | None) -> list[Activation]:
        """The activations of the suspended call, the innermost first."""
        call = None if machine is None else machine.frozen_call
        if call is None:
            return []
        top = len(call.frames) - 1
        described = [self._activation(f, n == top) for n, f in enumerate(call.frames)]
        return described[::-1]

    def _activation(self, frame: Frame, innermost: bool) -> Activation:
        code = frame.code
        assert isinstance(code, FunctionCode)
        step = frame.pc if innermost else max(0, frame.pc - 1)
        types = self.effect(code.index, step).before
        return Activation(
            code.index,
            self.name(code.index),
            step,
            code.offset_of(step),
            tuple(
                Value(self.local_name(code.index, index), value_text(value, of))
                for index, (value, of) in enumerate(
                    zip(frame.locals, code.local_types, strict=True)
                )
            ),
            # Arguments of a call that is under way are gone from its caller's stack.
            tuple(value_text(v, of) for v, of in zip(frame.stack, types, strict=False)),
        )

    def local_name(self, function: int, index: int) -> str:
        """Number of a local, and its name if the guest gives it one."""
        name = self._names.of_local(function, index)
        return f"{index}" if name is None else f"{index} {name}"

    def globals(self, machine: wasm.Instance | None) -> list[Value]:
        """All globals."""
        if machine is None:
            return []
        found = []
        for index, item in enumerate(machine.inner.globals):
            name = self._names.of("global", index)
            label = f"{index}" if name is None else f"{index} {name}"
            found.append(Value(label, value_text(item.value, item.type.value)))
        return found

    def memory(self, machine: wasm.Instance | None, address: int, size: int) -> bytes:
        """Bytes of memory 0; fewer where it ends."""
        memory = None if machine is None else machine.memory
        if memory is None or address >= memory.size:
            return b""
        return memory.read(address, min(size, memory.size - address))


def hex_lines(address: int, data: bytes, width: int = 16) -> list[str]:
    """Bytes as lines of hexadecimal and text."""
    lines = []
    for start in range(0, len(data), width):
        row = data[start : start + width]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"0x{address + start:08x}  {row.hex(' '):<{width * 3 - 1}}  {text}")
    return lines
