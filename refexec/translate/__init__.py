"""The fast engine: wasm functions as Python source. It never defines behaviour.

A function becomes one Python function when it has been called, or has gone round its loops, some
hundred times, or at once in a small module; translating what is not busy would cost more than it
saves. Locals are locals, operands fold into expressions, control becomes `while` and `if`. A Python
traceback is the wasm call stack, so generated code keeps no account of where it is, and can still
be stopped at any instruction: it stops a little early, and the machine walks on to the exact place.
Reading order:

    graph.py        the control-flow graph         tree.py        structured code, and its printing
    values.py       expressions and intervals      signs.py       how locals hold integers
    operands.py     stack and locals               meter.py       what is charged where
    plan.py         what is written where          operations/    single instructions
    emit.py         from graph to tree             lanes.py       vectors as ints
    split.py        vectors as lanes               counted.py     loops that count
    shared.py       indices that stand often       deposit.py     what callers have paid
    room.py         how deep calls may still go    unrolled.py    small loops, several turns at once
    sites.py        state at a line                compile.py     one function, put together
    namespace.py    what generated code can name   engine.py      linking, fuel, helpers
    machine.py      taking turns with the machine  unwind.py      from traceback to frames
    cache.py        translations that outlive us   folder.py      where they can be trusted

`refexec.interp` is right by definition; whatever is not translated runs there.
"""

from __future__ import annotations

from refexec.translate.engine import engine_of
from refexec.translate.errors import Untranslatable
from refexec.translate.machine import TranslatedMachine

__all__ = ["TranslatedMachine", "Untranslatable", "engine_of"]
