"""Lines of source code, where a module carries DWARF: byte offset to file and line, and back.

In WebAssembly the sections of DWARF are custom sections, and an address is an offset from where the
content of the code section begins. They are read by pyelftools (extra `debug`); what they say comes
from the guest, and anything wrong with them only means fewer lines. Without pyelftools, or without
DWARF, there are none.
"""

from __future__ import annotations

import bisect
import inspect
import io
import posixpath
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from refexec import wasm
from refexec.errors import UnavailableError
from refexec.observe.observer import Place
from refexec.record import record

_CODE = 10
"""Id of the code section."""

_MAX_SOURCE = 4 << 20
"""Most bytes of a file that is shown as source."""


@record(frozen=True)
class Line:
    """A line of a source file."""

    file: str
    """Path, as the compiler has written it: guest text."""
    number: int
    """From 1."""

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


def has_dwarf(module: wasm.Module) -> bool:
    """Whether a module carries lines."""
    return any(custom.name == ".debug_line" for custom in module.valid.syntax.customs)


class SourceLines:
    """The lines of one module. Raises `UnavailableError` if it has some, and no pyelftools."""

    def __init__(self, module: wasm.Module) -> None:
        self._module = module
        if has_dwarf(module):
            _require()

    @staticmethod
    def of_module(module: wasm.Module) -> tuple[SourceLines | None, str]:
        """The lines of a module, and what is to be said once if it has some that cannot be read."""
        try:
            return SourceLines(module), ""
        except UnavailableError as error:
            return None, str(error)

    @property
    def files(self) -> list[str]:
        """Paths of the files that have lines."""
        return sorted({row[1].file for row in self._rows if row[1] is not None})

    def at(self, offset: int) -> Line | None:
        """The line that an instruction belongs to, by its byte offset in the module."""
        rows = self._rows
        index = bisect.bisect_right(self._offsets, offset) - 1
        return rows[index][1] if index >= 0 else None

    def at_place(self, place: Place) -> Line | None:
        """The line of an instruction. A function's entry has that of its first instruction."""
        return self.at(place.offset if place.step else place.code.body.offsets[0])

    def offsets(self, file: str, number: int) -> list[int]:
        """Byte offsets where the code of a line begins. `file` may be the end of a path."""
        found, before = [], None
        for offset, line in self._rows:
            begins = line is not None and line != before and line.number == number
            if begins and line is not None and ("/" + line.file).endswith("/" + file):
                found.append(offset)
            before = line
        return found

    @cached_property
    def _offsets(self) -> list[int]:
        return [row[0] for row in self._rows]

    @cached_property
    def _rows(self) -> list[tuple[int, Line | None]]:
        """Where each line begins, in order; None where code begins that has none."""
        sections = self._module.valid.syntax.sections
        base = next((section.start for section in sections if section.id == _CODE), None)
        if base is None or not has_dwarf(self._module):
            return []
        rows: dict[int, Line | None] = {}
        try:
            for address, line in _rows_of(self._module):
                # The end of one sequence may be the beginning of the next.
                if line is not None or base + address not in rows:
                    rows[base + address] = line
        except Exception:
            # The guest's tables are wrong somewhere, and pyelftools says so in many ways. What
            # could be read until there is still good.
            pass
        return sorted(rows.items())


def source_text(line: Line, folders: list[Path]) -> list[str] | None:
    """The source file of a line, searched by its path in some folders; None if it is not there.

    The path is the guest's: only files inside of the folders are opened.
    """
    parts = [part for part in line.file.split("/") if part not in ("", ".", "..")]
    for folder in folders:
        for start in range(len(parts)):
            path = folder.joinpath(*parts[start:])
            try:
                if path.resolve().is_relative_to(folder.resolve()) and path.is_file():
                    with path.open("rb") as file:
                        return file.read(_MAX_SOURCE).decode("utf-8", "replace").splitlines()
            except (OSError, ValueError):
                continue
    return None


def _require() -> Any:
    try:
        from elftools.dwarf import dwarfinfo
    except ImportError:
        raise UnavailableError(
            "the module tells source lines, which needs pyelftools: pip install 'refexec[debug]'"
        ) from None
    return dwarfinfo


def _rows_of(module: wasm.Module) -> Iterator[tuple[int, Line | None]]:
    """Addresses with the lines that begin there."""
    dwarfinfo = _require()
    contents = {c.name: c.content for c in module.valid.syntax.customs if c.name[:1] == "."}

    def section(parameter: str) -> Any:
        name = "." + parameter.removesuffix("_sec")
        data = contents.get(name)
        if data is None:
            return None
        return dwarfinfo.DebugSectionDescriptor(io.BytesIO(data), name, 0, len(data), 0)

    names = [
        name
        for name in inspect.signature(dwarfinfo.DWARFInfo.__init__).parameters
        if name.endswith("_sec")
    ]
    info = dwarfinfo.DWARFInfo(
        config=dwarfinfo.DwarfConfig(True, "x86", 4), **{name: section(name) for name in names}
    )
    for unit in info.iter_CUs():
        program = info.line_program_for_CU(unit)
        if program is None:
            continue
        paths = _paths(program, unit)
        for entry in program.get_entries():
            state = entry.state
            if state is None:
                continue
            known = not state.end_sequence and state.line and state.file < len(paths)
            yield state.address, Line(paths[state.file], state.line) if known else None


def _paths(program: Any, unit: Any) -> list[str]:
    """Paths of the files that a line program counts."""
    header = program.header
    modern = header["version"] >= 5
    folders = [_text(folder) for folder in header["include_directory"]]
    if not modern:
        folders.insert(0, _text(unit.get_top_DIE().attributes["DW_AT_comp_dir"].value))
    paths = [] if modern else [""]
    for entry in header["file_entry"]:
        folder = folders[entry.dir_index] if entry.dir_index < len(folders) else ""
        path = posixpath.normpath(posixpath.join(folder, _text(entry.name)))
        paths.append(path)
    return paths


def _text(data: bytes | str) -> str:
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else data
