"""Snapshots in the form of WebAssembly modules, as Gate writes and reads them.

A module of this form is the program's own module with its memory, globals and data replaced by the
present ones, and with custom sections that say how the last run ended (`gate.snapshot`), what was
on its way (`gate.buffer`), and where the program stands (`gate.stack`). What a machine of refexec
holds beyond that is in a custom section of its own, `gate.python.stack`.

`read` takes such a module to pieces, `write` makes one. Both work on bytes and plain data: that the
pieces fit together is found out by `refexec.image`, which builds programs and instances of them.
"""

from __future__ import annotations

from refexec.snapshot.module.contents import MAX_BREAKPOINTS, Record
from refexec.snapshot.module.layout import is_form
from refexec.snapshot.module.reader import Form, read
from refexec.snapshot.module.stack import InitialStack, NativeFrame, NativeStack
from refexec.snapshot.module.state import OwnStack, fuel_of, put_together, with_fuel, without_call
from refexec.snapshot.module.writer import write

__all__ = [
    "MAX_BREAKPOINTS",
    "Form",
    "InitialStack",
    "NativeFrame",
    "NativeStack",
    "OwnStack",
    "Record",
    "fuel_of",
    "is_form",
    "put_together",
    "read",
    "with_fuel",
    "without_call",
    "write",
]
