"""What `refexec inspect` says: a module or a snapshot described as one JSON document.

The description is made first, as plain data in the form of docs/inspect.md, and what people see is
laid out from that description alone. Nothing here runs or changes anything, and nothing here
trusts what it describes: what does not fit is named as a problem, and the rest is still shown.
"""

from __future__ import annotations

from typing import Any, Final

FORM: Final = 1
"""Version of the form. It grows when a reader of an older one could misunderstand."""

JSON = dict[str, Any]
"""A JSON object."""
