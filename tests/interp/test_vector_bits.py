"""What the official suite leaves out about vectors: NaN bits, lane indices, bounds, memories."""

from __future__ import annotations

import struct

import pytest

from assemble import assemble
from refexec import wasm
from refexec.errors import InvalidModuleError
from refexec.trap import TrapID
from vector_modules import VECTOR_OPCODES, lane_count

SIGNALLING = 0xFF800001
"""A negative signalling NaN of f32 with the least payload."""
SIGNALLING_64 = 0x7FF0000000000001
CANONICAL = 0x7FC00000
CANONICAL_64 = 0x7FF8000000000000


def f32x4(*bits: int) -> bytes:
    return struct.pack("<4I", *bits)


def f64x2(*bits: int) -> bytes:
    return struct.pack("<2Q", *bits)


def run(body: str, *args: object, params: str = "", result: str = "v128", more: str = "") -> object:
    text = f'(module {more} (func (export "f") {params} (result {result}) {body}))'
    outcome = wasm.Instance(wasm.Module(assemble(text))).call("f", *args, bits=True)
    assert isinstance(outcome, wasm.Returned)
    (value,) = outcome.values
    return value


# -- NaN bits ------------------------------------------------------------------------------------


def test_signalling_nans_pass_through_lanes_unchanged() -> None:
    vector = f32x4(SIGNALLING, 1, 0x7F800001, 0x7FA00000)
    for lane, bits in enumerate(struct.unpack("<4I", vector)):
        extract = f"(f32x4.extract_lane {lane} (local.get 0))"
        assert run(extract, vector, params="(param v128)", result="f32") == bits
    splat = run("(f32x4.splat (local.get 0))", SIGNALLING, params="(param f32)")
    assert splat == f32x4(*[SIGNALLING] * 4)
    replace = "(f32x4.replace_lane 1 (local.get 0) (local.get 1))"
    replaced = run(replace, vector, SIGNALLING, params="(param v128 f32)")
    assert replaced == f32x4(SIGNALLING, SIGNALLING, 0x7F800001, 0x7FA00000)


def test_signalling_nans_of_f64_pass_through_lanes_unchanged() -> None:
    vector = f64x2(1, SIGNALLING_64)
    extract = "(f64x2.extract_lane 1 (local.get 0))"
    assert run(extract, vector, params="(param v128)", result="f64") == SIGNALLING_64
    replace = "(f64x2.replace_lane 0 (local.get 0) (local.get 1))"
    replaced = run(replace, vector, SIGNALLING_64, params="(param v128 f64)")
    assert replaced == f64x2(SIGNALLING_64, SIGNALLING_64)


def test_sign_operations_keep_every_other_bit_of_a_nan() -> None:
    vector = f32x4(SIGNALLING, 0x7F800001, 0x80000000, 0)
    absolute = run("(f32x4.abs (local.get 0))", vector, params="(param v128)")
    assert absolute == f32x4(SIGNALLING ^ 0x80000000, 0x7F800001, 0, 0)
    negated = run("(f32x4.neg (local.get 0))", vector, params="(param v128)")
    assert negated == f32x4(SIGNALLING ^ 0x80000000, 0xFF800001, 0, 0x80000000)


@pytest.mark.parametrize("name", ["pmin", "pmax"])
def test_pseudo_minimum_and_maximum_give_the_first_nan_as_it_is(name: str) -> None:
    one = 0x3F800000
    first = f32x4(SIGNALLING, one, 0x80000000, 0)
    second = f32x4(one, SIGNALLING, 0, 0x80000000)
    code = f"(f32x4.{name} (local.get 0) (local.get 1))"
    # Neither is less than the other, so that the first stays, zeros included.
    assert run(code, first, second, params="(param v128 v128)") == first


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "min", "max"])
def test_arithmetic_gives_canonical_nans(name: str) -> None:
    code = f"(f32x4.{name} (local.get 0) (local.get 0))"
    assert run(code, f32x4(*[SIGNALLING] * 4), params="(param v128)") == f32x4(*[CANONICAL] * 4)
    code = f"(f64x2.{name} (local.get 0) (local.get 0))"
    vector = f64x2(SIGNALLING_64, SIGNALLING_64 | 1 << 63)
    assert run(code, vector, params="(param v128)") == f64x2(CANONICAL_64, CANONICAL_64)


@pytest.mark.parametrize("name", ["sqrt", "ceil", "floor", "trunc", "nearest"])
def test_rounding_and_roots_give_canonical_nans(name: str) -> None:
    code = f"(f32x4.{name} (local.get 0))"
    assert run(code, f32x4(*[SIGNALLING] * 4), params="(param v128)") == f32x4(*[CANONICAL] * 4)
    code = f"(f64x2.{name} (local.get 0))"
    vector = f64x2(SIGNALLING_64, SIGNALLING_64 | 1 << 63)
    assert run(code, vector, params="(param v128)") == f64x2(CANONICAL_64, CANONICAL_64)


def test_demotion_and_promotion_give_canonical_nans() -> None:
    vector = f64x2(SIGNALLING_64 | 1 << 63, 0)
    demoted = run("(f32x4.demote_f64x2_zero (local.get 0))", vector, params="(param v128)")
    assert demoted == f32x4(CANONICAL, 0, 0, 0)
    vector = f32x4(SIGNALLING, 0, CANONICAL, CANONICAL)
    promoted = run("(f64x2.promote_low_f32x4 (local.get 0))", vector, params="(param v128)")
    assert promoted == f64x2(CANONICAL_64, 0)


