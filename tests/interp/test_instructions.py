"""Instructions on memories, tables, references and aggregates; control and exceptions.

Each case is the body of a function that gives an i32, and what comes out of it.
"""

from __future__ import annotations

import pytest

from assemble import assemble
from refexec import wasm
from refexec.interp.instructions import EXECUTE
from refexec.interp.opcodes import OPCODES
from refexec.trap import TrapCause

FIELDS = """
  (type $v (func)) (type $ii (func (param i32) (result i32))) (type $i (func (result i32)))
  (type $p (sub (struct (field $x (mut i32)) (field $y (mut i8)))))
  (type $q (sub $p (struct (field (mut i32)) (field (mut i8)) (field (mut f32)))))
  (type $q2 (sub final $p (struct (field (mut i32)) (field (mut i8)))))
  (type $refs (array (mut funcref))) (type $bytes (array (mut i8))) (type $words (array (mut i16)))
  (type $ints (array (mut i32))) (type $longs (array (mut i64))) (type $f32s (array (mut f32)))
  (type $f64s (array (mut f64))) (type $vs (array (mut v128)))
  (memory $m 1 2) (memory $big i64 1 3) (memory $none 0)
  (table $t 4 8 funcref) (table $u i64 3 externref) (table $filled 2 (ref $ii) (ref.func $inc))
  (table $any 2 anyref)
  (global $g (mut i32) (i32.const 5)) (global $long (mut i64) (i64.const 0))
  (tag $e (param i32)) (tag $two (param i32 i64)) (tag $empty)
  (elem $active (table $t) (i32.const 1) func $inc $five)
  (elem $passive funcref (ref.func $five) (ref.null func)) (elem declare func $inc $five $throws)
  (elem $anys anyref (ref.i31 (i32.const 7)))
  (data $d "\\01\\02\\03\\04\\fe\\ff\\ff\\ff\\00\\00\\00\\00\\00\\00\\f0\\3f\\00\\00\\80\\3f")
  (data $at (i32.const 8) "\\80\\ff\\7f\\01\\c0\\c1\\a0\\7f")
  (func $inc (type $ii) (i32.add (local.get 0) (i32.const 1)))
  (func $five (type $i) (i32.const 5))
  (func $throws (param i32) (throw $e (local.get 0)))
  (func $pair (result i32 i32) (i32.const 3) (i32.const 4))
  (func $deep (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
      (else (return_call $deep (i32.sub (local.get 0) (i32.const 1))))))
"""

OOB, TABLE, ARRAY = (
    TrapCause.MEMORY_OUT_OF_BOUNDS,
    TrapCause.TABLE_OUT_OF_BOUNDS,
    TrapCause.ARRAY_OUT_OF_BOUNDS,
)

P = "(struct.new $p (i32.const 7) (i32.const 0x1fe))"
Q = "(struct.new $q (i32.const 8) (i32.const 9) (f32.const 1))"


def ints(*values: int) -> str:
    return f"(array.new_fixed $ints {len(values)} {' '.join(f'(i32.const {v})' for v in values)})"


