;; Byte scanning: the CRC-32 of n bytes from a generator, by a table of 256 words.
(module
  (memory 4)
  (func (export "run") (param $n i32) (result i32)
    (local $i i32) (local $k i32) (local $c i32) (local $end i32)
    (loop $entries
      (local.set $c (local.get $i))
      (local.set $k (i32.const 8))
      (loop $bits
        (local.set $c
          (i32.xor
            (i32.shr_u (local.get $c) (i32.const 1))
            (i32.and
              (i32.const 0xedb88320)
              (i32.sub (i32.const 0) (i32.and (local.get $c) (i32.const 1))))))
        (br_if $bits (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $c))
      (br_if $entries
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.const 256))))
    (local.set $i (i32.const 1024))
    (local.set $end (i32.add (local.get $n) (i32.const 1024)))
    (local.set $c (i32.const 1))
    (loop $fill
      (local.set $c
        (i32.add (i32.mul (local.get $c) (i32.const 1664525)) (i32.const 1013904223)))
      (i32.store8 (local.get $i) (i32.shr_u (local.get $c) (i32.const 24)))
      (br_if $fill
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (local.get $end))))
    (local.set $c (i32.const -1))
    (local.set $i (i32.const 1024))
    (loop $scan
      (local.set $c
        (i32.xor
          (i32.shr_u (local.get $c) (i32.const 8))
          (i32.load
            (i32.shl
              (i32.and
                (i32.xor (local.get $c) (i32.load8_u (local.get $i)))
                (i32.const 255))
              (i32.const 2)))))
      (br_if $scan
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (local.get $end))))
    (i32.xor (local.get $c) (i32.const -1))))
