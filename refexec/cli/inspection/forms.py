"""A snapshot in the form of a WebAssembly module as a JSON object.

Gate's sections are shown by what they say, the stack of machine code by its words: what those mean
is known only to the compiler that made the code.
"""

from __future__ import annotations

from typing import Any, Final

from refexec import image, wasm
from refexec.cli.inspection import JSON
from refexec.cli.inspection.packets import describe_buffers
from refexec.cli.inspection.state import Known, describe_state
from refexec.cli.inspection.values import number
from refexec.errors import RefexecError
from refexec.snapshot import Buffers
from refexec.snapshot import module as forms
from refexec.trap import trap_text

MAX_FRAMES: Final = 10_000
MAX_WORDS: Final = 1_000
"""How much of a stack is described at most."""

_WORD = 8


def describe_form(data: bytes) -> JSON | None:
    """Describe what makes a module a snapshot; None if it is none."""
    if not forms.is_form(data):
        return None
    problems = []
    form = instance = None
    try:
        form = forms.read(data, max_stack=wasm.Limits().slots * _WORD)
        instance = image.Instance(image.Program(data))
    except RefexecError as error:
        where = "sections" if form is None else "state"
        problems.append({"where": where, "what": str(error)})
    described: JSON = {
        "problems": problems,
        "record": None if form is None else _record(form.record),
        "phase": None if form is None else form.phase,
        "hidden_exports": form is not None and form.hidden,
        "pending_start": None,
        "entry": None,
        "fuel_spent": None,
        "state": None,
        "native_stack": None,
    }
    if form is not None and isinstance(form.stack, forms.NativeStack):
        described["native_stack"] = _native(form.stack)
    if instance is not None:
        program = instance.program
        described["entry"] = instance.entry
        described["pending_start"] = instance.phase == "fresh" and program.module.has_start
        described["fuel_spent"] = number(instance.fuel_spent)
        described["state"] = _state(instance)
    buffers = None if form is None else form.buffers
    return {**described, **describe_buffers(Buffers() if buffers is None else buffers)}


def _state(instance: image.Instance) -> JSON | None:
    program = instance.program
    state = instance.state
    modules = {program.digest: Known.of(program.module)}
    return None if state is None else describe_state(state, modules)


def _record(record: forms.Record) -> JSON:
    return {
        "final": record.final,
        "trap": {"id": record.trap, "name": trap_text(record.trap)},
        "result": record.result,
        "monotonic_time_ns": number(record.monotonic_time),
        "breakpoints": [number(offset) for offset in record.breakpoints],
    }


def _native(stack: forms.NativeStack) -> dict[str, Any]:
    return {
        "size": len(stack.content),
        "inside": stack.inside,
        "entry": stack.entry,
        "frames_total": len(stack.frames),
        "frames": [
            {
                "call_site": frame.call_site,
                "size": frame.size,
                "words": [f"0x{word:x}" for word in frame.words[:MAX_WORDS]],
            }
            for frame in stack.frames[:MAX_FRAMES]
        ],
    }
