;; Records of floats in memory: n steps of five bodies that attract each other. A body is seven f64:
;; place, velocity, mass.
(module
  (memory 1)
  (func $init (local $at i32) (local $i f64)
    (loop $bodies
      (f64.store (local.get $at)
        (f64.sub (f64.mul (local.get $i) (f64.const 4.5)) (f64.const 3)))
      (f64.store offset=8 (local.get $at)
        (f64.sub (f64.mul (f64.mul (local.get $i) (local.get $i)) (f64.const 0.7)) (f64.const 2)))
      (f64.store offset=16 (local.get $at) (f64.mul (local.get $i) (f64.const 0.3)))
      (f64.store offset=24 (local.get $at)
        (f64.mul (f64.sub (f64.const 2) (local.get $i)) (f64.const 0.1)))
      (f64.store offset=32 (local.get $at) (f64.mul (local.get $i) (f64.const 0.05)))
      (f64.store offset=40 (local.get $at) (f64.const 0.01))
      (f64.store offset=48 (local.get $at)
        (f64.div
          (f64.const 39)
          (f64.add (f64.const 1) (f64.mul (f64.mul (local.get $i) (local.get $i)) (f64.const 9)))))
      (local.set $i (f64.add (local.get $i) (f64.const 1)))
      (br_if $bodies
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 56)))
          (i32.const 280)))))
  (func $advance (param $dt f64)
    (local $a i32) (local $b i32)
    (local $dx f64) (local $dy f64) (local $dz f64) (local $square f64) (local $force f64)
    (local $mass f64)
    (loop $first
      (local.set $b (i32.add (local.get $a) (i32.const 56)))
      (block $paired
        (loop $second
          (br_if $paired (i32.ge_u (local.get $b) (i32.const 280)))
          (local.set $dx (f64.sub (f64.load (local.get $a)) (f64.load (local.get $b))))
          (local.set $dy
            (f64.sub (f64.load offset=8 (local.get $a)) (f64.load offset=8 (local.get $b))))
          (local.set $dz
            (f64.sub (f64.load offset=16 (local.get $a)) (f64.load offset=16 (local.get $b))))
          (local.set $square
            (f64.add
              (f64.add
                (f64.mul (local.get $dx) (local.get $dx))
                (f64.mul (local.get $dy) (local.get $dy)))
              (f64.mul (local.get $dz) (local.get $dz))))
          (local.set $force
            (f64.div
              (local.get $dt)
              (f64.mul (local.get $square) (f64.sqrt (local.get $square)))))
          (local.set $mass (f64.mul (f64.load offset=48 (local.get $b)) (local.get $force)))
          (f64.store offset=24 (local.get $a)
            (f64.sub
              (f64.load offset=24 (local.get $a))
              (f64.mul (local.get $dx) (local.get $mass))))
          (f64.store offset=32 (local.get $a)
            (f64.sub
              (f64.load offset=32 (local.get $a))
              (f64.mul (local.get $dy) (local.get $mass))))
          (f64.store offset=40 (local.get $a)
            (f64.sub
              (f64.load offset=40 (local.get $a))
              (f64.mul (local.get $dz) (local.get $mass))))
          (local.set $mass (f64.mul (f64.load offset=48 (local.get $a)) (local.get $force)))
          (f64.store offset=24 (local.get $b)
            (f64.add
              (f64.load offset=24 (local.get $b))
              (f64.mul (local.get $dx) (local.get $mass))))
          (f64.store offset=32 (local.get $b)
            (f64.add
              (f64.load offset=32 (local.get $b))
              (f64.mul (local.get $dy) (local.get $mass))))
          (f64.store offset=40 (local.get $b)
            (f64.add
              (f64.load offset=40 (local.get $b))
              (f64.mul (local.get $dz) (local.get $mass))))
          (local.set $b (i32.add (local.get $b) (i32.const 56)))
          (br $second)))
      (br_if $first
        (i32.lt_u
          (local.tee $a (i32.add (local.get $a) (i32.const 56)))
          (i32.const 280))))
    (local.set $a (i32.const 0))
    (loop $move
      (f64.store (local.get $a)
        (f64.add
          (f64.load (local.get $a))
          (f64.mul (local.get $dt) (f64.load offset=24 (local.get $a)))))
      (f64.store offset=8 (local.get $a)
        (f64.add
          (f64.load offset=8 (local.get $a))
          (f64.mul (local.get $dt) (f64.load offset=32 (local.get $a)))))
      (f64.store offset=16 (local.get $a)
        (f64.add
          (f64.load offset=16 (local.get $a))
          (f64.mul (local.get $dt) (f64.load offset=40 (local.get $a)))))
      (br_if $move
        (i32.lt_u
          (local.tee $a (i32.add (local.get $a) (i32.const 56)))
          (i32.const 280)))))
  (func (export "run") (param $n i32) (result f64)
    (local $at i32) (local $sum f64)
    (call $init)
    (loop $step
      (call $advance (f64.const 0.01))
      (br_if $step (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (loop $fold
      (local.set $sum
        (f64.add (f64.mul (local.get $sum) (f64.const 0.5)) (f64.load (local.get $at))))
      (br_if $fold
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 8)))
          (i32.const 280))))
    (local.get $sum)))
