;; Signed numbers of both widths: iterations of the Mandelbrot formula over an n by n grid in fixed
;; point, 24 bits behind the point, products in 64 bits.
(module
  (func $times (param $a i32) (param $b i32) (result i32)
    (i32.wrap_i64
      (i64.shr_s
        (i64.mul (i64.extend_i32_s (local.get $a)) (i64.extend_i32_s (local.get $b)))
        (i64.const 24))))
  (func (export "run") (param $n i32) (result i32)
    (local $px i32) (local $py i32) (local $k i32) (local $sum i32)
    (local $cx i32) (local $cy i32) (local $x i32) (local $y i32) (local $xx i32) (local $yy i32)
    (loop $rows
      (local.set $px (i32.const 0))
      (local.set $cy
        (i32.sub
          (i32.div_s
            (i32.mul (i32.shl (local.get $py) (i32.const 1)) (i32.const 0x1000000))
            (local.get $n))
          (i32.const 0x1000000)))
      (loop $columns
        (local.set $cx
          (i32.sub
            (i32.div_s
              (i32.mul (i32.mul (local.get $px) (i32.const 3)) (i32.const 0x1000000))
              (local.get $n))
            (i32.const 0x2000000)))
        (local.set $x (i32.const 0))
        (local.set $y (i32.const 0))
        (local.set $k (i32.const 0))
        (block $escaped
          (loop $iterate
            (local.set $xx (call $times (local.get $x) (local.get $x)))
            (local.set $yy (call $times (local.get $y) (local.get $y)))
            (br_if $escaped
              (i32.gt_s (i32.add (local.get $xx) (local.get $yy)) (i32.const 0x4000000)))
            (local.set $y
              (i32.add
                (i32.shl (call $times (local.get $x) (local.get $y)) (i32.const 1))
                (local.get $cy)))
            (local.set $x
              (i32.add (i32.sub (local.get $xx) (local.get $yy)) (local.get $cx)))
            (br_if $iterate
              (i32.lt_u
                (local.tee $k (i32.add (local.get $k) (i32.const 1)))
                (i32.const 40)))))
        (local.set $sum
          (i32.add (i32.mul (local.get $sum) (i32.const 31)) (local.get $k)))
        (br_if $columns
          (i32.lt_u
            (local.tee $px (i32.add (local.get $px) (i32.const 1)))
            (local.get $n))))
      (br_if $rows
        (i32.lt_u
          (local.tee $py (i32.add (local.get $py) (i32.const 1)))
          (local.get $n))))
    (local.get $sum)))
