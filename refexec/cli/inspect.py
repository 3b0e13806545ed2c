"""`refexec inspect`: tell all about a module or a snapshot, without running anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from refexec import abi, image, packet, snapshot, wasm
from refexec.cli import files
from refexec.cli.tree import render
from refexec.errors import RefexecError
from refexec.interp.binary import SECTION_NAMES, decode_module
from refexec.interp.names import function_names
from refexec.trap import TrapID

JSON = dict[str, Any]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def inspect(file: Path, as_json: bool) -> None:
    """Tell all about FILE, a WebAssembly module or a snapshot."""
    data = files.read(file, files.EITHER)
    with files.about(file):
        if files.kind_of(data) == files.MODULE:
            tree = describe_module(data)
        else:
            tree = describe_snapshot(snapshot.file.decode(data))
    if as_json:
        click.echo(json.dumps(tree, indent=2))
    else:
        for line in render(tree):
            click.echo(line)


# -- modules -------------------------------------------------------------------------------------


def describe_module(data: bytes) -> JSON:
    """Describe a module as plain data. Raises `ModuleError` if it is not a valid one."""
    module = wasm.Module(data)
    parts = decode_module(data, wasm.Limits())
    customs = iter(parts.customs)
    return {
        "kind": "module",
        "size": len(data),
        "sha256": module.digest,
        "gate": _gate(data),
        "start_function": module.has_start,
        "sections": [
            {
                "offset": section.offset,
                "bytes": section.end - section.start,
                "section": SECTION_NAMES[section.id].removesuffix(" section"),
                "name": next(customs).name if section.id == 0 else "",
            }
            for section in parts.sections
        ],
        "types": [str(type_) for type_ in parts.types],
        "imports": [
            {"module": i.module, "name": i.name, "type": str(i.type)} for i in module.imports
        ],
        "exports": [{"name": e.name, "type": str(e.type)} for e in module.exports],
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


# -- snapshots -----------------------------------------------------------------------------------


def describe_snapshot(record: snapshot.Snapshot) -> JSON:
    """Describe a snapshot as plain data. Raises `InputError` if its state fits no module."""
    _, instance = image.Instance.from_snapshot(record)
    return {
        "kind": "snapshot",
        "module": {
            "size": len(instance.program.module.data),
            "sha256": record.digest,
        },
        "phase": record.phase,
        "trap": {"id": int(record.trap), "name": str(record.trap)},
        "result": str(record.result) if record.trap == TrapID.EXIT else None,
        "final": record.final,
        "entry": record.entry,
        "fuel_spent": record.fuel_spent,
        "time_ns": record.monotonic_time,
        "memory_size": instance.memory_size,
        "frames": _frames(instance),
        "services": [
            {"code": code, "name": service.name, "state": service.buffer.hex(" ")}
            for code, service in enumerate(record.buffers.services)
        ],
        "input": _stream(record.buffers.input),
        "output": _stream(record.buffers.output),
    }


def _frames(instance: image.Instance) -> list[JSON]:
    """Describe the suspended call, innermost frame first.

    The state has been thawed before, so it is known to fit the module.
    """
    if instance.state is None:
        return []
    parts = decode_module(instance.program.module.data, wasm.Limits())
    names = function_names(parts)
    imported = len(list(parts.imported("function")))
    rows = []
    for frame in (frame for call in instance.state["calls"] for frame in reversed(call["frames"])):
        index, pc = frame["function"], frame["pc"]
        body = parts.codes[index - imported].body
        # Step 0 is the function's entry; the instructions follow.
        at = body.instructions[pc - 1][0].mnemonic if pc else "entry"
        rows.append(
            {
                "function": index,
                "name": names.get(index, ""),
                "step": pc,
                "offset": body.offsets[pc - 1] if pc else parts.codes[index - imported].offset,
                "next": at,
                "locals": [_value(value) for value in frame["locals"]],
                "operands": [_value(value) for value in frame["stack"]],
            }
        )
    return rows


def _value(value: Any) -> str:
    """Write a value of the machine state: a number, 16 bytes, or a reference."""
    if isinstance(value, bytes):
        return f"0x{value[::-1].hex()}"
    if isinstance(value, list):
        return " ".join([value[0], *map(_value, value[1:])])
    return "null" if value is None else str(value)


def _stream(data: bytes) -> list[JSON]:
    """Decode what was on its way, packet by packet, as far as it can be made out.

    A stream that was interrupted within a packet begins, or ends, with bytes of which only their
    number and their values are known.
    """
    return list(_packets(data))


def _packets(data: bytes) -> Iterator[JSON]:
    position = 0
    while position < len(data):
        rest = data[position:]
        size = int.from_bytes(rest[:4], "little")
        if packet.HEADER_SIZE <= size <= min(len(rest), packet.MAX_PACKET_SIZE):
            what = _packet_text(rest[:size])
        else:
            size = len(rest)
            what = f"part of a packet: {rest[:32].hex(' ')}"
        yield {"offset": position, "bytes": size, "what": what}
        position += packet.align(size)


def _packet_text(data: bytes) -> str:
    plain = packet.Packet(data)
    match plain.domain:
        case packet.Domain.FLOW:
            return repr(packet.FlowPacket(data))
        case packet.Domain.DATA if len(data) >= packet.DATA_HEADER_SIZE:
            return repr(packet.DataPacket(data))
    return repr(plain)
