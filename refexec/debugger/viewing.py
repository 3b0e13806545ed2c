"""Recording a run for a page: every moment of a stretch of it, as compact plain data.

The recorder is an observer. What it makes is read by `assets/view.js`; `docs/view.md` says what a
reader sees of it. Texts are the guest's and are escaped by whoever shows them.

A document has tables, and `steps` that refer to them by number. A step is the moment before an
instruction: place, fuel, operands, and what is new since the step before:

    L   all locals                        F   callers, the innermost first: place, locals, operands
    l   a local: index, value             g   a global: index, value
    w   bytes written: address, hex       r   bytes read: address, size
    k   packets that have passed by now
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from refexec import wasm
from refexec.debugger.lines import Line, SourceLines, source_text
from refexec.debugger.state import ProgramView
from refexec.debugger.timeline import Timeline
from refexec.observe.machine import Pause
from refexec.observe.observer import Access, Observer, Place, View
from refexec.observe.text import value_text

FORMAT: Final = 1

STEPS: Final = 20_000
"""Moments that a page holds, unless asked for others."""

_CALLERS = 20
"""Callers of which a step tells."""

_MAX_WRITE = 4096
"""Bytes of a write that a step tells; the rest of a larger one is left out."""

_BLOCK = 64
"""Memory is kept in blocks of so many bytes, of which something was read or written."""

JSON = dict[str, Any]


class _Table:
    """Things by number, each once."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, key: Any, item: Any = None) -> int:
        """The number of a thing, which is added if it is new."""
        if key not in self._numbers:
            self._numbers[key] = len(self.items)
            self.items.append(key if item is None else item)
        return self._numbers[key]


