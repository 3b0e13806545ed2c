;; One loop that never returns.
(module
  (func (export "run") (result i32) (local $h i32)
    (loop $next
      (local.set $h
        (i32.add
          (i32.rotl (i32.xor (local.get $h) (i32.const 0x9747b28c)) (i32.const 13))
          (i32.const 0xe6546b64)))
      (br $next))
    (local.get $h)))
