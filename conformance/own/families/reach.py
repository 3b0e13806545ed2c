"""Addresses that an access to memory has let through.

Behind an access that did not trap engines know that the address lies below the size that the memory
can have, less the access's offset. Here instructions profit from that whose results just fit, or
just do not fit, into their type for the addresses at the end of a memory of four pages.
"""

from __future__ import annotations

from refexec_conformance.own.families.texts import Family, Function, inputs

_END = 4 << 16
"""The size of the memory in bytes."""

_ACCESSES = {
    "load8_u": "(call $i32 (i32.load8_u {X}))",
    "load8_s": "(call $i32 (i32.load8_s offset=1 {X}))",
    "load16_u": "(call $i64 (i64.load16_u offset=0x7ffe {X}))",
    "i32.load": "(call $i32 (i32.load offset=0xfffc {X}))",
    "i64.load": "(call $i64 (i64.load offset=0x17ff8 {X}))",
    "f64.load": "(call $i64 (i64.reinterpret_f64 (f64.load offset=0x17ff8 {X})))",
    "i32.store8": "(i32.store8 offset=0x17fff {X} (local.get $y))",
    "i64.store": "(i64.store offset=0x17ff8 {X} (local.get $z))",
    "tee": "(call $i32 (i32.load8_u (local.tee $x (i32.add {X} (i32.const 1)))))",
    "from a sum": "(call $i32 (i32.load8_u (i32.add {X} (i32.const 16))))",
    "on one way": "(if (i32.load8_u {X}) (then (call $i32 (i32.load16_u {X}))))",
    "loop": """
(loop $turn
  (call $i32 (i32.load8_u {X}))
  (call $i32 (i32.mul {X} (i32.const 16385)))
  (local.set $x (i32.add {X} (i32.const 0x8000)))
  (br_if $turn (i32.lt_u {X} (i32.const 0x40000))))
""",
}

_ROOMY = ("load8_u", "load8_s", "tee", "from a sum", "on one way", "loop")
"""Accesses whose offset leaves the end of memory within reach."""

_USES = """
(call $i32 (i32.mul {X} (i32.const 16383)))
(call $i32 (i32.mul {X} (i32.const 16384)))
(call $i32 (i32.mul {X} (i32.const 16385)))
(call $i32 (i32.mul {X} (i32.const 40000)))
(call $i32 (i32.mul {X} (i32.const -8192)))
(call $i32 (i32.mul {X} (i32.const -8191)))
(call $i32 (i32.shl {X} (i32.const 13)))
(call $i32 (i32.shl {X} (i32.const 14)))
(call $i32 (i32.shl {X} (i32.const 16)))
(call $i32 (i32.add {X} (i32.const 0x7ffc0000)))
(call $i32 (i32.add {X} (i32.const 0x7ffe0001)))
(call $i32 (i32.add {X} (i32.const 0xfffc0000)))
(call $i32 (i32.add {X} (i32.const 0xfffc0001)))
(call $i32 (i32.sub {X} (i32.const 0x40000)))
(call $i32 (i32.sub (i32.const 0x30000) {X}))
(call $i32 (i32.lt_s {X} (i32.const 0x10001)))
(call $i32 (i32.ge_u {X} (i32.const 0x3ffff)))
(call $i32 (i32.lt_s (i32.sub {X} (i32.const 0x20000)) (i32.const 0)))
(call $i32 (i32.shr_s (i32.shl {X} (i32.const 14)) (i32.const 14)))
(call $i32 (i32.shr_u (i32.shl {X} (i32.const 15)) (i32.const 15)))
(call $i32 (i32.and {X} (i32.const 0x3ffff)))
(call $i32 (i32.and {X} (i32.const 0x1ffff)))
(call $i32 (i32.rem_u {X} (i32.const 0x40000)))
(call $i32 (i32.div_s {X} (i32.const -7)))
(call $i32 (i32.rotl {X} (i32.const 15)))
(call $i32 (i32.extend16_s {X}))
(call $i32 (i32.mul {X} {X}))
(call $i32 (i32.mul (i32.and {X} (i32.const 0xffff)) (i32.and {X} (i32.const 0x1ffff))))
(call $i64 (i64.extend_i32_s (i32.mul {X} (i32.const 0x4001))))
(call $i64 (i64.extend_i32_u (i32.shl {X} (i32.const 15))))
(call $i64 (i64.shl (i64.extend_i32_u {X}) (i64.const 46)))
(call $i64 (i64.mul (i64.extend_i32_s {X}) (i64.const 0x400000000000)))
(call $i64 (i64.reinterpret_f64 (f64.convert_i32_s (i32.sub {X} (i32.const 0x20000)))))
(call $i64 (i64.reinterpret_f64 (f64.convert_i32_u (i32.shl {X} (i32.const 14)))))
(call $i32 (select {X} (i32.const -1) (i32.gt_u {X} (i32.const 0xffff))))
"""


def _function(name: str, access: str) -> Function:
    uses = "\n".join(line for line in _USES.splitlines() if line)
    body = f"(drop (memory.grow (i32.const 3)))\n{access.strip()}\n{uses}\n(local.get $z)"
    return Function(name, body.replace("{X}", "(local.get $x)"))


def families() -> list[Family]:
    """The modules."""
    functions = [_function(name, access) for name, access in _ACCESSES.items()]
    near = [0, 1, 0x7FFF, 0xFFFF, 0x10000, 0x10001, 0x10004, 0x17FFF, 0x1FFFF, 0x20000, 0x27FF8]
    # Those whose offset leaves room for it are called with higher addresses, too.
    high = [0x28000, 0x2FFFC, 0x30000, 0x37FF8, 0x3FFDF, 0x3FFE0, 0x3FFED, _END - 0x11]
    pairs = [(x, x & 0x7F, x << 40) for x in (*near, *high)]
    low_sweeps = [(number, 0, len(near)) for number in range(len(functions))]
    roomy = [n for n, name in enumerate(_ACCESSES) if name in _ROOMY]
    return [
        Family(
            name="reach_memory",
            title="Addresses that an access to memory has let through",
            does="Reads or writes at an address, then uses the address in instructions for which "
            "engines may rely on what the access has shown.",
            must="The results are those of instructions that know nothing of each other.",
            rule="4.3.2 Integer Operations",
            about="Instructions behind accesses to memory that show the range of an address.",
            functions=functions,
            inputs=inputs(pairs),
            sweeps=[*low_sweeps, *((n, len(near), len(pairs)) for n in roomy)],
        )
    ]
