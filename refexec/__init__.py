"""refexec runs WebAssembly programs as suspendable processes.

This module is the front door: it hands on the public names, and imports the room that holds a
name only when the name is first used. So a worker, which needs little, starts quickly. It holds
no behaviour.
"""

from __future__ import annotations

__version__ = "0.1.0"
