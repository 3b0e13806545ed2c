;; Word memory: n words from a linear congruential generator, sorted by shell sort, then folded
;; into a checksum that depends on their order.
(module
  (memory 4)
  (func (export "run") (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $gap i32) (local $x i32) (local $end i32)
    (local.set $x (i32.const 12345))
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (loop $fill
      (local.set $x
        (i32.add (i32.mul (local.get $x) (i32.const 1103515245)) (i32.const 12345)))
      (i32.store (local.get $i) (i32.shr_u (local.get $x) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $fill (i32.lt_u (local.get $i) (local.get $end))))
    (local.set $gap (i32.shr_u (local.get $n) (i32.const 1)))
    (block $sorted
      (loop $gaps
        (br_if $sorted (i32.eqz (local.get $gap)))
        (local.set $i (i32.shl (local.get $gap) (i32.const 2)))
        (block $passed
          (loop $pass
            (br_if $passed (i32.ge_u (local.get $i) (local.get $end)))
            (local.set $x (i32.load (local.get $i)))
            (local.set $j (local.get $i))
            (block $placed
              (loop $shift
                (br_if $placed
                  (i32.lt_u (local.get $j) (i32.shl (local.get $gap) (i32.const 2))))
                (br_if $placed
                  (i32.le_u
                    (i32.load
                      (i32.sub (local.get $j) (i32.shl (local.get $gap) (i32.const 2))))
                    (local.get $x)))
                (i32.store (local.get $j)
                  (i32.load (i32.sub (local.get $j) (i32.shl (local.get $gap) (i32.const 2)))))
                (local.set $j
                  (i32.sub (local.get $j) (i32.shl (local.get $gap) (i32.const 2))))
                (br $shift)))
            (i32.store (local.get $j) (local.get $x))
            (local.set $i (i32.add (local.get $i) (i32.const 4)))
            (br $pass)))
        (local.set $gap (i32.shr_u (local.get $gap) (i32.const 1)))
        (br $gaps)))
    (local.set $i (i32.const 0))
    (local.set $x (i32.const 0))
    (loop $fold
      (local.set $x
        (i32.xor (i32.rotl (local.get $x) (i32.const 5)) (i32.load (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $fold (i32.lt_u (local.get $i) (local.get $end))))
    (local.get $x)))
