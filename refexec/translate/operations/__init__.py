"""How single instructions become Python expressions and statements.

`OPERATIONS` maps mnemonics to functions. An instruction that is not in it runs through the
machine's own execution function (`generic`), on operands put into a list. What an instruction means
is defined in `refexec.interp.instructions`; the names used by the texts are in
`refexec.translate.namespace`.
"""

from __future__ import annotations

# Each of these registers the instructions that it is about.
from refexec.translate.operations import (
    calls,
    float_lanes,
    floats,
    integers,
    memory,
    variable,
    vector_memory,
    vectors,
)
from refexec.translate.operations.calls import reference_condition
from refexec.translate.operations.generic import generic
from refexec.translate.operations.registry import OPERATIONS

__all__ = [
    "OPERATIONS",
    "calls",
    "float_lanes",
    "floats",
    "generic",
    "integers",
    "memory",
    "reference_condition",
    "variable",
    "vector_memory",
    "vectors",
]
