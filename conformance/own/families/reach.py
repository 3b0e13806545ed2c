"""What an access to memory shows: where its address lies, and what it may have read.

Behind an access that did not trap engines know that the address lies below the size that the memory
can have, less the access's offset; and of a number that was read as a byte they know its range. Here
instructions profit from that whose results just fit, or just do not fit, into their type, for the
addresses at the end of a memory of four pages, and for numbers at the ends of their ranges.
"""

from __future__ import annotations

from refexec_conformance.own.families.texts import Family, Function, inputs

_END = 4 << 16
"""The size of the memory in bytes."""

# What has an offset of 0x17fff less its width reaches the end of memory from the address 0x28000.
_ACCESSES = {
    "load8_u": "(call $i32 (i32.load8_u {X}))",
    "load8_s": "(call $i32 (i32.load8_s offset=1 {X}))",
    "load16_u": "(call $i64 (i64.load16_u offset=0x17ffe {X}))",
    "i32.load": "(call $i32 (i32.load offset=0x17ffc {X}))",
    "i64.load": "(call $i64 (i64.load offset=0x17ff8 {X}))",
    "f64.load": "(call $i64 (i64.reinterpret_f64 (f64.load offset=0x17ff8 {X})))",
    "i32.store8": "(i32.store8 offset=0x17fff {X} (local.get $y))",
    "i64.store": "(i64.store offset=0x17ff8 {X} (local.get $z))",
    "i32.store16": "(i32.store16 offset=0x17ffe {X} (local.get $y))",
    "i64.store32": "(i64.store32 offset=0x17ffc {X} (local.get $z))",
    "f32.load": "(call $i32 (i32.reinterpret_f32 (f32.load offset=0x17ffc {X})))",
    "f32.store": "(f32.store offset=0x17ffc {X} (f32.convert_i32_s (local.get $y)))",
    "f64.store": "(f64.store offset=0x17ff8 {X} (f64.convert_i32_s (local.get $y)))",
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

_VECTOR_ACCESSES = {
    "v128.load": "(call $i64 (i64x2.extract_lane 0 (v128.load offset=0x17ff0 {X})))",
    "v128.store": "(v128.store offset=0x17ff0 {X} (i64x2.splat (local.get $z)))",
    "v128.store of lanes": "(v128.store offset=0x17ff0 {X} (f32x4.splat (f32.convert_i32_s (local.get $y))))",
    "load8x8_s": "(call $i64 (i64x2.extract_lane 1 (v128.load8x8_s offset=0x17ff8 {X})))",
    "load16_splat": "(call $i64 (i64x2.extract_lane 1 (v128.load16_splat offset=0x17ffe {X})))",
    "load32_zero": "(call $i64 (i64x2.extract_lane 0 (v128.load32_zero offset=0x17ffc {X})))",
    "load64_zero": "(call $i64 (i64x2.extract_lane 0 (v128.load64_zero offset=0x17ff8 {X})))",
    "load16_lane": """
(call $i64 (i64x2.extract_lane 0 (v128.load16_lane offset=0x17ffe 1 {X} (i64x2.splat (local.get $z)))))""",
    "store8_lane": "(v128.store8_lane offset=0x17fff 3 {X} (i64x2.splat (local.get $z)))",
    "store64_lane": "(v128.store64_lane offset=0x17ff8 1 {X} (i64x2.splat (local.get $z)))",
}
"""The same of vectors, all in a family without high addresses."""

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
(call $i32 (i32.add {X} (i32.const 0xfffd8000)))
(call $i32 (i32.add {X} (i32.const 0xfffd8001)))
(call $i32 (i32.sub (i32.const 0x27fff) {X}))
(call $i32 (i32.lt_u {X} (i32.const 0x28000)))
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


_LOADS = ("load8_s", "load8_u", "load16_s", "load16_u", "load32_s", "load32_u", "load")

_EDGES = (0x7E, 0x7F, 0x80, 0x81, 0xFE, 0xFF, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x10000)

_ROOM = (0x7FFFFF80, 0x7FFFFF81, 0x7FFFFF00, 0x7FFFFF01, 0x7FFF8001, 0x7FFF8000, 0x7FFF0001)
"""What just fits, or does not, beside the largest of the numbers that can be read."""

_LARGE = (0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF)

_READ_USES = """
(call $T (T.shr_u {K} (T.const 1))) (call $T (T.shr_s {K} (T.const 3)))
(call $T (T.shl {K} (T.const {SHIFT}))) (call $T (T.mul {K} (T.const 0x10001)))
(call $T (T.div_s {K} (T.const -1))) (call $T (T.div_u {K} (T.const 3)))
(call $T (T.rotl {K} (T.const 9))) (call $T (T.xor {K} (T.const -1)))
(call $T (T.extend8_s {K})) (call $T (T.extend16_s {K})) (call $T (T.mul {K} {K}))
(call $i32 (T.lt_u {K} (T.const 0x8000))) (call $i32 (T.gt_s {K} (T.const -0x8000)))
"""


def _read(type_: str, load: str) -> Function:
    """A number that was read, used in sums and differences with numbers at the ends of ranges."""
    edges = (*_EDGES, *_ROOM, *_LARGE) if type_ == "i64" else (*_EDGES, *_ROOM, *_LARGE[:2])
    lines = [f"(i64.store (i32.const 64) (local.get $z)) (local.set $k (T.{load} (i32.const 64)))"]
    for edge in edges:
        lines += [
            f"(call $T (T.add {{K}} (T.const {edge}))) (call $T (T.sub {{K}} (T.const {edge})))",
            f"(call $T (T.sub (T.const {edge}) {{K}})) (call $T (T.and {{K}} (T.const {edge})))",
            f"(call $i32 (T.lt_s (T.add {{K}} (T.const {edge})) (T.const 0)))",
        ]
    if type_ == "i32":
        lines.append("(call $i64 (i64.extend_i32_u {K})) (call $i64 (i64.extend_i32_s {K}))")
    text = "\n".join(lines) + _READ_USES + "(local.get $z)"
    for key, value in (
        ("{K}", "(local.get $k)"),
        ("{SHIFT}", "17" if type_ == "i32" else "49"),
        ("$T", f"${type_}"),
        ("(T.", f"({type_}."),
    ):
        text = text.replace(key, value)
    return Function(f"{type_}.{load}", text, f" (local $k {type_})")


def _function(name: str, access: str) -> Function:
    uses = "\n".join(line for line in _USES.splitlines() if line)
    body = f"(drop (memory.grow (i32.const 3)))\n{access.strip()}\n{uses}\n(local.get $z)"
    return Function(name, body.replace("{X}", "(local.get $x)"))


def families() -> list[Family]:
    """The modules."""
    functions = [_function(name, access) for name, access in _ACCESSES.items()]
    near = [0, 1, 0x7FFF, 0xFFFF, 0x10000, 0x10001, 0x10004, 0x17FFF, 0x1FFFF, 0x20000, 0x28000]
    # Those whose offset leaves room for it are called with higher addresses, too.
    high = [0x2FFFC, 0x30000, 0x37FF8, 0x3FFDF, 0x3FFE0, 0x3FFED, _END - 0x11]
    pairs = [(x, x & 0x7F, x << 40) for x in (*near, *high)]
    low_sweeps = [(number, 0, len(near)) for number in range(len(functions))]
    read = [
        _read(type_, load)
        for type_ in ("i32", "i64")
        for load in _LOADS
        if type_ == "i64" or "32" not in load
    ]
    vectors = [_function(name, access) for name, access in _VECTOR_ACCESSES.items()]
    values = sorted({*_EDGES, *_LARGE, *(edge - 1 for edge in _LARGE), 0, 1 << 63, (1 << 64) - 1})
    roomy = [n for n, name in enumerate(_ACCESSES) if name in _ROOMY]
    return [
        Family(
            name="reach_memory",
            title="Addresses that an access to memory has let through",
            does="Reads or writes at an address, then uses the address in instructions for which "
            "engines may rely on what the access has shown.",
            must="The results are those of instructions that know nothing of each other.",
            rule="Execution: Integer Operations",
            about="Instructions behind accesses to memory that show the range of an address.",
            functions=functions,
            inputs=inputs(pairs),
            sweeps=[*low_sweeps, *((n, len(near), len(pairs)) for n in roomy)],
        ),
        Family(
            name="reach_vectors",
            title="Addresses that an access of a vector has let through",
            does="Reads or writes a vector or a lane at an address, then uses the address in "
            "instructions for which engines may rely on what the access has shown.",
            must="The results are those of instructions that know nothing of each other.",
            rule="Execution: Integer Operations",
            about="Instructions behind accesses of vectors that show the range of an address.",
            functions=vectors,
            inputs=inputs(pairs[: len(near)]),
            features=("vectors",),
        ),
        Family(
            name="reach_loads",
            title="Numbers that were read from memory",
            does="Reads numbers of all widths, and uses them in instructions for which engines may "
            "rely on the width.",
            must="The results are those of instructions that know nothing of each other.",
            rule="Execution: Integer Operations",
            about="Instructions on numbers that were read from memory.",
            functions=read,
            inputs=inputs([(0, 0, value) for value in values]),
        ),
    ]