class _Recorder(Observer):
    """Makes steps."""

    def __init__(self, program: ProgramView, lines: SourceLines | None, most: int) -> None:
        self.values = _Table()
        self.places = _Table()
        self.lines = _Table()
        self.steps: list[list[Any]] = []
        self.memory: dict[int, str] = {}
        self.packets: list[tuple[str, bytes]] = []
        self._program = program
        self._lines = lines
        self._most = most
        self._depth = -1
        self._before: Place | None = None
        self._new: JSON = {}

    def instruction(self, view: View, place: Place) -> None:
        """Make a step."""
        if len(self.steps) >= self._most:
            raise Pause
        types = self._program.effect(place.function, place.step).before
        stack = [self._value(v, of) for v, of in zip(view.stack, types, strict=True)]
        new, self._new = self._new, {}
        before = self._before
        if view.depth != self._depth or before is None or before.function != place.function:
            new["L"] = self._locals(place, view.locals)
            new["F"] = self._callers(view)
        elif before.mnemonic in ("local.set", "local.tee"):
            index = before.immediate
            of = place.code.local_types[index]
            new["l"] = [index, self._value(view.locals[index], of)]
        if before is not None and before.mnemonic == "global.set":
            index = before.immediate
            of = place.module.context.globals[index].value
            new["g"] = [index, self._value(view.globals[index], of)]
        self._depth, self._before = view.depth, place
        step = [self._place(place), view.fuel_spent, stack, view.depth]
        self.steps.append([*step, new] if new else step)

    def access(self, view: View, place: Place, access: Access) -> None:
        """Note it for the next step."""
        if access.memory or not access.size:
            return
        size = min(access.size, _MAX_WRITE)
        self._keep_blocks(view, access, size)
        if access.write:
            data = view.read(access.address, size)
            self._new.setdefault("w", []).append([access.address, data.hex()])
        else:
            self._new["r"] = [access.address, size]

    def sent(self, packet: bytes) -> None:
        """Keep it."""
        self._pass("sent", packet)

    def received(self, packet: bytes) -> None:
        """Keep it."""
        self._pass("received", packet)

    def _pass(self, direction: str, packet: bytes) -> None:
        self.packets.append((direction, packet))
        self._new["k"] = len(self.packets)

    def _keep_blocks(self, view: View, access: Access, size: int) -> None:
        """Keep what was in memory before its first access."""
        first = access.address // _BLOCK
        for number in range(first, (access.address + size - 1) // _BLOCK + 1):
            begin = number * _BLOCK
            if begin in self.memory:
                continue
            data = bytearray(view.read(begin, min(_BLOCK, view.memory_size() - begin)))
            if access.write:
                for at, byte in enumerate(access.before[:size], access.address - begin):
                    if 0 <= at < len(data):
                        data[at] = byte
            self.memory[begin] = data.hex()

    def _value(self, value: Any, of: Any) -> int:
        return self.values.number(value_text(value, of))

    def _locals(self, place: Place, values: tuple[Any, ...]) -> list[int]:
        return list(map(self._value, values, place.code.local_types))

    def _callers(self, view: View) -> list[Any]:
        callers = []
        for place, locals_, stack in view.callers(_CALLERS):
            types = self._program.effect(place.function, place.step).before
            values = [self._value(v, of) for v, of in zip(stack, types, strict=False)]
            callers.append([self._place(place), self._locals(place, locals_), values])
        return callers

    def _place(self, place: Place) -> int:
        key = place.function, place.step
        line = None if self._lines is None else self._lines.at_place(place)
        number = -1 if line is None else self.lines.number((line.file, line.number))
        rule = self._program.rule(place.function, place.step)
        return self.places.number(key, [place.function, place.step, place.offset, rule, number])


def record_run(
    timeline: Timeline,
    title: str,
    lines: SourceLines | None,
    folders: list[Path],
    most: int = STEPS,
    begin: int | None = None,
) -> JSON:
    """Record a stretch of a run: from a fuel, or else the last `most` moments before its end."""
    subject = timeline.subject
    timeline.to_end()
    end, ending = subject.fuel_spent, subject.ending
    if subject.machine is None:
        return _document(title, ending, end, subject.module, _empty(subject.module), [], 0)
    timeline.goto_fuel(max(timeline.first.fuel, end - most if begin is None else begin))
    program = ProgramView(subject.module)
    earlier = len(subject.packets())
    passed = [(packet.direction, packet.data) for packet in subject.packets()]
    recorder = _Recorder(program, lines, most)
    globals_ = program.globals(subject.machine)
    if not timeline.ended:
        subject.watch(wasm.REFERENCE_ENGINE, recorder)
        subject.run()
    document = _document(title, ending, end, subject.module, recorder, passed, earlier)
    document["globals"] = [[item.name, recorder.values.number(item.text)] for item in globals_]
    document["values"] = recorder.values.items
    document["complete"] = subject.ended
    document["functions"] = _functions(program, recorder)
    document["sources"] = _sources(recorder, folders)
    return document


def _empty(module: wasm.Module) -> _Recorder:
    return _Recorder(ProgramView(module), None, 0)


def _document(
    title: str,
    ending: str,
    end: int,
    module: wasm.Module,
    recorder: _Recorder,
    passed: list[tuple[str, bytes]],
    earlier: int,
) -> JSON:
    return {
        "format": FORMAT,
        "title": title,
        "module": module.digest,
        "ending": ending,
        "end": end,
        "complete": True,
        "values": recorder.values.items,
        "places": recorder.places.items,
        "lines": recorder.lines.items,
        "steps": recorder.steps,
        "memory": recorder.memory,
        "earlier": earlier,
        "packets": [[way, data.hex()] for way, data in [*passed, *recorder.packets]],
        "globals": [],
        "functions": {},
        "sources": {},
    }


def _functions(program: ProgramView, recorder: _Recorder) -> JSON:
    """Name, names of locals, and listing of every function that a step is in."""
    functions: JSON = {}
    for function in sorted({place[0] for place in recorder.places.items}):
        code = program.code(function)
        listing = [[code.offset, 0, "entry"]]
        listing += [[line.offset, line.depth, line.text] for line in program.listing(function)]
        functions[str(function)] = {
            "name": program.name(function),
            "locals": [program.local_name(function, i) for i in range(len(code.local_types))],
            "code": listing,
        }
    return functions


def _sources(recorder: _Recorder, folders: list[Path]) -> JSON:
    """The text of each source file that can be found."""
    sources: JSON = {}
    for file in {file for file, _ in recorder.lines.items}:
        text = source_text(Line(file, 1), folders)
        if text is not None:
            sources[file] = text
    return sources
