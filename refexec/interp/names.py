"""Names from the custom section `name` (appendix 7.4.1), for people.

The section is not part of the program: anything wrong with it only means fewer names. Names come
from the guest and must be escaped wherever they are shown.
"""

from __future__ import annotations

from refexec.errors import ModuleError
from refexec.interp import syntax
from refexec.interp.reader import Reader
from refexec.record import field, record

NameMap = dict[int, str]
"""Names by index."""

SPACES = {
    1: "function",
    4: "type",
    5: "table",
    6: "memory",
    7: "global",
    8: "element",
    9: "data",
    11: "tag",
}
"""Index spaces that are named directly, by the number of their part of the section."""

_MODULE = 0
_INDIRECT = {2: "locals", 10: "fields"}


@record()
class Names:
    """What the things in a module are called, as far as the module tells."""

    module: str | None = None
    """Name of the module itself."""

    spaces: dict[str, NameMap] = field(default_factory=lambda: {s: {} for s in SPACES.values()})
    """Names by index, for each of `SPACES`."""

    locals: dict[int, NameMap] = field(default_factory=dict)
    """Names of locals, by index of the function."""

    fields: dict[int, NameMap] = field(default_factory=dict)
    """Names of the fields of structures, by index of the type."""

    def of(self, space: str, index: int) -> str | None:
        """Name of one thing in an index space."""
        return self.spaces[space].get(index)

    def of_local(self, function: int, index: int) -> str | None:
        """Name of a local."""
        return self.locals.get(function, {}).get(index)


def read_names(module: syntax.Module) -> Names:
    """Names from the name section, else from imports and exports."""
    names = Names()
    for export in module.exports:
        names.spaces[export.kind].setdefault(export.index, export.name)
    for kind in syntax.EXTERNAL_KINDS:
        for index, entry in enumerate(module.imported(kind)):
            names.spaces[kind].setdefault(index, f"{entry.module}.{entry.name}")
    for custom in module.customs:
        if custom.name == "name":
            _read(custom.content, names)
    return names


def function_names(module: syntax.Module) -> NameMap:
    """Names of functions by index: from the name section, else from imports and exports."""
    return read_names(module).spaces["function"]


def _read(content: bytes, names: Names) -> None:
    reader = Reader(content)
    try:
        while reader.pos < len(content):
            kind = reader.byte()
            size = reader.u32()
            end = reader.pos + size
            if kind == _MODULE:
                names.module = reader.name()
            elif kind in SPACES:
                _read_map(reader, names.spaces[SPACES[kind]])
            elif kind in _INDIRECT:
                outer: dict[int, NameMap] = getattr(names, _INDIRECT[kind])
                for _ in range(reader.count()):
                    _read_map(reader, outer.setdefault(reader.u32(), {}))
            reader.pos = end
    except ModuleError:
        # What could be read until here is still good.
        return


def _read_map(reader: Reader, into: NameMap) -> None:
    for _ in range(reader.count()):
        index = reader.u32()
        into[index] = reader.name()
