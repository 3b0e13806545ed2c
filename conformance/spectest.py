"""The module that the official suite's scripts import from.

The suite's own interpreter gives it as host functions. Here it is a plain module, so that an
engine on trial needs nothing but linking by name; no script can tell the difference.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from refexec_conformance.assemble import assemble, assembler_version
from refexec_conformance.cache import entry
from refexec_conformance.script import Script

_TEXT = """\
(module
  (func (export "print"))
  (func (export "print_i32") (param i32))
  (func (export "print_i64") (param i64))
  (func (export "print_f32") (param f32))
  (func (export "print_f64") (param f64))
  (func (export "print_i32_f32") (param i32 f32))
  (func (export "print_f64_f64") (param f64 f64))
  (global (export "global_i32") i32 (i32.const 666))
  (global (export "global_i64") i64 (i64.const 666))
  (global (export "global_f32") f32 (f32.const 666.6))
  (global (export "global_f64") f64 (f64.const 666.6))
  (table (export "table") 10 20 funcref)
  (memory (export "memory") 1 2)
  {extra}
)
"""

_TABLE64 = '(table (export "table64") i64 10 20 funcref)'

_IMPORT_OF_TABLE64 = b"\x08spectest\x07table64"


def spectest_text(*, table64: bool) -> str:
    """The text of the module. 64-bit tables are a feature of their own, hence the choice."""
    return _TEXT.format(extra=_TABLE64 if table64 else "")


def spectest_for(script: Script) -> bytes:
    """The module that a script needs: with a 64-bit table only if one of its modules imports it.

    Raises `UnavailableError` if it must be assembled and the assembler is not installed.
    """
    table64 = any(_IMPORT_OF_TABLE64 in data for data in script.modules.values())
    text = spectest_text(table64=table64)
    digest = hashlib.sha256(f"{assembler_version()}\n{text}".encode()).hexdigest()

    def make(path: Path) -> None:
        path.write_bytes(assemble([text])[0])

    return entry(f"modules/spectest-{digest[:32]}.wasm", make).read_bytes()
