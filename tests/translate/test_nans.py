"""NaNs of which generated code need not know the bits, until they are seen."""

from __future__ import annotations

import pytest

from assemble import assemble
from refexec import wasm

PAYLOAD = 0x7FC00001
CANONICAL = 0x7FF8000000000000

PROMOTED = """
(module
  (memory 1)
  (func (export "f") (param $x i32) (result i32 i64) (local $f f32)
    (local.set $f (f32.reinterpret_i32 (local.get $x)))
    (f64.store (i32.const 0) (f64.promote_f32 (local.get $f)))
    (i32.reinterpret_f32 (local.get $f)) (i64.load (i32.const 0))))
"""

LANES_PROMOTED = """
(module
  (memory 1)
  (func (export "f") (param $x i32) (result i32 i64) (local $v v128)
    (local.set $v (i32x4.splat (local.get $x)))
    (local.set $v (f32x4.abs (local.get $v)))
    (v128.store (i32.const 0) (f64x2.promote_low_f32x4 (local.get $v)))
    (i32.reinterpret_f32 (f32x4.extract_lane 1 (local.get $v))) (i64.load (i32.const 8))))
"""


@pytest.mark.parametrize("text", [PROMOTED, LANES_PROMOTED], ids=["a float", "lanes"])
def test_what_is_promoted_keeps_its_bits(text: str) -> None:
    instance = wasm.Instance(wasm.Module(assemble(text)), engine="translated")
    instance.translate()
    assert instance.call("f", PAYLOAD).values == [PAYLOAD, CANONICAL]


def test_a_lane_that_is_stored_in_a_loop_is_found_again_where_ways_meet() -> None:
    text = """
    (module
      (memory 1)
      (func (export "f") (param $x f64) (param $n i32) (result i64) (local $v v128)
        (loop $turn
          (local.set $v (f64x2.sub (local.get $v) (f64x2.splat (local.get $x))))
          (f64.store (i32.const 0) (f64x2.extract_lane 0 (local.get $v)))
          (if (i32.and (local.get $n) (i32.const 1)) (then (local.set $x (f64.const inf))))
          (br_if $turn (local.tee $n (i32.shr_u (local.get $n) (i32.const 1)))))
        (i64.load (i32.const 0))))
    """
    instance = wasm.Instance(wasm.Module(assemble(text)), engine="translated")
    instance.translate()
    assert instance.call("f", 1.0, 4, bits=False).values == [0xC008000000000000 - (1 << 64)]
    assert instance.call("f", float("-inf"), 7).values == [CANONICAL]
