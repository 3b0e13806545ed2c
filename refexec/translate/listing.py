"""Generated code for readers: the Python of a function beside the steps that it carries out.

Guest names are not part of it; whoever prints it may set them beside.
"""

from __future__ import annotations

from collections.abc import Iterator

from refexec.interp.limits import Limits
from refexec.interp.store import new_store
from refexec.interp.validation import FunctionCode, ValidModule
from refexec.record import record
from refexec.translate.compile import memory_bounds, translate
from refexec.translate.engine import Engine


@record(frozen=True)
class PythonLine:
    """One line of generated code."""

    text: str
    step: int | None
    """The step of the machine that it carries out or completes, 0 for the function entry; None if
    it belongs to none."""


def list_python(module: ValidModule, code: FunctionCode, limits: Limits) -> Iterator[PythonLine]:
    """List the translation of a function, as direct callers call it.

    Raises Untranslatable if the machine runs it.
    """
    engine = Engine(new_store(limits))
    translator = translate(
        module, code, engine.weight(code), memory_bounds(module, limits.memory_pages)
    )
    whole = translator.whole(paid=True)
    # The first line only makes the closure.
    for number, text in enumerate(whole.source.splitlines()[1:], 2):
        yield PythonLine(text[1:], whole.steps.get(number))
