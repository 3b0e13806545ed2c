"""The debugger as commands: a line in, lines of text out. Terminal and scripts share it.

Each command is a method whose name begins with `do_`; its docstring is its help. Reverse commands
begin with `r`. What is shown is text, with the guest's names escaped by whoever prints it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from refexec import wasm
from refexec.debugger.lines import Line, SourceLines, source_text
from refexec.debugger.state import Activation, ProgramView, hex_lines
from refexec.debugger.subject import Subject
from refexec.debugger.timeline import Conditions, Moment, Predicate, Stop, Timeline, within
from refexec.errors import InputError, StateError
from refexec.observe.observer import Place, View

ALIASES = {
    "s": "step",
    "n": "next",
    "o": "out",
    "l": "line",
    "c": "continue",
    "rs": "rstep",
    "rn": "rnext",
    "ro": "rout",
    "rl": "rline",
    "rc": "rcontinue",
    "back": "rstep",
    "b": "break",
    "w": "where",
    "m": "memory",
    "q": "quit",
    "?": "help",
}
"""Short names of commands."""

MAX_COUNT = 1_000_000
"""Most instructions that one `step` takes."""

_AROUND = 5
_BYTES = 64
_MAX_BYTES = 1 << 16


class Debugger:
    """One debugging session. `folders` are where source files are looked for."""

    def __init__(
        self,
        subject: Subject,
        lines: SourceLines | None = None,
        folders: list[Path] | None = None,
    ) -> None:
        self.timeline = Timeline(subject)
        self.view = ProgramView(subject.module)
        self.lines = lines
        self.folders = [] if folders is None else folders
        self.conditions = Conditions()
        self.finished = False
        """Whether `quit` was given."""
        self._breaks: list[tuple[str, Callable[[], None]]] = []
        self._sources: dict[str, list[str] | None] = {}

    # -- what others look at ---------------------------------------------------------------------

    @property
    def machine(self) -> wasm.Instance | None:
        """The program's machine."""
        return self.timeline.subject.machine

    def activations(self) -> list[Activation]:
        """The activations at this moment, the innermost first."""
        return self.view.activations(self.machine)

    def line_at(self, function: int, step: int) -> Line | None:
        """The line of source of an instruction."""
        if self.lines is None:
            return None
        return self.lines.at(self.view.code(function).body.offsets[max(0, step - 1)])

    def source(self, line: Line) -> list[str] | None:
        """The file of a line, if it can be found."""
        if line.file not in self._sources:
            self._sources[line.file] = source_text(line, self.folders)
        return self._sources[line.file]

    # -- commands --------------------------------------------------------------------------------

    def execute(self, command: str) -> list[str]:
        """Carry out a command, and give what it says. Raises `InputError` or `StateError`."""
        words = command.split()
        if not words or words[0].startswith("#"):
            return []
        name = ALIASES.get(words[0], words[0])
        method = getattr(self, f"do_{name}", None)
        if method is None:
            raise InputError(f"{words[0]}: there is no such command; try help")
        if not _fits(method, words[1:]):
            raise InputError(f"{name}: {method.__doc__}")
        result: list[str] = method(*words[1:])
        return result

    def do_help(self) -> list[str]:
        """List the commands: help."""
        methods = sorted(name for name in dir(self) if name.startswith("do_"))
        short = {full: key for key, full in ALIASES.items() if key != "back"}
        return [
            f"{name[3:]:<10} {short.get(name[3:], ''):<3} {getattr(self, name).__doc__}"
            for name in methods
        ]

    def do_quit(self) -> list[str]:
        """End the session: quit."""
        self.finished = True
        return []

    # -- moving ----------------------------------------------------------------------------------

    def do_step(self, count: str = "1") -> list[str]:
        """Execute an instruction, or N: step [N]."""
        return self._moved(self.timeline.step(_number(count, MAX_COUNT)))

    def do_rstep(self, count: str = "1") -> list[str]:
        """Take back an instruction, or N: rstep [N], or back [N]."""
        return self._moved(self.timeline.step_back(_number(count, MAX_COUNT)))

    def do_next(self) -> list[str]:
        """Execute an instruction, with all that a call of it does: next."""
        return self._run(within(self._depth()))

    def do_rnext(self) -> list[str]:
        """Take back an instruction, with all that a call of it has done: rnext."""
        return self._run_back(within(self._depth()))

    def do_out(self) -> list[str]:
        """Run until the function has returned: out."""
        return self._run(within(self._depth() - 1))

    def do_rout(self) -> list[str]:
        """Go back to the call of the function: rout."""
        return self._run_back(within(self._depth() - 1))

    def do_line(self) -> list[str]:
        """Run to another line of source, over calls: line."""
        return self._run(self._another_line())

    def do_rline(self) -> list[str]:
        """Go back to another line of source, over calls: rline."""
        return self._run_back(self._another_line())

    def do_continue(self) -> list[str]:
        """Run to a breakpoint, a watched write, a trap or the end: continue."""
        return self._moved(self.timeline.run(self.conditions))

    def do_rcontinue(self) -> list[str]:
        """Go back to the breakpoint or watched write before, or to the beginning: rcontinue."""
        return self._moved(self.timeline.run_back(self.conditions))

    def do_goto(self, moment: str) -> list[str]:
        """Go to a moment: goto FUEL or FUEL+STEPS."""
        fuel, _, step = moment.partition("+")
        if step:
            self.timeline.goto(Moment(_number(fuel), _number(step)))
        else:
            self.timeline.goto_fuel(_number(fuel))
        return self._moved(Stop(self.timeline.subject.ending))

    def do_start(self) -> list[str]:
        """Go to the beginning: start."""
        self.timeline.goto(self.timeline.first)
        return self._moved(Stop(""))

    def do_end(self) -> list[str]:
        """Go to the end, past all breakpoints: end."""
        return self._moved(self.timeline.to_end())

    def _run(self, predicate: Predicate) -> list[str]:
        return self._moved(self.timeline.run(self.conditions, predicate))

    def _run_back(self, predicate: Predicate) -> list[str]:
        return self._moved(self.timeline.run_back(self.conditions, predicate))

    def _depth(self) -> int:
        call = None if self.machine is None else self.machine.frozen_call
        return 0 if call is None else len(call.frames)

    def _another_line(self) -> Predicate:
        depth, lines = self._depth(), self.lines
        if lines is None or not lines.files:
            raise InputError("the module tells no lines of source")
        activations = self.activations()
        here = self.line_at(activations[0].function, activations[0].step) if activations else None

        def stop(view: View, place: Place) -> str:
            if view.depth > depth:
                return ""
            line = lines.at_place(place)
            return "step" if line is not None and line != here else ""

        return stop

    def _moved(self, stop: Stop) -> list[str]:
        said = [] if stop.reason in ("", "step") else [f"stopped: {stop.reason}"]
        return said + self.do_where()

    # -- breakpoints -----------------------------------------------------------------------------

    def do_break(self, *where: str) -> list[str]:
        """Stop at a function, byte offset or line: break NAME | 0xOFFSET | FILE:LINE."""
        if len(where) != 1:
            raise InputError("break: expected a function, an offset like 0x1f or FILE:LINE")
        offsets, text = self._places(where[0])
        for offset in offsets:
            self.conditions.offsets[offset] = f"breakpoint at {text}"

        def remove() -> None:
            for offset in offsets:
                self.conditions.offsets.pop(offset, None)

        return self._added(f"break {text}", remove)

    def do_watch(self, address: str, size: str = "4") -> list[str]:
        """Stop after a write to memory: watch ADDRESS [SIZE]."""
        watched = _number(address), _number(size)
        self.conditions.watches.append(watched)
        text = f"watch 0x{watched[0]:x} {watched[1]}"
        return self._added(text, lambda: self.conditions.watches.remove(watched))

    def do_catch(self, what: str) -> list[str]:
        """Stop after a packet, or at a trap, which is on already: catch packet | trap."""
        name = {"packet": "packets", "trap": "traps"}.get(what)
        if name is None:
            raise InputError("catch: expected packet or trap")
        setattr(self.conditions, name, True)
        return self._added(f"catch {what}", lambda: setattr(self.conditions, name, False))

    def do_breaks(self) -> list[str]:
        """List breakpoints and watches: breaks."""
        return [f"{n}: {text}" for n, (text, _) in enumerate(self._breaks, 1)] or ["there are none"]

    def do_delete(self, number: str) -> list[str]:
        """Remove a breakpoint or watch by its number: delete N."""
        index = _number(number) - 1
        if not 0 <= index < len(self._breaks):
            raise InputError(f"delete: there is no breakpoint {number}")
        text, remove = self._breaks.pop(index)
        remove()
        return [f"removed: {text}"]

    def _added(self, text: str, remove: Callable[[], None]) -> list[str]:
        self._breaks.append((text, remove))
        return [f"{len(self._breaks)}: {text}"]

    def _places(self, where: str) -> tuple[list[int], str]:
        """Byte offsets that a breakpoint means, and how it is called."""
        file, colon, number = where.rpartition(":")
        if colon and number.isdecimal():
            offsets = [] if self.lines is None else self.lines.offsets(file, int(number))
            if not offsets:
                raise InputError(f"{where}: no instruction belongs to this line")
            return offsets, where
        if where.startswith("0x"):
            offset = _number(where)
            if self.view.function_at(offset) is None:
                raise InputError(f"{where}: no instruction begins at this offset")
            return [offset], where
        valid = self.view.module.valid
        names = self.view.module.function_names.items()
        found = {index for index, name in names if name == where}
        exports = valid.syntax.exports
        found |= {e.index for e in exports if e.name == where and e.kind == "function"}
        if where.isdecimal():
            found.add(int(where))
        codes = [code for code in valid.functions if code.index in found]
        if not codes:
            raise InputError(f"{where}: the module defines no such function")
        return [code.offset for code in codes], where

    # -- looking ---------------------------------------------------------------------------------

    def do_where(self) -> list[str]:
        """Tell moment, next instruction and line: where."""
        timeline = self.timeline
        if timeline.ended:
            fuel = timeline.subject.fuel_spent
            return [f"at the end, fuel {fuel}: {timeline.subject.ending}"]
        activations = self.activations()
        if not activations:
            return [f"at fuel {timeline.now}: no function runs"]
        top = activations[0]
        text = self.view.text(top.function, top.step)
        told = [f"at fuel {timeline.now}: {_title(top)} 0x{top.offset:x}  {text}"]
        line = self.line_at(top.function, top.step)
        if line is not None:
            source = self.source(line)
            shown = source[line.number - 1 : line.number] if source is not None else []
            told.append("  ".join([f"  {line}", *map(str.strip, shown)]))
        return told

    def do_frames(self) -> list[str]:
        """List the activations, the innermost first: frames."""
        told = []
        for number, item in enumerate(self.activations()):
            line = self.line_at(item.function, item.step)
            where = "" if line is None else f"  {line}"
            text = self.view.text(item.function, item.step)
            told.append(f"#{number} {_title(item)} 0x{item.offset:x}  {text}{where}")
        return told or ["no function runs"]

    def do_locals(self, frame: str = "0") -> list[str]:
        """Show the locals of an activation: locals [FRAME]."""
        values = self._activation(frame).locals
        return [f"{value.name} = {value.text}" for value in values] or ["there are none"]

    def do_stack(self, frame: str = "0") -> list[str]:
        """Show the operands of an activation, the top first: stack [FRAME]."""
        return list(reversed(self._activation(frame).stack)) or ["it is empty"]

    def do_globals(self) -> list[str]:
        """Show the globals: globals."""
        values = self.view.globals(self.machine)
        return [f"{value.name} = {value.text}" for value in values] or ["there are none"]

    def do_memory(self, address: str, size: str = str(_BYTES)) -> list[str]:
        """Show bytes of memory: memory ADDRESS [SIZE]."""
        begin, count = _number(address), _number(size, _MAX_BYTES)
        data = self.view.memory(self.machine, begin, count)
        return hex_lines(begin, data) or [f"0x{begin:x} is outside of memory"]

    def do_code(self, count: str = str(_AROUND)) -> list[str]:
        """Show the instructions around the next one, and its rule: code [N]."""
        top = self._activation("0")
        around, told = _number(count), []
        first = max(0, top.step - around)
        for step in range(first, min(len(self.view.listing(top.function)), top.step + around) + 1):
            offset = self.view.code(top.function).offset_of(step)
            mark = ">" if step == top.step else " "
            told.append(f"{mark} 0x{offset:06x}  {self.view.text(top.function, step)}")
        return [*told, f"rule {self.view.rule(top.function, top.step)}"]

    def do_source(self, count: str = str(_AROUND)) -> list[str]:
        """Show the source around the next instruction: source [N]."""
        top = self._activation("0")
        line = self.line_at(top.function, top.step)
        if line is None:
            raise InputError("the module tells no line for this instruction")
        text, around = self.source(line), _number(count)
        if text is None:
            raise InputError(f"{line.file}: is not found; name its folder with --source")
        numbers = range(max(1, line.number - around), min(len(text), line.number + around) + 1)
        return [f"{'>' if n == line.number else ' '} {n:4}  {text[n - 1]}" for n in numbers]

    def do_packets(self) -> list[str]:
        """List the packets that have passed until now: packets."""
        return [
            f"fuel {packet.fuel} {packet.direction} {len(packet.data)} bytes  "
            f"{packet.data[:32].hex(' ')}{' …' if len(packet.data) > 32 else ''}"
            for packet in self.timeline.subject.packets()
        ] or ["there are none"]

    def _activation(self, number: str) -> Activation:
        activations, index = self.activations(), _number(number)
        if index >= len(activations):
            raise StateError(
                f"there is no activation {index}" if activations else "no function runs"
            )
        return activations[index]


def _title(item: Activation) -> str:
    return f"function {item.function}" + ("" if item.name is None else f" {item.name}")


def _number(text: str, most: int | None = None) -> int:
    try:
        number = int(text, 0)
    except ValueError:
        raise InputError(f"{text}: expected a number") from None
    if number < 0 or (most is not None and number > most):
        raise InputError(f"{text}: expected a number from 0" + (f" to {most}" if most else ""))
    return number


def _fits(method: Callable[..., list[str]], words: list[str]) -> bool:
    """Whether a command takes so many words."""
    code, defaults = method.__code__, method.__defaults__ or ()
    if code.co_flags & 0x04:
        return True
    most = code.co_argcount - 1
    return most - len(defaults) <= len(words) <= most
