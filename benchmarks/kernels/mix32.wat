;; 32-bit mixing: multiplications, rotations, shifts and exclusive-ors, as hash functions do.
(module
  (func (export "run") (param $n i32) (result i32)
    (local $h i32) (local $k i32)
    (local.set $h (i32.const 0x9747b28c))
    (loop $next
      (local.set $k (i32.mul (local.get $n) (i32.const 0xcc9e2d51)))
      (local.set $k (i32.mul (i32.rotl (local.get $k) (i32.const 15)) (i32.const 0x1b873593)))
      (local.set $h (i32.rotl (i32.xor (local.get $h) (local.get $k)) (i32.const 13)))
      (local.set $h (i32.add (i32.mul (local.get $h) (i32.const 5)) (i32.const 0xe6546b64)))
      (local.set $h (i32.xor (local.get $h) (i32.shr_u (local.get $h) (i32.const 16))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $h)))
