;; Vectors of bytes in memory: n turns in which two pictures of 1,024 bytes are blended into a third,
;; which takes the place of the first; their differences are summed up.
(module
  (memory 1)
  (func (export "run") (param $n i32) (result i32)
    (local $i i32) (local $x i32) (local $a v128) (local $b v128) (local $sum v128)
    (local.set $x (i32.const 3))
    (loop $fill
      (local.set $x
        (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (i32.store8 (local.get $i) (i32.shr_u (local.get $x) (i32.const 24)))
      (br_if $fill
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.const 2048))))
    (loop $turn
      (local.set $i (i32.const 0))
      (loop $row
        (local.set $a (v128.load (local.get $i)))
        (local.set $b (v128.load offset=1024 (local.get $i)))
        ;; The difference without its sign is one of the two that stop at zero.
        (local.set $sum
          (i32x4.add (local.get $sum)
            (i32x4.extadd_pairwise_i16x8_u
              (i16x8.extadd_pairwise_i8x16_u
                (v128.or
                  (i8x16.sub_sat_u (local.get $a) (local.get $b))
                  (i8x16.sub_sat_u (local.get $b) (local.get $a)))))))
        (v128.store (local.get $i)
          (i8x16.add
            (i8x16.avgr_u (local.get $a) (local.get $b))
            (i8x16.splat (local.get $n))))
        (br_if $row
          (i32.lt_u
            (local.tee $i (i32.add (local.get $i) (i32.const 16)))
            (i32.const 1024))))
      (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
      (i32.add
        (i32x4.extract_lane 2 (local.get $sum))
        (i32x4.extract_lane 3 (local.get $sum))))))
