"""Function names from the custom section `name` (appendix 7.4.1), for people.

The section is not part of the program: anything wrong with it only means fewer names. Names come
from the guest and must be escaped wherever they are shown.
"""

from __future__ import annotations

from refexec.errors import ModuleError
from refexec.interp import syntax
from refexec.interp.reader import Reader


def function_names(module: syntax.Module) -> dict[int, str]:
    """Names by function index: from the name section, else from imports and exports."""
    names: dict[int, str] = {}
    for export in module.exports:
        if export.kind == "function":
            names.setdefault(export.index, export.name)
    for index, entry in enumerate(module.imported("function")):
        names.setdefault(index, f"{entry.module}.{entry.name}")
    for custom in module.customs:
        if custom.name == "name":
            names.update(_read(custom.content))
    return names


def _read(content: bytes) -> dict[int, str]:
    names: dict[int, str] = {}
    reader = Reader(content)
    try:
        while reader.pos < len(content):
            kind = reader.byte()
            size = reader.u32()
            end = reader.pos + size
            if kind == 1:
                for _ in range(reader.count()):
                    index = reader.u32()
                    names[index] = reader.name()
            reader.pos = end
    except ModuleError:
        # What could be read until here is still good.
        return names
    return names
