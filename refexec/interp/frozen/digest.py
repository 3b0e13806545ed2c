"""One hash for one state: a canonical encoding of the tree, never the bytes of a snapshot."""

from __future__ import annotations

import hashlib
from typing import Any

from refexec.interp.values import f64_to_bits


def digest(tree: dict[str, Any]) -> str:
    """SHA-256 of a canonical encoding of a state, in hexadecimal.

    Every item begins with a letter for its type; what has a variable size says its size next.
    """
    hasher = hashlib.sha256()
    pending: list[Any] = [tree]
    while pending:
        item = pending.pop()
        match item:
            case None:
                hasher.update(b"n")
            case bool():
                hasher.update(b"t" if item else b"f")
            case int():
                hasher.update(b"i%d;" % item)
            case float():
                hasher.update(b"d%016x" % f64_to_bits(item))
            case bytes() | memoryview():
                hasher.update(b"b%d;" % len(item))
                hasher.update(item)
            case str():
                encoded = item.encode("utf-8", "surrogatepass")
                hasher.update(b"s%d;" % len(encoded) + encoded)
            case dict():
                hasher.update(b"m%d;" % len(item))
                for key in sorted(item, reverse=True):
                    pending += (item[key], key)
            case list() | tuple():
                hasher.update(b"l%d;" % len(item))
                pending.extend(reversed(item))
            case _:
                raise TypeError(f"no plain data: {item!r}")
    return hasher.hexdigest()
