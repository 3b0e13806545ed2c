"""Vector instructions in generated code: the same results as on the machine, for all operands.

Every instruction is a function of its own, once with all operands from outside, once with the last
one constant, and once with operands that are results of other instructions, which tell the
translator what bits may be set.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assemble import assemble
from differential import compare, run
from refexec import wasm
from refexec.interp.opcodes import OPCODES, Opcode
from vector_programs import VectorProgram

VECTORS = [item for item in OPCODES.values() if item.feature in ("simd", "relaxed-simd")]
COMPUTING = [item for item in VECTORS if "memarg" not in item.immediates]
LOADS = [item for item in VECTORS if "memarg" in item.immediates]
END = 65536
"""Where the memory ends."""

EDGES = (0, 1, 2, 0x7E, 0x7F, 0x80, 0x81, 0xFE, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFF7F, 0xFF80)


def _lanes(bits: int) -> st.SearchStrategy[bytes]:
    full = (1 << bits) - 1
    edges = st.sampled_from(
        sorted({edge << shift & full for edge in EDGES for shift in (0, bits // 2, bits - 8)})
    )
    lane = edges | edges.map(lambda number: number ^ full) | st.integers(0, full)
    lanes = st.lists(lane, min_size=128 // bits, max_size=128 // bits)
    return lanes.map(lambda found: b"".join(n.to_bytes(bits // 8, "little") for n in found))


singles = st.lists(st.floats(width=32), min_size=4, max_size=4)
doubles = st.lists(st.floats() | st.floats(width=32), min_size=2, max_size=2)
vectors = st.one_of(
    *(_lanes(bits) for bits in (8, 16, 32, 64)),
    singles.map(lambda found: struct.pack("<4f", *found)),
    doubles.map(lambda found: struct.pack("<2d", *found)),
)
numbers = st.sampled_from((*EDGES, 0xFFFFFFFF, 0x80000000, 0x7F800001)) | st.integers(
    0, (1 << 64) - 1
)


def _const(vector: bytes) -> str:
    return f"(v128.const i8x16 {' '.join(map(str, vector))})"


def _operand(type_: str, index: int) -> str:
    return f"(local.get {index})" if type_ == "v128" else f"(call ${type_} (local.get 3))"


def _narrowed(index: int) -> str:
    """An operand of which it is known what bits may be set."""
    return (
        f"(i16x8.extadd_pairwise_i8x16_u (i8x16.shr_u (local.get {index}) (i32.const {index + 1})))"
    )


MADE = (
    "(f32x4.mul (local.get 0) (local.get 1))",
    "(f64x2.sub (local.get 0) (local.get 1))",
    "(i8x16.splat (call $i32 (local.get 3)))",
    "(i32x4.splat (i32.load8_u (i32.const 0)))",
    "(f32x4.splat (call $f32 (local.get 3)))",
    "(f64x2.replace_lane 1 (local.get 2) (call $f64 (local.get 3)))",
    "(v128.load (i32.const 1))",
    "(i32x4.extmul_low_i16x8_s (local.get 1) (local.get 2))",
    "(f32x4.lt (local.get 1) (local.get 2))",
)
"""Operands that are made by other instructions, each of a kind of its own."""


def _constant(type_: str, chosen: random.Random) -> str:
    if type_ == "v128":
        return _const(bytes(chosen.choice((0, 1, 0x7F, 0x80, 0xFF, 0x35)) for _ in range(16)))
    return f"({type_}.const {chosen.choice((0, 1, 3, 7, 8, 15, 16, 31, 40, 63, 64))})"


def _functions(opcode: Opcode, chosen: random.Random) -> Iterator[str]:
    assert opcode.signature is not None
    params = [str(item) for item in opcode.signature.params]
    results = [str(item) for item in opcode.signature.results]
    immediates = ""
    if "lane" in opcode.immediates:
        immediates = str(chosen.randrange(int(opcode.mnemonic.split(".")[0].split("x")[1])))
    elif "lanes" in opcode.immediates:
        immediates = " ".join(str(chosen.randrange(32)) for _ in range(16))
    elif "v128" in opcode.immediates:
        immediates = "i64x2 0x0123456789abcdef -2"
    plain = [_operand(type_, index) for index, type_ in enumerate(params)]
    variants = {"": plain}
    if params:
        variants["-constant"] = [*plain[:-1], _constant(params[-1], chosen)]
        variants["-constants"] = [_constant(type_, chosen) for type_ in params]
        variants["-narrowed"] = [
            _narrowed(index) if type_ == "v128" else plain[index]
            for index, type_ in enumerate(params)
        ]
        for index, made in enumerate(chosen.sample(MADE, 2)):
            variants[f"-made{index}"] = [
                made if type_ == "v128" else text for text, type_ in zip(plain, params, strict=True)
            ]
    for name, operands in variants.items():
        yield (
            f'(func (export "{opcode.mnemonic}{name}") (param v128 v128 v128 i64) '
            f"(result {' '.join(results)}) ({opcode.mnemonic} {immediates} {' '.join(operands)}))"
        )


CONVERSIONS = """
  (memory 1)
  (data (i32.const 0) "\\07\\ff\\80\\7f\\00\\01\\80\\ff\\00\\00\\f0\\7f\\12\\34\\80\\7f\\c0")
  (func $i32 (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
  (func $i64 (param i64) (result i64) (local.get 0))
  (func $f32 (param i64) (result f32) (f32.reinterpret_i32 (i32.wrap_i64 (local.get 0))))
  (func $f64 (param i64) (result f64) (f64.reinterpret_i64 (local.get 0)))
"""


def _pair(text: str) -> tuple[wasm.Instance, wasm.Instance]:
    """An instance on each engine."""
    loaded = wasm.Module(assemble(text))
    translated = wasm.Instance(loaded, engine="translated")
    translated.translate()
    return translated, wasm.Instance(loaded)


@pytest.fixture(scope="module", params=(1, 2))
def computing(request: pytest.FixtureRequest) -> tuple[wasm.Instance, wasm.Instance]:
    chosen = random.Random(request.param)
    functions = [text for opcode in COMPUTING for text in _functions(opcode, chosen)]
    return _pair(f"(module {CONVERSIONS} {' '.join(functions)})")


def _same(pair: tuple[wasm.Instance, wasm.Instance], name: str, *args: Any) -> None:
    found, expected = (instance.call(name, *args, bits=True) for instance in pair)
    assert found == expected, name


@settings(max_examples=8)
@given(vectors, vectors, vectors, numbers)
def test_instructions_that_compute(
    computing: tuple[wasm.Instance, wasm.Instance], a: bytes, b: bytes, c: bytes, number: int
) -> None:
    for name in computing[0].module.exports:
        _same(computing, name.name, a, b, c, number)


def _shuffles() -> st.SearchStrategy[tuple[int, ...]]:
    anything = st.lists(st.integers(0, 31), min_size=16, max_size=16)
    turned = st.integers(0, 31).map(lambda start: [(start + n) % 32 for n in range(16)])
    repeated = st.tuples(st.sampled_from((1, 2, 4, 8)), st.integers(0, 31)).map(
        lambda found: [found[1] // found[0] * found[0] + n % found[0] for n in range(16)]
    )
    swapped = st.integers(1, 15).map(lambda mask: [n ^ mask for n in range(16)])
    zipped = st.integers(0, 15).map(
        lambda start: [(start + n) % 16 + n % 2 * 16 for n in range(16)]
    )
    return st.one_of(anything, turned, repeated, swapped, zipped).map(tuple)


@settings(max_examples=30)
@given(st.lists(_shuffles(), min_size=8, max_size=8), vectors, vectors)
def test_shuffles(patterns: list[tuple[int, ...]], a: bytes, b: bytes) -> None:
    functions = []
    for index, pattern in enumerate(patterns):
        text = " ".join(map(str, pattern))
        for name, second in (("two", 1), ("one", 0)):
            functions.append(
                f'(func (export "{name}{index}") (param v128 v128) (result v128)'
                f" (i8x16.shuffle {text} (local.get 0) (local.get {second})))"
            )
    pair = _pair(f"(module {' '.join(functions)})")
    for item in pair[0].module.exports:
        _same(pair, item.name, a, b)


def _accesses() -> Iterator[str]:
    for opcode in LOADS:
        name = opcode.mnemonic
        store, lane = ".store" in name, "_lane" in name
        bits = int("".join(filter(str.isdigit, name.split(".")[1].split("x")[0])) or 128)
        immediate = str(128 // bits // 2) if lane else ""
        vector = "(local.get 1)" if store or lane else ""
        for offset in (0, 5, 16):
            access = f"({name} offset={offset} {immediate} (local.get 0) {vector})"
            more = "(local.get 1)" if store else ""
            yield (
                f'(func (export "{name}+{offset}") (param i32 v128) (result v128) {access} {more})'
            )


@pytest.fixture(scope="module")
def accessing() -> tuple[wasm.Instance, wasm.Instance]:
    return _pair(f'(module (memory (export "memory") 1) {" ".join(_accesses())})')


@settings(max_examples=25)
@given(st.integers(0, 40) | st.integers(END - 40, END + 3) | st.just(0xFFFFFFF9), vectors)
def test_instructions_that_touch_memory(
    accessing: tuple[wasm.Instance, wasm.Instance], address: int, vector: bytes
) -> None:
    for item in accessing[0].module.exports:
        if item.name != "memory":
            _same(accessing, item.name, address, vector)
    found, expected = (instance.state_digest() for instance in accessing)
    assert found == expected


MOVING = """
(module
  SWAP
  (global $kept (mut v128) (v128.const i64x2 1 2))
  (func $turned (param v128 i32) (result v128 i32)
    (if (result v128) (local.get 1)
      (then (i32x4.add (local.get 0) (v128.const i32x4 1 2 3 4)))
      (else (i8x16.shuffle 4 5 6 7 8 9 10 11 12 13 14 15 0 1 2 3 (local.get 0) (local.get 0))))
    (local.get 1))
  (func (export "move") (param $n i32) (param $a v128) (result v128 v128 v128)
    (local $b v128) (local $c v128) (local $odd i32)
    (local.get $a)
    (loop $again (param v128) (result v128)
      (local.set $c)
      (call $swap (local.get $a) (global.get $kept))
      (local.set $b)
      (global.set $kept (i64x2.add (local.get $b)))
      (call $turned (local.get $b) (i32.and (local.get $n) (i32.const 1)))
      (local.set $odd)
      (local.set $b)
      (local.set $a
        (v128.xor (local.get $c)
          (select (local.get $b) (i8x16.splat (local.get $n)) (local.get $odd))))
      (if (i32.eq (local.get $n) (i32.const 7)) (then (unreachable)))
      (i8x16.avgr_u (local.get $a) (local.get $c))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $b)
    (global.get $kept)))
"""


INSIDE = "(func $swap (param v128 v128) (result v128 v128) (local.get 1) (local.get 0))"
OUTSIDE = '(import "host" "swap" (func $swap (param v128 v128) (result v128 v128)))'


def _host() -> dict[tuple[str, str], Any]:
    both = (wasm.V128, wasm.V128)
    swap = wasm.HostFunction(wasm.FunctionType(both, both), lambda a, b: (b, a))
    return {("host", "swap"): swap}


@pytest.mark.parametrize("turns", [3, 12])
@pytest.mark.parametrize("swap", [INSIDE, OUTSIDE])
def test_vectors_where_execution_stops(swap: str, turns: int) -> None:
    module = wasm.Module(assemble(MOVING.replace("SWAP", swap)))
    compare(module, "move", [turns, bytes(range(240, 256))], _host if swap == OUTSIDE else None)


FLOATING = """
(module
  (memory 1)
  (global $last (mut v128) (v128.const i64x2 0 0))
  ;; What it is given may be a NaN with any bits, what it computes only the canonical one.
  (func $mixed (param $a v128) (param $b v128) (result v128) (local $sum v128)
    (local.set $sum (SHAPE.add (local.get $a) (local.get $b)))
    (if (v128.any_true (SHAPE.ne (local.get $sum) (local.get $sum)))
      (then (local.set $a (SHAPE.neg (local.get $a))))
      (else (local.set $b (SHAPE.max (local.get $sum) (SHAPE.sqrt (local.get $a))))))
    (local.set $sum
      (SHAPE.div (SHAPE.mul (local.get $sum) (local.get $b)) (SHAPE.abs (local.get $a))))
    (global.set $last (local.get $a))
    (SHAPE.pmin (local.get $sum) (local.get $b)))
  (func (export "move") (param $n i32) (param $a v128) (result v128 v128 v128)
    (local $b v128) (local $sum v128) (local $kept v128)
    (v128.store (i32.const 32) (local.get $a))
    (loop $again
      (local.set $b (v128.load offset=32 (i32.const 0)))
      (local.set $sum
        (SHAPE.add (local.get $sum) (SHAPE.mul (local.get $b) (SHAPE.splat (TYPE.const 1.25)))))
      ;; These two wait while the local changes.
      (i32.const 96) (local.get $sum)
      (local.set $sum (SHAPE.sub (local.get $sum) (local.get $b)))
      (local.set $b (call $mixed (local.get $b) (local.get $sum)))
      (local.set $kept (i8x16.shuffle PATTERN (local.get $sum) (local.get $b)))
      (v128.store (i32.const 64) (local.get $sum))
      (v128.store (i32.const 80) (SHAPE.replace_lane 1 (local.get $b)
        (SHAPE.extract_lane 0 (local.get $kept))))
      (v128.store (i32.const 32) (SHAPE.ceil (SHAPE.mul (local.get $kept) (local.get $b))))
      (v128.store)
      (if (i32.eq (local.get $n) (i32.const 5)) (then (v128.store (i32.const -1) (local.get $b))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $b) (local.get $sum) (global.get $last)))
"""
HALVES = "8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23"
GIVEN = {
    "f32x4": [
        struct.pack("<4f", 1.5, -0.0, 3e38, 1e-40),
        struct.pack("<4I", 0x7F800001, 0xFFC00000, 0x7F800000, 0x00000001),
    ],
    "f64x2": [
        struct.pack("<2d", 2.5, -1e308),
        struct.pack("<2Q", 0x7FF0000000000001, 0xFFFFFFFFFFFFFFFF),
    ],
}


@pytest.mark.parametrize("turns", [2, 7])
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("shape", GIVEN)
def test_floats_where_execution_stops(shape: str, which: int, turns: int) -> None:
    text = FLOATING.replace("SHAPE", shape).replace("TYPE", shape[:3]).replace("PATTERN", HALVES)
    compare(wasm.Module(assemble(text)), "move", [turns, GIVEN[shape][which]], samples=30)


@pytest.mark.parametrize("seed", range(40))
def test_random_programs(seed: int) -> None:
    program = VectorProgram(seed)
    module = wasm.Module(assemble(program.text))
    whole = run(module, "reference", "run", program.arguments)
    assert run(module, "translated", "run", program.arguments) == whole
    chance = random.Random(seed)
    for _ in range(4):
        cuts = [chance.randrange(whole[0][1] + 1), 30]
        expected = run(module, "reference", "run", program.arguments, cuts)
        assert run(module, "translated", "run", program.arguments, cuts) == expected, cuts
