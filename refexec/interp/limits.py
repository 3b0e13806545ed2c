"""Limits of this implementation (specification, appendix "Implementation Limitations").

A module that exceeds one of the first group is refused at load with `ImplementationLimitError`,
which names the limit. The numbers are those that other engines and validators use, where they
agree. The second group bounds a running program, which sees a trap or a refused
growth. This module only names the limits; they are enforced where the resource is made.
"""

from __future__ import annotations

from refexec.record import record


@record(frozen=True)
class Limits:
    """How large a module may be and how much a running program may use."""

    # At load.
    module_size: int = 64 << 20
    """Bytes of a module."""
    types: int = 1_000_000
    """Defined types of a module."""
    functions: int = 1_000_000
    """Functions of a module, imported ones included."""
    params: int = 1_000
    """Parameters, and results, of a function type."""
    fields: int = 10_000
    """Fields of a structure type."""
    tables: int = 100
    """Tables of a module, imported ones included."""
    memories: int = 100
    """Memories of a module, imported ones included."""
    function_size: int = 7_654_321
    """Bytes of a function body."""
    locals: int = 50_000
    """Locals of a function, parameters included."""
    all_locals: int = 5_000_000
    """Locals of all functions of a module together."""
    nesting: int = 100_000
    """Depth of nested blocks in a function."""
    array_new_fixed: int = 10_000
    """Elements that `array.new_fixed` may take from the operand stack."""
    subtyping_depth: int = 63
    """Length of a chain of declared supertypes."""

    # At run time.
    call_depth: int = 10_000
    """Frames of guest functions on the call stack. Exceeding it is trap 4."""
    slots: int = 1_000_000
    """Locals and operand slots of all frames together. Exceeding it is trap 4."""
    host_depth: int = 100
    """Calls from guest to host to guest that may be nested. Exceeding it is trap 4."""
    memory_pages: int = 1_024
    """Pages of 64 KiB in each memory. Growing beyond is refused; so is a larger initial size."""
    table_entries: int = 1_000_000
    """Entries of each table. Growing beyond is refused; so is a larger initial size."""
    gc_heap: int = 256 << 20
    """Bytes of the structures, arrays and exceptions that are alive, by `store.heap_size`."""


DEFAULT_LIMITS = Limits()
"""The limits used when none are given."""
