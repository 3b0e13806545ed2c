"""A module as a JSON object: what it is made of, wants, offers and needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refexec import abi, image, wasm
from refexec.cli.inspection import FORM, JSON
from refexec.cli.inspection.forms import describe_form
from refexec.cli.inspection.types import TypeText
from refexec.cli.inspection.values import number
from refexec.errors import ModuleError, RefexecError
from refexec.interp import syntax
from refexec.interp import types as t
from refexec.interp.binary import SECTION_NAMES
from refexec.interp.features import features_used
from refexec.interp.names import Names, read_names
from refexec.interp.reader import Reader

_LIMITS = wasm.Limits(module_size=wasm.Limits().module_size + (wasm.Limits().memory_pages << 16))
"""Limits for modules that may be snapshots, which have all of their memory inside."""

_COUNTS = {
    1: "types",
    2: "imports",
    3: "function_types",
    4: "tables",
    5: "memories",
    6: "globals",
    7: "exports",
    9: "elements",
    10: "codes",
    11: "datas",
    13: "tags",
}
"""Where the things of a section are, by its id."""


def describe_module(data: bytes) -> JSON:
    """Describe a module. Raises `ModuleError` if it is not a valid one of any known feature."""
    module = wasm.Module(data, _LIMITS, features="all")
    parts = module.valid.syntax
    names = read_names(parts)
    types = TypeText(module.valid, names)
    start = parts.start
    return {
        "form": FORM,
        "kind": "module",
        "size": len(data),
        "sha256": module.digest,
        "name": names.module,
        "features": features_used(parts),
        "gate": _gate(data),
        "snapshot": describe_form(data),
        "start": None if start is None else {"index": start, "name": names.of("function", start)},
        "sections": list(_sections(parts)),
        "types": [
            {"index": i, "name": names.of("type", i), "type": types.composite(defined.composite)}
            for i, defined in enumerate(parts.types)
        ],
        "imports": list(_imports(parts, types)),
        "exports": list(_exports(module, types)),
        "functions": list(_functions(module, names, types)),
        "tables": list(_space(module, names, types, "table")),
        "memories": list(_space(module, names, types, "memory")),
        "globals": list(_space(module, names, types, "global")),
        "tags": list(_space(module, names, types, "tag")),
        "elements": [
            {
                "index": i,
                "name": names.of("element", i),
                "mode": segment.mode,
                "type": types.value(segment.type),
                "size": len(segment),
            }
            for i, segment in enumerate(parts.elements)
        ],
        "datas": [
            {
                "index": i,
                "name": names.of("data", i),
                "mode": segment.mode,
                "memory": segment.memory if segment.mode == "active" else None,
                "size": len(segment.content),
            }
            for i, segment in enumerate(parts.datas)
        ],
        "producers": list(_producers(parts)),
        "target_features": list(_target_features(parts)),
    }


def _gate(data: bytes) -> JSON:
    """Tell whether the module could run as a Gate program, and where it could be entered."""
    try:
        program = image.Program(data)
    except RefexecError as error:
        return {"program": False, "because": str(error)}
    entry = program.resolve_entry("")
    # A program that exports `_start` may be entered nowhere else.
    entries = [e.name for e in program.module.exports if _is_entry(e)] if entry is None else []
    return {
        "program": True,
        "entry": entry,
        "entries_by_name": entries,
        "wants_random_bytes": program.random,
    }


def _is_entry(export: wasm.ExportType) -> bool:
    return isinstance(export.type, wasm.FunctionType) and abi.is_entry_type(export.type)


def _sections(parts: syntax.Module) -> Iterator[JSON]:
    customs = iter(parts.customs)
    for section in parts.sections:
        counted = _COUNTS.get(section.id)
        yield {
            "id": section.id,
            "section": SECTION_NAMES[section.id].removesuffix(" section"),
            "name": None if section.id else next(customs).name,
            "offset": section.offset,
            "size": section.end - section.start,
            "items": None if counted is None else len(getattr(parts, counted)),
        }


def _imports(parts: syntax.Module, types: TypeText) -> Iterator[JSON]:
    for entry in parts.imports:
        yield {
            "module": entry.module,
            "name": entry.name,
            "kind": entry.kind,
            "type": types.external(entry.type),
        }


def _exports(module: wasm.Module, types: TypeText) -> Iterator[JSON]:
    entries = module.valid.syntax.exports
    for entry, described in zip(entries, module.exports, strict=True):
        yield {
            "name": entry.name,
            "kind": entry.kind,
            "index": entry.index,
            "type": types.external(described.type),
        }


def _functions(module: wasm.Module, names: Names, types: TypeText) -> Iterator[JSON]:
    for index, defined in enumerate(module.valid.context.functions):
        own = index - module.valid.imported_functions
        code = None if own < 0 else module.valid.functions[own]
        yield {
            "index": index,
            "name": names.of("function", index),
            "imported": code is None,
            "type": types.external(defined),
            "offset": None if code is None else code.offset,
            "locals": None if code is None else len(code.local_types),
            "instructions": None if code is None else len(code.body.instructions),
        }


def _space(
    module: wasm.Module, names: Names, types: TypeText, kind: syntax.ExternalKind
) -> Iterator[JSON]:
    plural = {"memory": "memories"}.get(kind, f"{kind}s")
    imported = len(list(module.valid.syntax.imported(kind)))
    of: Any
    for index, of in enumerate(getattr(module.valid.context, plural)):
        row: JSON = {
            "index": index,
            "name": names.of(kind, index),
            "imported": index < imported,
            "type": types.external(of),
        }
        if isinstance(of, t.TableType | t.MemoryType):
            most = of.limits.maximum
            row["minimum"] = number(of.limits.minimum)
            row["maximum"] = None if most is None else number(most)
        if isinstance(of, t.MemoryType):
            row["page_size"] = of.page_size
        yield row


# -- what compilers leave for each other ---------------------------------------------------------


def _customs(parts: syntax.Module, name: str) -> Iterator[Reader]:
    return (Reader(custom.content) for custom in parts.customs if custom.name == name)


def _producers(parts: syntax.Module) -> Iterator[JSON]:
    """Read who made the module, as far as the section is readable."""
    for reader in _customs(parts, "producers"):
        try:
            for _ in range(reader.count()):
                field = reader.name()
                for _ in range(reader.count()):
                    yield {"field": field, "name": reader.name(), "version": reader.name()}
        except ModuleError:
            continue


def _target_features(parts: syntax.Module) -> Iterator[str]:
    """Read which features the compiler was told to use (+), not to use (-) or to require (=)."""
    for reader in _customs(parts, "target_features"):
        try:
            for _ in range(reader.count()):
                prefix = chr(reader.byte())
                yield prefix + reader.name()
        except ModuleError:
            continue


def summary(data: bytes | None, module: wasm.Module | None, digest: str) -> JSON:
    """Describe shortly the module of a snapshot; None for one that is not there or not valid."""
    size = None if data is None else len(data)
    if module is None:
        return {"size": size, "sha256": digest, "name": None, "features": []}
    parts = module.valid.syntax
    return {
        "size": size,
        "sha256": digest,
        "name": read_names(parts).module,
        "features": features_used(parts),
    }
