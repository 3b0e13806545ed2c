"""A module that has something of everything, and can be stopped in the middle of it."""

from __future__ import annotations

MANY_KINDS = """
(module $kinds
  (type $point (struct (field $x (mut i32)) (field $y f64) (field $tiny i8)))
  (type $row (array (mut i16)))
  (type $list (struct (field $next (ref null $list)) (field $item anyref)))
  (type $callee (func (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (tag $oops (param i32 f32))
  (memory $main 3 5)
  (global $count (mut i32) (i32.const -2))
  (global $big (mut i64) (i64.const 0x7fffffffffffffff))
  (global $odd (mut f32) (f32.const nan:0x200001))
  (global $third (mut f64) (f64.const 0.333))
  (global $wide (mut v128) (v128.const i32x4 1 -2 3 4))
  (global $held (mut anyref) (ref.null any))
  (global $thrown (mut exnref) (ref.null exn))
  (global $outside (mut externref) (ref.null extern))
  (global $f (mut funcref) (ref.func $deeper))
  (table $calls 4 8 funcref)
  (elem (table $calls) (i32.const 1) func $deeper $yield)
  (elem $spare func $deeper)
  (data (memory $main) (i32.const 100) "text with a \\1b[31mterminal command\\00")
  (data (memory $main) (i32.const 131080) "far away")
  (func $deeper (type $callee) (param $depth i32) (result i32)
    (local $point (ref null $point)) (local $lanes v128) (local f32)
    (local.set $point (struct.new $point (local.get $depth) (f64.const 2.5) (i32.const 7)))
    (local.set $lanes (f32x4.splat (f32.const 1.5)))
    (global.set $held (struct.new $list (ref.null $list) (local.get $point)))
    (i32.add
      (i32.const 1000)
      (if (result i32) (local.get $depth)
        (then (call $deeper (i32.sub (local.get $depth) (i32.const 1))))
        (else (loop $forever (br $forever)) (unreachable)))))
  (func (export "go") (result i32)
    (local $row (ref null $row)) (local $small i31ref)
    (local.set $row (array.new $row (i32.const 65535) (i32.const 3)))
    (local.set $small (ref.i31 (i32.const -7)))
    (global.set $thrown (block $caught (result exnref)
      (try_table (catch_all_ref $caught) (throw $oops (i32.const 5) (f32.const -0)))
      (unreachable)))
    (global.set $outside (extern.convert_any (local.get $small)))
    (i64.const -1)
    (drop (call_indirect $calls (type $callee) (i32.const 3) (i32.const 1)))
    (drop)
    (i32.const 0)))
"""
"""Entry `go` ends in an endless loop four calls deep. Holds numbers of all types, a NaN with a
payload, vectors, structures, an array, an exception, and references of all kinds."""
