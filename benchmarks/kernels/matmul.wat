;; Float memory: the product of two n by n matrices of f64, then the sum of its diagonal.
(module
  (memory 8)
  (func (export "run") (param $n i32) (result f64)
    (local $i i32) (local $j i32) (local $k i32) (local $row i32) (local $sum f64)
    (local $a i32) (local $b i32) (local $size i32)
    (local.set $size (i32.shl (i32.mul (local.get $n) (local.get $n)) (i32.const 3)))
    (loop $fill
      (f64.store (local.get $i)
        (f64.div (f64.convert_i32_u (i32.rem_u (local.get $i) (i32.const 97))) (f64.const 7)))
      (f64.store (i32.add (local.get $size) (local.get $i))
        (f64.sub (f64.convert_i32_u (i32.rem_u (local.get $i) (i32.const 89))) (f64.const 40)))
      (br_if $fill
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 8)))
          (local.get $size))))
    (local.set $row (i32.shl (local.get $n) (i32.const 3)))
    (local.set $i (i32.const 0))
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $sum (f64.const 0))
        (local.set $a (i32.mul (local.get $i) (local.get $row)))
        (local.set $b (i32.add (local.get $size) (i32.shl (local.get $j) (i32.const 3))))
        (local.set $k (i32.const 0))
        (loop $dot
          (local.set $sum
            (f64.add (local.get $sum)
              (f64.mul (f64.load (local.get $a)) (f64.load (local.get $b)))))
          (local.set $a (i32.add (local.get $a) (i32.const 8)))
          (local.set $b (i32.add (local.get $b) (local.get $row)))
          (br_if $dot
            (i32.lt_u
              (local.tee $k (i32.add (local.get $k) (i32.const 1)))
              (local.get $n))))
        (f64.store
          (i32.add
            (i32.shl (local.get $size) (i32.const 1))
            (i32.add
              (i32.mul (local.get $i) (local.get $row))
              (i32.shl (local.get $j) (i32.const 3))))
          (local.get $sum))
        (br_if $columns
          (i32.lt_u
            (local.tee $j (i32.add (local.get $j) (i32.const 1)))
            (local.get $n))))
      (br_if $rows
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (local.get $n))))
    (local.set $sum (f64.const 0))
    (local.set $i (i32.const 0))
    (loop $trace
      (local.set $sum
        (f64.add (local.get $sum)
          (f64.load
            (i32.add
              (i32.shl (local.get $size) (i32.const 1))
              (i32.mul (local.get $i)
                (i32.add (local.get $row) (i32.const 8)))))))
      (br_if $trace
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (local.get $n))))
    (local.get $sum)))
