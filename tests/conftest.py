"""What holds in all rooms. Helpers are modules of `tests/support`, imported by name."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes depends on what else the machine does, which is nobody's fault.
settings.register_profile("refexec", deadline=None)
settings.load_profile("refexec")
