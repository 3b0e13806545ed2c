;; A loop that never returns, which calls a function with a loop over memory.
(module
  (memory 1)
  (func $sum (param $from i32) (result i32) (local $i i32) (local $h i32)
    (loop $next
      (local.set $h
        (i32.add
          (i32.mul (local.get $h) (i32.const 31))
          (i32.load (i32.add (local.get $from) (local.get $i)))))
      (br_if $next
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 4)))
          (i32.const 256))))
    (local.get $h))
  (func (export "run") (result i32) (local $at i32)
    (loop $next
      (i32.store (local.get $at) (call $sum (local.get $at)))
      (local.set $at
        (i32.and (i32.add (local.get $at) (i32.const 4)) (i32.const 0x7fff)))
      (br $next))
    (local.get $at)))