CASES: dict[str, int | TrapCause] = {
    # Loads and stores.
    "(i32.load (i32.const 8))": 0x017FFF80,
    "(i32.load8_s (i32.const 8))": -128,
    "(i32.load8_u (i32.const 8))": 128,
    "(i32.load8_s offset=1 (i32.const 9))": 127,
    "(i32.load16_s (i32.const 8))": -128,
    "(i32.load16_u (i32.const 8))": 0xFF80,
    "(i32.wrap_i64 (i64.shr_u (i64.load (i32.const 8)) (i64.const 56)))": 0x7F,
    "(i32.wrap_i64 (i64.load8_s (i32.const 8)))": -128,
    "(i32.wrap_i64 (i64.load8_s (i32.const 10)))": 127,
    "(i32.wrap_i64 (i64.load8_u (i32.const 8)))": 128,
    "(i32.wrap_i64 (i64.shr_s (i64.load16_s (i32.const 8)) (i64.const 8)))": -1,
    "(i32.wrap_i64 (i64.load16_u (i32.const 8)))": 0xFF80,
    "(i32.wrap_i64 (i64.shr_s (i64.load32_s (i32.const 9)) (i64.const 31)))": -1,
    "(i32.wrap_i64 (i64.load32_u (i32.const 8)))": 0x017FFF80,
    # A signalling NaN keeps its bits.
    "(i32.reinterpret_f32 (f32.load (i32.const 12)))": 0x7FA0C1C0,
    "(i32.wrap_i64 (i64.reinterpret_f64 (f64.load (i32.const 8))))": 0x017FFF80,
    "(f32.store (i32.const 0) (f32.load (i32.const 12))) (i32.load (i32.const 0))": 0x7FA0C1C0,
    "(f64.store (i32.const 0) (f64.const -1)) (i32.load (i32.const 4))": -0x40100000,
    "(i32.store (i32.const 1) (i32.const -2)) (i32.load8_u (i32.const 1))": 0xFE,
    "(i32.store8 (i32.const 0) (i32.const 0x1234)) (i32.load (i32.const 0))": 0x34,
    "(i32.store16 (i32.const 0) (i32.const 0x12345)) (i32.load (i32.const 0))": 0x2345,
    "(i64.store (i32.const 0) (i64.const -1)) (i32.load16_u (i32.const 6))": 0xFFFF,
    "(i64.store8 (i32.const 0) (i64.const -1)) (i32.load (i32.const 0))": 0xFF,
    "(i64.store16 (i32.const 0) (i64.const -1)) (i32.load (i32.const 0))": 0xFFFF,
    "(i64.store32 (i32.const 0) (i64.const -1)) (i32.load (i32.const 1))": 0xFFFFFF,
    "(i32.load (i32.const 65532))": 0,
    "(i32.load (i32.const 65533))": OOB,
    "(i32.load (i32.const -1))": OOB,
    "(i32.load offset=0xffffffff (i32.const -1))": OOB,
    "(i32.load8_u (i32.const 65536))": OOB,
    "(i32.wrap_i64 (i64.load8_u (i32.const 65536)))": OOB,
    "(i32.wrap_i64 (i64.load8_s (i32.const 65536)))": OOB,
    "(i32.load8_s (i32.const 65536))": OOB,
    "(i32.load8_u $none (i32.const 0))": OOB,
    "(i32.load8_u $big offset=0xffffffffffffffff (i64.const -1))": OOB,
    "(i32.load $big (i64.const 65532))": 0,
    "(f32.store (i32.const 65533) (f32.const 0)) (i32.const 0)": OOB,
    "(i64.store (i32.const 65529) (i64.const 0)) (i32.const 0)": OOB,
    "(i32.store8 (i32.const 65536) (i32.const 0)) (i32.const 0)": OOB,
    "(i64.store8 (i32.const 65536) (i64.const 0)) (i32.const 0)": OOB,
    # Whole memories.
    "(memory.size $m)": 1,
    "(memory.grow $m (i32.const 1))": 1,
    "(drop (memory.grow $m (i32.const 1))) (memory.size $m)": 2,
    "(drop (memory.grow $m (i32.const 1))) (i32.load (i32.const 131068))": 0,
    "(memory.grow $m (i32.const 2))": -1,
    "(memory.grow $m (i32.const -1))": -1,
    "(i32.wrap_i64 (memory.grow $big (i64.const -1)))": -1,
    "(i32.wrap_i64 (memory.grow $big (i64.const 2)))": 1,
    "(memory.fill (i32.const 1) (i32.const 0x1ab) (i32.const 2)) (i32.load"
    " (i32.const 0))": 0xABAB00,
    "(memory.fill (i32.const 65535) (i32.const 1) (i32.const 2)) (i32.const 0)": OOB,
    "(memory.fill (i32.const 65536) (i32.const 1) (i32.const 0)) (i32.const 3)": 3,
    "(memory.fill (i32.const 65537) (i32.const 1) (i32.const 0)) (i32.const 3)": OOB,
    "(memory.copy (i32.const 9) (i32.const 8) (i32.const 4)) (i32.load (i32.const 9))": 0x017FFF80,
    "(memory.copy (i32.const 7) (i32.const 8) (i32.const 4)) (i32.load (i32.const 7))": 0x017FFF80,
    "(memory.copy $big $m (i64.const 0) (i32.const 8) (i32.const 2))"
    "(i32.load $big (i64.const 0))": 0xFF80,
    "(memory.copy (i32.const 0) (i32.const 65535) (i32.const 2)) (i32.const 0)": OOB,
    "(memory.copy (i32.const 65535) (i32.const 0) (i32.const 2)) (i32.const 0)": OOB,
    "(memory.init $d (i32.const 0) (i32.const 1) (i32.const 3)) (i32.load (i32.const 0))": 0x040302,
    "(memory.init $d (i32.const 0) (i32.const 20) (i32.const 1)) (i32.const 0)": OOB,
    "(memory.init $d (i32.const 65535) (i32.const 0) (i32.const 2)) (i32.const 0)": OOB,
    "(data.drop $d) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)) (i32.const 1)": 1,
    "(data.drop $d) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (i32.const 1)": OOB,
    "(memory.init $at (i32.const 0) (i32.const 0) (i32.const 1)) (i32.const 1)": OOB,
    # Tables.
    "(ref.is_null (table.get $t (i32.const 0)))": 1,
    "(ref.is_null (table.get $t (i32.const 1)))": 0,
    "(ref.is_null (table.get $t (i32.const 4)))": TABLE,
    "(ref.is_null (table.get $u (i64.const 3)))": TABLE,
    "(table.set $t (i32.const 0) (ref.func $five)) (call_indirect $t (type $i) (i32.const 0))": 5,
    "(table.set $t (i32.const 4) (ref.null func)) (i32.const 0)": TABLE,
    "(table.size $t)": 4,
    "(i32.wrap_i64 (table.size $u))": 3,
    "(table.grow $t (ref.func $five) (i32.const 4))": 4,
    "(table.grow $t (ref.null func) (i32.const 5))": -1,
    "(i32.wrap_i64 (table.grow $u (ref.null extern) (i64.const -1)))": -1,
    "(drop (table.grow $t (ref.func $five) (i32.const 1)))"
    "(call_indirect $t (type $i) (i32.const 4))": 5,
    "(table.fill $t (i32.const 0) (ref.func $five) (i32.const 4))"
    "(call_indirect $t (type $i) (i32.const 3))": 5,
    "(table.fill $t (i32.const 3) (ref.null func) (i32.const 2)) (i32.const 0)": TABLE,
    "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 3))"
    "(call_indirect $t (type $i) (i32.const 1))": 5,
    "(table.copy $t $t (i32.const 2) (i32.const 1) (i32.const 3)) (i32.const 0)": TABLE,
    "(table.copy $t $t (i32.const 1) (i32.const 2) (i32.const 3)) (i32.const 0)": TABLE,
    "(table.init $t $passive (i32.const 3) (i32.const 0) (i32.const 1))"
    "(call_indirect $t (type $i) (i32.const 3))": 5,
    "(table.init $t $passive (i32.const 3) (i32.const 0) (i32.const 2)) (i32.const 0)": TABLE,
    "(table.init $t $passive (i32.const 0) (i32.const 1) (i32.const 2)) (i32.const 0)": TABLE,
    "(elem.drop $passive) (table.init $t $passive (i32.const 0) (i32.const 0) (i32.const 0))"
    "(i32.const 6)": 6,
    "(elem.drop $passive) (table.init $t $passive (i32.const 0) (i32.const 0) (i32.const 1))"
    "(i32.const 6)": TABLE,
    # Calls.
    "(call $inc (i32.const 6))": 7,
    "(call_indirect $t (type $ii) (i32.const 6) (i32.const 1))": 7,
    "(call_indirect $t (type $i) (i32.const 0))": TrapCause.UNINITIALIZED_ELEMENT,
    "(call_indirect $t (type $i) (i32.const 9))": TrapCause.UNDEFINED_ELEMENT,
    "(call_indirect $t (type $i) (i32.const 1))": TrapCause.INDIRECT_CALL_TYPE_MISMATCH,
    "(call_indirect $filled (type $ii) (i32.const 1) (i32.const 1))": 2,
    "(call_ref $ii (i32.const 1) (ref.func $inc))": 2,
    "(call_ref $i (ref.null $i))": TrapCause.NULL_FUNCTION,
    "(return_call $inc (i32.const 1))": 2,
    "(i32.const 9) (return_call_indirect $t (type $ii) (i32.const 1) (i32.const 1))": 2,
    "(return_call_ref $ii (i32.const 1) (ref.func $inc))": 2,
    "(return_call_ref $i (ref.null $i))": TrapCause.NULL_FUNCTION,
    "(call $deep (i32.const 20000))": 0,
    "(call $pair) (i32.sub)": -1,
    # Blocks and branches.
    "(block (result i32) (i32.const 1) (i32.const 2) (br 0 (i32.const 3)))": 3,
    "(block (result i32) (drop (br_if 0 (i32.const 3) (i32.const 1))) (i32.const 4))": 3,
    "(block (result i32) (drop (br_if 0 (i32.const 3) (i32.const 0))) (i32.const 4))": 4,
    "(if (result i32) (i32.const 2) (then (i32.const 1)) (else (i32.const 0)))": 1,
    "(if (result i32) (i32.const 0) (then (i32.const 1)) (else (i32.const 0)))": 0,
    "(if (i32.const 0) (then (return (i32.const 1)))) (i32.const 2)": 2,
    "(if (i32.const 1) (then (return (i32.const 1)))) (i32.const 2)": 1,
    "(i32.const 4) (return (i32.const 1))": 1,
    "(unreachable)": TrapCause.UNREACHABLE,
    "(nop) (select (i32.const 1) (i32.const 2) (i32.const 3))": 1,
    "(select (result i32) (i32.const 1) (i32.const 2) (i32.const 0))": 2,
    "(global.set $g (i32.const 9)) (global.get $g)": 9,
    "(local.set $n (i32.const 4)) (i32.add (local.tee $n (i32.const 5)) (local.get $n))": 10,
    "(local.set $n (i32.const 5)) (loop $l (global.set $g (i32.add (global.get $g) (local.get $n)))"
    "(br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (global.get $g)": 20,
    "(i32.const 3) (loop $l (param i32) (result i32) (i32.sub (i32.const 1)) (local.tee $n)"
    "(br_if $l (local.get $n)))": 0,
    # References.
    "(ref.is_null (ref.null any))": 1,
    "(ref.is_null (ref.as_non_null (ref.func $inc)))": 0,
    "(ref.is_null (ref.as_non_null (ref.null func)))": TrapCause.NULL_REFERENCE,
    "(block $l (drop (br_on_null $l (ref.null func))) (return (i32.const 1))) (i32.const 2)": 2,
    "(block $l (drop (br_on_null $l (ref.func $inc))) (return (i32.const 1))) (i32.const 2)": 1,
    "(drop (block $l (result (ref func)) (br_on_non_null $l (ref.null func)) (return"
    " (i32.const 1))))"
    "(i32.const 2)": 1,
    "(drop (block $l (result (ref func)) (br_on_non_null $l (ref.func $inc)) (return"
    " (i32.const 1))))"
    "(i32.const 2)": 2,
    "(ref.eq (ref.null eq) (ref.null i31))": 1,
    "(ref.eq (ref.i31 (i32.const 5)) (ref.i31 (i32.const 5)))": 1,
    "(ref.eq (ref.i31 (i32.const 5)) (ref.i31 (i32.const 6)))": 0,
    "(ref.eq (struct.new_default $p) (struct.new_default $p))": 0,
    f"(local.set $r {P}) (ref.eq (local.get $r) (local.get $r))": 1,
    "(i31.get_s (ref.i31 (i32.const -1)))": -1,
    "(i31.get_u (ref.i31 (i32.const -1)))": 0x7FFFFFFF,
    "(i31.get_s (ref.i31 (i32.const 0x3fffffff)))": 0x3FFFFFFF,
    "(i31.get_s (ref.null i31))": TrapCause.NULL_I31,
    "(i31.get_u (ref.null i31))": TrapCause.NULL_I31,
    f"(ref.test (ref $p) {Q})": 1,
    f"(ref.test (ref $q) {P})": 0,
    "(ref.test (ref $p) (ref.null $p))": 0,
    "(ref.test (ref null $p) (ref.null any))": 1,
    "(ref.test (ref i31) (ref.i31 (i32.const 1)))": 1,
    "(ref.test (ref eq) (struct.new_default $p))": 1,
    f"(ref.test (ref array) {ints(1)})": 1,
    f"(ref.test (ref struct) {ints(1)})": 0,
    "(ref.test (ref none) (struct.new_default $p))": 0,
    "(ref.test (ref $ii) (ref.func $inc))": 1,
    "(ref.test (ref $v) (ref.func $inc))": 0,
    f"(struct.get $q 0 (ref.cast (ref $q) {Q}))": 8,
    f"(struct.get $q 0 (ref.cast (ref $q) {P}))": TrapCause.CAST_FAILURE,
    "(ref.is_null (ref.cast (ref null $q) (ref.null $p)))": 1,
    "(ref.is_null (ref.cast (ref $q) (ref.null $p)))": TrapCause.CAST_FAILURE,
    f"(struct.get $q 0 (block $l (result (ref $q)) (drop (br_on_cast $l (ref $p) (ref $q) {Q}))"
    "(return (i32.const 1))))": 8,
    f"(struct.get $q 0 (block $l (result (ref $q)) (drop (br_on_cast $l (ref $p) (ref $q) {P}))"
    "(return (i32.const 1))))": 1,
    f"(drop (block $l (result (ref $p)) (drop (br_on_cast_fail $l (ref $p) (ref $q) {Q}))"
    "(return (i32.const 1)))) (i32.const 2)": 1,
    f"(drop (block $l (result (ref $p)) (drop (br_on_cast_fail $l (ref $p) (ref $q) {P}))"
    "(return (i32.const 1)))) (i32.const 2)": 2,
    "(i31.get_u (ref.cast (ref i31) (any.convert_extern (extern.convert_any"
    "(ref.i31 (i32.const 5))))))": 5,
    "(ref.is_null (extern.convert_any (ref.null any)))": 1,
    "(ref.is_null (any.convert_extern (ref.null extern)))": 1,
    "(ref.test (ref extern) (extern.convert_any (ref.i31 (i32.const 1))))": 1,
    # Structures.
    f"(struct.get $p $x {P})": 7,
    f"(struct.get_u $p $y {P})": 0xFE,
    f"(struct.get_s $p $y {P})": -2,
    "(struct.get $p $x (struct.new_default $p))": 0,
    f"(local.set $r {P}) (struct.set $p $x (local.get $r) (i32.const 3))"
    "(struct.get $p $x (local.get $r))": 3,
    f"(local.set $r {P}) (struct.set $p $y (local.get $r) (i32.const 0x180))"
    "(struct.get_s $p $y (local.get $r))": -128,
    "(struct.get $p $x (ref.null $p))": TrapCause.NULL_STRUCTURE,
    "(struct.set $p $x (ref.null $p) (i32.const 1)) (i32.const 1)": TrapCause.NULL_STRUCTURE,
    f"(i32.trunc_f32_s (struct.get $q 2 {Q}))": 1,
    # Arrays.
    f"(array.len {ints(1, 2, 3)})": 3,
    f"(array.get $ints {ints(1, 2, 3)} (i32.const 2))": 3,
    f"(array.get $ints {ints(1, 2, 3)} (i32.const 3))": ARRAY,
    "(array.get $ints (ref.null $ints) (i32.const 3))": TrapCause.NULL_ARRAY,
    "(array.len (ref.null array))": TrapCause.NULL_ARRAY,
    "(array.get $ints (array.new $ints (i32.const 6) (i32.const 3)) (i32.const 2))": 6,
    "(array.get_u $bytes (array.new $bytes (i32.const -1) (i32.const 3)) (i32.const 2))": 255,
    "(array.get_s $words (array.new $words (i32.const -1) (i32.const 3)) (i32.const 2))": -1,
    "(array.len (array.new_default $refs (i32.const 5)))": 5,
    "(array.len (array.new_default $ints (i32.const -1)))": TrapCause.GC_HEAP_EXHAUSTED,
    f"(local.set $a {ints(1, 2)}) (array.set $ints (local.get $a) (i32.const 1) (i32.const 9))"
    "(array.get $ints (local.get $a) (i32.const 1))": 9,
    f"(array.set $ints {ints(1)} (i32.const 1) (i32.const 9)) (i32.const 1)": ARRAY,
    "(array.set $ints (ref.null $ints) (i32.const 1) (i32.const 9)) (i32.const 1)": (
        TrapCause.NULL_ARRAY
    ),
    f"(local.set $a {ints(1, 2, 3)}) (array.fill $ints (local.get $a) (i32.const 1) (i32.const 9)"
    "(i32.const 2)) (array.get $ints (local.get $a) (i32.const 2))": 9,
    f"(array.fill $ints {ints(1)} (i32.const 1) (i32.const 9) (i32.const 1)) (i32.const 1)": ARRAY,
    f"(local.set $a {ints(1, 2, 3)}) (array.copy $ints $ints (local.get $a) (i32.const 1)"
    "(local.get $a) (i32.const 0) (i32.const 2)) (array.get $ints (local.get $a) (i32.const 2))": 2,
    f"(array.copy $ints $ints {ints(1, 2)} (i32.const 1) {ints(1, 2)} (i32.const 0) (i32.const 2))"
    "(i32.const 0)": ARRAY,
    f"(array.copy $ints $ints {ints(1, 2)} (i32.const 0) {ints(1, 2)} (i32.const 1) (i32.const 2))"
    "(i32.const 0)": ARRAY,
    "(array.copy $ints $ints (ref.null $ints) (i32.const 0) (ref.null $ints) (i32.const 0)"
    "(i32.const 0)) (i32.const 0)": TrapCause.NULL_ARRAY,
    "(array.get_u $bytes (array.new_data $bytes $d (i32.const 2) (i32.const 3))"
    " (i32.const 2))": 0xFE,
    "(array.get_s $words (array.new_data $words $d (i32.const 4) (i32.const 2)) (i32.const 0))": -2,
    "(array.get $ints (array.new_data $ints $d (i32.const 0) (i32.const 2)) (i32.const 1))": -2,
    "(i32.wrap_i64 (array.get $longs (array.new_data $longs $d (i32.const 0) (i32.const 1))"
    "(i32.const 0)))": 0x04030201,
    "(i32.trunc_f64_s (array.get $f64s (array.new_data $f64s $d (i32.const 8) (i32.const 1))"
    "(i32.const 0)))": 1,
    "(i32.trunc_f32_s (array.get $f32s (array.new_data $f32s $d (i32.const 16) (i32.const 1))"
    "(i32.const 0)))": 1,
    "(i32x4.extract_lane 0 (array.get $vs (array.new_data $vs $d (i32.const 0) (i32.const 1))"
    "(i32.const 0)))": 0x04030201,
    "(array.len (array.new_data $ints $d (i32.const 1) (i32.const 5)))": OOB,
    "(array.len (array.new_data $bytes $d (i32.const 21) (i32.const 0)))": OOB,
    "(array.len (array.new_elem $refs $passive (i32.const 0) (i32.const 2)))": 2,
    "(array.len (array.new_elem $refs $passive (i32.const 1) (i32.const 2)))": TABLE,
    "(local.set $b (array.new_default $bytes (i32.const 4)))"
    "(array.init_data $bytes $d (local.get $b) (i32.const 1) (i32.const 0) (i32.const 3))"
    "(array.get_u $bytes (local.get $b) (i32.const 3))": 3,
    "(array.init_data $bytes $d (array.new_default $bytes (i32.const 4)) (i32.const 2)"
    "(i32.const 0) (i32.const 3)) (i32.const 0)": ARRAY,
    "(array.init_data $bytes $d (array.new_default $bytes (i32.const 4)) (i32.const 0)"
    "(i32.const 19) (i32.const 2)) (i32.const 0)": OOB,
    "(array.init_data $bytes $d (ref.null $bytes) (i32.const 0) (i32.const 0) (i32.const 0))"
    "(i32.const 0)": TrapCause.NULL_ARRAY,
    "(array.init_elem $refs $passive (array.new_default $refs (i32.const 2)) (i32.const 0)"
    "(i32.const 0) (i32.const 2)) (i32.const 1)": 1,
    "(array.init_elem $refs $passive (array.new_default $refs (i32.const 2)) (i32.const 1)"
    "(i32.const 0) (i32.const 2)) (i32.const 1)": ARRAY,
    "(array.init_elem $refs $passive (array.new_default $refs (i32.const 2)) (i32.const 0)"
    "(i32.const 1) (i32.const 2)) (i32.const 1)": TABLE,
    "(table.init $any $anys (i32.const 0) (i32.const 0) (i32.const 1))"
    "(i31.get_s (ref.cast i31ref (table.get $any (i32.const 0))))": 7,
    # Exceptions.
    "(block $h (result i32) (try_table (catch $e $h) (call $throws (i32.const 4)))"
    " (i32.const 0))": 4,
    "(block $h (result i32) (try_table (catch $e $h) (nop)) (i32.const 0))": 0,
    "(block $h (try_table (catch_all $h) (throw $empty)) (return (i32.const 1))) (i32.const 2)": 2,
    "(block $o (block $h (try_table (catch $empty $h) (catch_all $o) (throw $e (i32.const 1))))"
    "(return (i32.const 1))) (i32.const 2)": 2,
    "(block $h (result i32 exnref) (try_table (catch_ref $e $h) (throw $e (i32.const 6)))"
    "(return (i32.const 1))) (drop)": 6,
    "(block $h (result i32) (try_table (catch $e $h) (block $x (result exnref)"
    "(try_table (catch_all_ref $x) (throw $e (i32.const 8))) (unreachable)) (throw_ref))"
    "(unreachable))": 8,
    "(block $h (result i32 i64) (try_table (catch $two $h) (throw $two (i32.const 1)"
    " (i64.const 2)))"
    "(unreachable)) (drop)": 1,
    "(throw_ref (ref.null exn))": TrapCause.NULL_EXCEPTION,
    "(ref.is_null (ref.null exn))": 1,
}


