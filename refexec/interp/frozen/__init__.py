"""Machine state <-> plain data: what is frozen is exactly what configurations hold.

`freeze` turns a store, with the calls that are suspended in it, into a tree of dicts, lists, ints,
floats, bytes, strings and None. `thaw` builds all of it again and trusts nothing: every step
number, operand, local, reference and size is checked against the modules, so that a state that is
accepted is one that valid code could have reached. How the tree is written to bytes is the business
of `refexec.snapshot`.

    {"format": 1,
     "instances": [                 in the order in which they were instantiated
        {"imports": [import, ...],
         "globals": [value, ...],   what the instance defines itself; imports are written where
         "tables": [table, ...],    they belong
         "memories": [memory, ...],
         "elements": [[value, ...], ...],   nothing in a segment that was dropped
         "datas": [bool, ...]}],            whether a segment is still there
     "externals": [table | memory | {"value": value} | {}, ...],
     "objects": [["struct" | "array", instance, type, [value, ...]],
                 ["exception", instance, tag, [value, ...]],
                 ["exception", None, name, [value, ...]], ...],     with a tag of the host
     "calls": [{"instance": n,      the instance through which the call was made
                "frames": [{"instance", "function", "pc", "locals", "stack"}, ...],
                "pending": None | {"function": value, "args": [value, ...]}}, ...]}

    table    {"size": entries, "elements": [[position, value], ...]}, without what is null
    memory   {"pages": pages, "chunks": [[index, bytes], ...]}, without 64 KiB that are all zero
    import   None: a function of the host, given again by whoever thaws
             ["host", name]: a function of the host under the name that the caller gave it
             ["instance", n, index]: what instance n has at that index of the same kind
             ["external", n, name | None]: a table, memory, global or tag that the host made
    value    an int (unsigned), a float, 16 bytes, None for null, or a reference:
             ["function", instance, index] ["host", name] ["object", n] ["i31", bits]
             ["extern", value]

A frame's `pc` is the number of its next step (see `refexec.interp.machine`). Structures, arrays and
exceptions are numbered in the order in which they are reached from the globals, tables, segments
and frames. Both walks are iterative, so depth does not matter.
"""

from __future__ import annotations

from refexec.interp.frozen.digest import digest
from refexec.interp.frozen.freezer import freeze
from refexec.interp.frozen.shape import STATE_FORMAT, with_chunks
from refexec.interp.frozen.thawer import Embedder, thaw

__all__ = ["STATE_FORMAT", "Embedder", "digest", "freeze", "thaw", "with_chunks"]
