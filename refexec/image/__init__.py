"""Programs and their instances: what is run, and what running it changes.

A `Program` is a module that may run as a Gate program. An `Instance` is one life of it: it goes
into a process, comes back changed, and may go into the next one or into a snapshot. Neither runs
anything by itself.
"""

from __future__ import annotations

from refexec.image.instance import Instance, build
from refexec.image.program import Program

__all__ = ["Instance", "Program", "build"]
