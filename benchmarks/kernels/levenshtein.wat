;; Choices: the edit distance of two texts of n bytes, with one row of the table in memory.
(module
  (memory 4)
  (func (export "run") (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $x i32) (local $byte i32)
    (local $diagonal i32) (local $above i32) (local $best i32) (local $second i32)
    (local $row i32)
    ;; The texts lie at 0 and at n, the row behind them.
    (local.set $row
      (i32.and (i32.add (i32.shl (local.get $n) (i32.const 1)) (i32.const 3)) (i32.const -4)))
    (local.set $x (i32.const 7))
    (loop $fill
      (local.set $x
        (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (i32.store8 (local.get $i)
        (i32.add (i32.const 97) (i32.shr_u (local.get $x) (i32.const 30))))
      (br_if $fill
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.shl (local.get $n) (i32.const 1)))))
    (local.set $i (i32.const 0))
    (loop $first
      (i32.store
        (i32.add (local.get $row) (i32.shl (local.get $i) (i32.const 2)))
        (local.get $i))
      (br_if $first
        (i32.le_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (local.get $n))))
    (local.set $i (i32.const 0))
    (loop $rows
      (local.set $byte (i32.load8_u (local.get $i)))
      (local.set $second (local.get $row))
      (local.set $diagonal (i32.load (local.get $row)))
      (local.set $best (i32.add (local.get $i) (i32.const 1)))
      (i32.store (local.get $row) (local.get $best))
      (local.set $j (local.get $n))
      (loop $columns
        (local.set $second (i32.add (local.get $second) (i32.const 4)))
        (local.set $above (i32.load (local.get $second)))
        (local.set $diagonal
          (i32.add
            (local.get $diagonal)
            (i32.ne (local.get $byte) (i32.load8_u (local.get $j)))))
        ;; The least of: left + 1, above + 1, diagonal + whether the bytes differ.
        (local.set $best
          (i32.add
            (select (local.get $best) (local.get $above)
              (i32.lt_u (local.get $best) (local.get $above)))
            (i32.const 1)))
        (local.set $best
          (select (local.get $best) (local.get $diagonal)
            (i32.lt_u (local.get $best) (local.get $diagonal))))
        (i32.store (local.get $second) (local.get $best))
        (local.set $diagonal (local.get $above))
        (br_if $columns
          (i32.lt_u
            (local.tee $j (i32.add (local.get $j) (i32.const 1)))
            (i32.shl (local.get $n) (i32.const 1)))))
      (br_if $rows
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (local.get $n))))
    (local.get $best)))
