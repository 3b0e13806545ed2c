"""Which strings are service names and revisions.

The rules are in bytes of UTF-8 and in Unicode general categories. They hold where a service is
registered; the names that programs ask for are opaque and only have to be found.
"""

from __future__ import annotations

import unicodedata

from refexec.discovery import MAX_NAME_SIZE
from refexec.errors import ServiceNameError

_NAME_CATEGORIES = "LNP"
_REVISION_CATEGORIES = "LMNPS"


def check_name(name: str) -> None:
    """Raise `ServiceNameError` unless `name` is 1..127 bytes of letters, numbers, punctuation."""
    _check("name", name, _NAME_CATEGORIES)


def check_revision(revision: str) -> None:
    """Raise `ServiceNameError` unless it is 1..127 bytes; marks and symbols are allowed too."""
    _check("revision", revision, _REVISION_CATEGORIES)


def _check(kind: str, text: str, categories: str) -> None:
    if not text:
        raise ServiceNameError(f"service {kind} string is empty")
    # A lone surrogate has no UTF-8 form: count it as the 3 bytes it would have.
    if len(text.encode("utf-8", "surrogatepass")) > MAX_NAME_SIZE:
        raise ServiceNameError(f"service {kind} string is too long")
    if any(unicodedata.category(char)[0] not in categories for char in text):
        raise ServiceNameError(f"service {kind} string contains invalid characters")
