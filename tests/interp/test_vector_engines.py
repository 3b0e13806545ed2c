"""Random vector instructions against Wasmtime: the same bits, memory included."""

from __future__ import annotations

import struct
from random import Random

import pytest

from assemble import assemble
from refexec import wasm
from vector_modules import RESULT, USED, VECTOR_OPCODES, Call, immediates, module

wasmtime = pytest.importorskip("wasmtime", reason="the other engine is not installed")

SEED = 20
ROUNDS = 4
INTERESTING = [
    *(struct.pack("<f", x) for x in (0.0, -0.0, 1.5, -2.5, 2**31, -(2**31), 1e-40, 3e38)),
    *(struct.pack("<I", x) for x in (0x7F800000, 0xFF800000, 0x7FC00000, 0x7FA00001, 0x80000000)),
    *(struct.pack("<d", x) for x in (0.5, -3.5, 2.0**31, 2.0**32, -1e300, 5e-324)),
    *(struct.pack("<Q", x) for x in (0x7FF0000000000000, 0x7FF8000000000000, 1 << 63)),
    bytes(8),
    b"\xff" * 8,
    b"\x80" * 8,
    b"\x7f" * 8,
]

FUSED = ("relaxed_madd", "relaxed_nmadd")
"""Wasmtime rounds these once even in its deterministic mode, unlike the deterministic profile."""


def operand(random: Random) -> bytes:
    value = b""
    while len(value) < 16:
        value += random.choice(INTERESTING) if random.random() < 0.5 else random.randbytes(4)
    return value[:16]


def test_random_calls_give_the_same_bits_as_wasmtime() -> None:
    random = Random(SEED)
    calls = [
        Call(opcode, immediates(opcode, random))
        for opcode in VECTOR_OPCODES
        if not opcode.mnemonic.endswith(FUSED)
        for _ in range(3 if opcode.immediates else 1)
    ]
    binary = assemble(module(calls))

    ours = wasm.Instance(wasm.Module(binary))
    our_memory = ours.memory
    assert our_memory is not None

    config = wasmtime.Config()
    config.wasm_relaxed_simd = True
    config.wasm_relaxed_simd_deterministic = True
    config.cranelift_nan_canonicalization = True
    store = wasmtime.Store(wasmtime.Engine(config))
    theirs = wasmtime.Instance(store, wasmtime.Module(store.engine, binary), []).exports(store)
    their_memory = theirs["memory"]

    compared = 0
    for number, call in enumerate(calls):
        for _ in range(ROUNDS):
            start = b"".join(operand(random) for _ in range(RESULT // 16)).ljust(USED, b"\0")
            if "relaxed_dot" in call.opcode.mnemonic:
                # Outside of 7 bits Wasmtime wraps sums around, where they should saturate.
                start = start[:16] + bytes(byte & 0x7F for byte in start[16:32]) + start[32:]
            our_memory.write(0, start)
            their_memory.write(store, start, 0)
            assert isinstance(ours.call(str(number)), wasm.Returned)
            theirs[str(number)](store)
            a = our_memory.read(0, USED)
            b = bytes(their_memory.read(store, 0, USED))
            assert a == b, f"{call.opcode} {call.immediates} of {start[:48].hex(' ', 16)}"
            compared += 1
    assert compared > 300