@pytest.mark.parametrize("code", CASES)
def test_instruction(code: str) -> None:
    function = (
        '(func (export "f") (result i32) (local $n i32) (local $r (ref null $p))'
        f" (local $a (ref null $ints)) (local $b (ref null $bytes)) {code})"
    )
    module = wasm.Module(assemble(f"(module {FIELDS} {function})"))
    outcome = wasm.Instance(module).call("f")
    expected = CASES[code]
    if isinstance(expected, TrapCause):
        assert isinstance(outcome, wasm.Trapped)
        assert outcome.cause is expected
        assert outcome.trap is expected.trap
        assert outcome.message == expected.message
        assert outcome.backtrace
    else:
        assert outcome == wasm.Returned([expected])


def test_a_handler_guards_what_is_inside_of_its_block_and_nothing_else() -> None:
    text = """(module (tag $e (param i32)) (func $throws (throw $e (i32.const 4)))
      (func (export "f") (result i32)
        (block $h (result i32) (try_table (catch $e $h) (nop)) (call $throws) (i32.const 0))))"""
    outcome = wasm.Instance(wasm.Module(assemble(text))).call("f")
    assert isinstance(outcome, wasm.Threw)
    assert outcome.values == [4]


def test_every_instruction_has_one_function_named_after_it() -> None:
    assert set(EXECUTE) == set(OPCODES.values())
    for opcode, execute in EXECUTE.items():
        assert f"exec-{opcode.rule}" in str(execute.__doc__), opcode
