"""A snapshot as a JSON object: program, state, and what was on its way.

Whether the state fits the module is found out by thawing it, which runs nothing. What is wrong is
listed under `problems`; the description says what can be said all the same.
"""

from __future__ import annotations

from refexec import image, snapshot, wasm
from refexec.cli.inspection import FORM, JSON
from refexec.cli.inspection.modules import summary
from refexec.cli.inspection.packets import describe_buffers
from refexec.cli.inspection.state import Known, describe_state
from refexec.cli.inspection.values import number
from refexec.errors import RefexecError
from refexec.trap import TrapID


def describe_snapshot(record: snapshot.Snapshot, size: int) -> JSON:
    """Describe a snapshot that took `size` bytes."""
    digest = record.digest
    problems = []
    module = None
    try:
        if record.module is not None:
            module = wasm.Module(record.module, features="all")
        image.Instance.from_snapshot(record)
    except RefexecError as error:
        where = "module" if module is None else "state"
        problems.append({"where": where, "what": str(error)})
    modules = {} if module is None else {digest: Known.of(module)}
    return {
        "form": FORM,
        "kind": "snapshot",
        "size": size,
        "problems": problems,
        "module": summary(record.module, module, digest),
        "phase": record.phase,
        "trap": {"id": int(record.trap), "name": str(record.trap)},
        "result": str(record.result) if record.trap == TrapID.EXIT else None,
        "final": record.final,
        "pending_start": record.pending_start,
        "entry": record.entry,
        "fuel_spent": number(record.fuel_spent),
        "monotonic_time_ns": number(record.monotonic_time),
        "state": None if record.state is None else describe_state(record.state, modules),
        **describe_buffers(record.buffers),
    }
