;; Single floats in memory: n turns in which 512 cells become the means of their neighbours.
(module
  (memory 1)
  (func (export "run") (param $n i32) (result f64)
    (local $i i32) (local $from i32) (local $to i32) (local $sum f64)
    (loop $fill
      (f32.store (local.get $i)
        (f32.convert_i32_u
          (i32.rem_u (i32.mul (local.get $i) (i32.const 37)) (i32.const 101))))
      (f32.store offset=2048 (local.get $i) (f32.load (local.get $i)))
      (br_if $fill
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 4)))
          (i32.const 2048))))
    (local.set $to (i32.const 2048))
    (loop $turn
      (local.set $i (i32.const 4))
      (loop $cells
        (f32.store (i32.add (local.get $to) (local.get $i))
          (f32.mul
            (f32.add
              (f32.load (i32.add (local.get $from) (i32.sub (local.get $i) (i32.const 4))))
              (f32.load offset=4 (i32.add (local.get $from) (local.get $i))))
            (f32.const 0.5)))
        (br_if $cells
          (i32.lt_u
            (local.tee $i (i32.add (local.get $i) (i32.const 4)))
            (i32.const 2044))))
      (local.get $from)
      (local.set $from (local.get $to))
      (local.set $to)
      (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.set $i (i32.const 0))
    (loop $fold
      (local.set $sum
        (f64.add
          (f64.mul (local.get $sum) (f64.const 0.75))
          (f64.promote_f32 (f32.load (i32.add (local.get $from) (local.get $i))))))
      (br_if $fold
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 4)))
          (i32.const 2048))))
    (local.get $sum)))
