;; Global variables: Marsaglia's xorshift generator of 128 bits, its numbers summed up in 64 bits.
(module
  (global $x (mut i32) (i32.const 0))
  (global $y (mut i32) (i32.const 0))
  (global $z (mut i32) (i32.const 0))
  (global $w (mut i32) (i32.const 0))
  (global $sum (mut i64) (i64.const 0))
  (func $next (local $t i32)
    (local.set $t
      (i32.xor (global.get $x) (i32.shl (global.get $x) (i32.const 11))))
    (global.set $x (global.get $y))
    (global.set $y (global.get $z))
    (global.set $z (global.get $w))
    (global.set $w
      (i32.xor
        (i32.xor (global.get $w) (i32.shr_u (global.get $w) (i32.const 19)))
        (i32.xor (local.get $t) (i32.shr_u (local.get $t) (i32.const 8)))))
    (global.set $sum
      (i64.add
        (i64.mul (global.get $sum) (i64.const 3))
        (i64.extend_i32_u (global.get $w)))))
  (func (export "run") (param $n i32) (result i64)
    (global.set $x (i32.const 123456789))
    (global.set $y (i32.const 362436069))
    (global.set $z (i32.const 521288629))
    (global.set $w (i32.const 88675123))
    (global.set $sum (i64.const 0))
    (loop $turn
      (call $next)
      (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (global.get $sum)))