# -- choices of the deterministic profile --------------------------------------------------------


@pytest.mark.parametrize(("name", "sign"), [("relaxed_madd", 1), ("relaxed_nmadd", -1)])
@pytest.mark.parametrize(
    ("shape", "layout", "digits"), [("f32x4", "<4f", 23), ("f64x2", "<2d", 52)]
)
def test_relaxed_multiply_and_add_rounds_the_product_first(
    name: str, sign: int, shape: str, layout: str, digits: int
) -> None:
    # With e for the last digit, (1 + e)^2 is 1 + 2e + e^2, which rounds to 1 + 2e; a sum that is
    # fused would keep e^2.
    count = int(layout[1])
    factor = struct.pack(layout, *[1 + 2**-digits] * count)
    addend = struct.pack(layout, *[-sign * (1 + 2 ** (1 - digits))] * count)
    code = f"({shape}.{name} (local.get 0) (local.get 1) (local.get 2))"
    assert run(code, factor, factor, addend, params="(param v128 v128 v128)") == bytes(16)


def test_relaxed_dot_products_are_signed_and_saturate() -> None:
    left, right = bytes([0x80, 0x80, 2, 3] * 4), bytes([0x80, 0x80, 0xFF, 0xFE] * 4)
    code = "(i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 1))"
    sums = run(code, left, right, params="(param v128 v128)")
    assert sums == struct.pack("<8h", *[32767, -8] * 4)
    addend = struct.pack("<4i", 0, 1, -32759, -(2**31))
    code = "(i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get 0) (local.get 1) (local.get 2))"
    sums = run(code, left, right, addend, params="(param v128 v128 v128)")
    assert sums == struct.pack("<4i", 32759, 32760, 0, 32759 - 2**31)


# -- lane indices --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mnemonic", [opcode.mnemonic for opcode in VECTOR_OPCODES if "lane" in opcode.immediates]
)
def test_the_first_lane_that_does_not_exist_is_invalid(mnemonic: str) -> None:
    count = lane_count(mnemonic)
    text = "(module (memory 1) (func unreachable ({} {}) unreachable))"
    wasm.Module(assemble(text.format(mnemonic, count - 1)))
    with pytest.raises(InvalidModuleError, match=f"invalid lane index {count}"):
        wasm.Module(assemble(text.format(mnemonic, count)))


def test_a_shuffle_of_a_lane_that_does_not_exist_is_invalid() -> None:
    lanes = " ".join(["0"] * 15)
    text = f"(module (func unreachable (i8x16.shuffle {lanes} 31) drop))"
    binary = assemble(text)
    wasm.Module(binary)
    # The assembler refuses to write this.
    position = binary.rindex(bytes([0] * 15 + [31]))
    broken = bytearray(binary)
    broken[position + 15] = 32
    with pytest.raises(InvalidModuleError, match="invalid lane index 32"):
        wasm.Module(bytes(broken))


# -- memory --------------------------------------------------------------------------------------


def access(code: str) -> wasm.Instance:
    """An instance with one page of ones whose `f` takes an address."""
    text = f'(module (memory (export "m") 1) (func (export "f") (param i32) {code}))'
    instance = wasm.Instance(wasm.Module(assemble(text)))
    assert instance.memory is not None
    instance.memory.write(0, b"\x01" * 65536)
    return instance


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
def test_a_lane_stored_out_of_bounds_traps_and_writes_nothing(bits: int) -> None:
    code = f"(v128.store{bits}_lane offset=8 0 (local.get 0) (v128.const i64x2 0 0))"
    instance = access(code)
    assert instance.memory is not None
    end = 65536 - 8 - bits // 8
    for address in (end + 1, 65536, 0xFFFFFFFF):
        outcome = instance.call("f", address, bits=True)
        assert isinstance(outcome, wasm.Trapped)
        assert outcome.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS
        assert instance.memory.read(65528, 8) == b"\x01" * 8
    assert isinstance(instance.call("f", end, bits=True), wasm.Returned)
    stored = bytes(bits // 8)
    assert instance.memory.read(65536 - 16, 16) == b"\x01" * (16 - bits // 8) + stored


@pytest.mark.parametrize(
    ("mnemonic", "width"),
    [
        ("v128.load", 16),
        ("v128.load8x8_s", 8),
        ("v128.load32_zero", 4),
        ("v128.load16_splat", 2),
    ],
)
def test_a_load_reaches_exactly_to_the_end(mnemonic: str, width: int) -> None:
    instance = access(f"(drop ({mnemonic} (local.get 0)))")
    assert isinstance(instance.call("f", 65536 - width), wasm.Returned)
    assert isinstance(instance.call("f", 65537 - width), wasm.Trapped)


def test_lanes_of_a_second_memory_with_long_addresses() -> None:
    more = r"""(memory 1) (memory $far i64 1) (data (memory $far) (i64.const 7) "\aa\bb\cc\dd")"""
    code = """
        (v128.store16_lane $far 3 (i64.const 100)
          (v128.load32_lane $far offset=6 1 (i64.const 1) (v128.const i32x4 1 2 3 4)))
        (v128.store16_lane $far 2 (i64.const 102)
          (v128.load32_lane $far offset=6 1 (i64.const 1) (v128.const i32x4 1 2 3 4)))
        (v128.load32_zero $far (i64.const 100))"""
    assert run(code, more=more) == b"\xcc\xdd\xaa\xbb" + bytes(12)
