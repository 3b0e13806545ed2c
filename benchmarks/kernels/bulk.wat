;; Bulk memory: n turns of filling and copying blocks of 4 KiB, each read at 64 places.
(module
  (memory 1)
  (func (export "run") (param $n i32) (result i32)
    (local $h i32) (local $i i32)
    (loop $next
      (memory.fill (i32.const 0) (local.get $n) (i32.const 4096))
      (memory.copy (i32.const 4000) (i32.const 0) (i32.const 4096))
      (memory.copy (i32.const 16384) (i32.const 3000) (i32.const 4096))
      (i32.store (i32.add (i32.const 5000) (i32.and (local.get $n) (i32.const 1023)))
                 (local.get $h))
      (memory.copy (i32.const 20001) (i32.const 4500) (i32.const 2048))
      (local.set $i (i32.const 0))
      (loop $read
        (local.set $h
          (i32.add
            (i32.mul (local.get $h) (i32.const 16777619))
            (i32.load8_u offset=20001 (local.get $i))))
        (br_if $read
          (i32.lt_u
            (local.tee $i (i32.add (local.get $i) (i32.const 32)))
            (i32.const 2048))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $h)))
