"""What is left of a program when it does not run: buffers, services' states, whole snapshots.

Here are the records. `refexec.snapshot.codec` turns plain data into bytes and safely back, and
`refexec.snapshot.file` keeps a `Snapshot` in a file; both are imported by name where needed.
"""

from __future__ import annotations

from refexec.snapshot.records import PHASES, Buffers, Service, Snapshot

__all__ = ["PHASES", "Buffers", "Service", "Snapshot"]
