;; Arrays of floats in memory: n times the Fourier transform of 256 complex numbers, of the result
;; of the time before. Real parts lie at 0, imaginary ones at 2048, the roots of one at 4096 and
;; 5120.
(module
  (memory 1)
  (func $roots (local $i i32) (local $c f64) (local $s f64) (local $t f64)
    (local.set $c (f64.const 1))
    (loop $next
      (f64.store offset=4096 (local.get $i) (local.get $c))
      (f64.store offset=5120 (local.get $i) (local.get $s))
      (local.set $t
        (f64.sub
          (f64.mul (local.get $c) (f64.const 0.9996988186962042))
          (f64.mul (local.get $s) (f64.const -0.024541228522912288))))
      (local.set $s
        (f64.add
          (f64.mul (local.get $c) (f64.const -0.024541228522912288))
          (f64.mul (local.get $s) (f64.const 0.9996988186962042))))
      (local.set $c (local.get $t))
      (br_if $next
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 8)))
          (i32.const 1024)))))
  (func $swap (param $a i32) (param $b i32) (local $t f64)
    (local.set $t (f64.load (local.get $a)))
    (f64.store (local.get $a) (f64.load (local.get $b)))
    (f64.store (local.get $b) (local.get $t)))
  (func $reverse (local $i i32) (local $j i32) (local $bit i32)
    (loop $next
      (if (i32.lt_u (local.get $i) (local.get $j))
        (then
          (call $swap
            (i32.shl (local.get $i) (i32.const 3)) (i32.shl (local.get $j) (i32.const 3)))
          (call $swap
            (i32.add (i32.shl (local.get $i) (i32.const 3)) (i32.const 2048))
            (i32.add (i32.shl (local.get $j) (i32.const 3)) (i32.const 2048)))))
      ;; The next j is this one plus one, counted from its highest bit.
      (local.set $bit (i32.const 128))
      (block $set
        (loop $carry
          (br_if $set (i32.eqz (i32.and (local.get $j) (local.get $bit))))
          (local.set $j (i32.xor (local.get $j) (local.get $bit)))
          (local.set $bit (i32.shr_u (local.get $bit) (i32.const 1)))
          (br_if $carry (local.get $bit))))
      (local.set $j (i32.or (local.get $j) (local.get $bit)))
      (br_if $next
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.const 256)))))
  (func $transform
    (local $half i32) (local $step i32) (local $start i32) (local $k i32)
    (local $a i32) (local $b i32) (local $root i32)
    (local $c f64) (local $s f64) (local $re f64) (local $im f64)
    (local.set $half (i32.const 8))
    (local.set $step (i32.const 1024))
    (loop $stages
      (local.set $start (i32.const 0))
      (loop $groups
        (local.set $a (local.get $start))
        (local.set $b (i32.add (local.get $start) (local.get $half)))
        (local.set $k (local.get $b))
        (local.set $root (i32.const 0))
        (loop $butterflies
          (local.set $c (f64.load offset=4096 (local.get $root)))
          (local.set $s (f64.load offset=5120 (local.get $root)))
          (local.set $re
            (f64.sub
              (f64.mul (f64.load (local.get $b)) (local.get $c))
              (f64.mul (f64.load offset=2048 (local.get $b)) (local.get $s))))
          (local.set $im
            (f64.add
              (f64.mul (f64.load (local.get $b)) (local.get $s))
              (f64.mul (f64.load offset=2048 (local.get $b)) (local.get $c))))
          (f64.store (local.get $b) (f64.sub (f64.load (local.get $a)) (local.get $re)))
          (f64.store offset=2048 (local.get $b)
            (f64.sub (f64.load offset=2048 (local.get $a)) (local.get $im)))
          (f64.store (local.get $a) (f64.add (f64.load (local.get $a)) (local.get $re)))
          (f64.store offset=2048 (local.get $a)
            (f64.add (f64.load offset=2048 (local.get $a)) (local.get $im)))
          (local.set $root (i32.add (local.get $root) (local.get $step)))
          (local.set $b (i32.add (local.get $b) (i32.const 8)))
          (br_if $butterflies
            (i32.lt_u
              (local.tee $a (i32.add (local.get $a) (i32.const 8)))
              (local.get $k))))
        (br_if $groups
          (i32.lt_u
            (local.tee $start (local.get $b))
            (i32.const 2048))))
      (local.set $step (i32.shr_u (local.get $step) (i32.const 1)))
      (br_if $stages
        (i32.lt_u
          (local.tee $half (i32.shl (local.get $half) (i32.const 1)))
          (i32.const 2048)))))
  (func (export "run") (param $n i32) (result f64)
    (local $i i32) (local $sum f64)
    (call $roots)
    (loop $fill
      (f64.store (local.get $i)
        (f64.convert_i32_u
          (i32.rem_u (i32.mul (local.get $i) (i32.const 29)) (i32.const 67))))
      (f64.store offset=2048 (local.get $i) (f64.const 0))
      (br_if $fill
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 8)))
          (i32.const 2048))))
    (loop $turn
      (call $reverse)
      (call $transform)
      (local.set $i (i32.const 0))
      (loop $scale
        (f64.store (local.get $i) (f64.mul (f64.load (local.get $i)) (f64.const 0.0625)))
        (br_if $scale
          (i32.lt_u
            (local.tee $i (i32.add (local.get $i) (i32.const 8)))
            (i32.const 4096))))
      (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.set $i (i32.const 0))
    (loop $fold
      (local.set $sum
        (f64.add (f64.mul (local.get $sum) (f64.const 0.75)) (f64.load (local.get $i))))
      (br_if $fold
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 8)))
          (i32.const 4096))))
    (local.get $sum)))
