;; Recursion 8,000 calls deep, in which each call has something to do after the inner one.
(module
  (func $down (param $n i32) (result i32) (local $h i32) (local $i i32)
    (if (local.get $n)
      (then (local.set $h (call $down (i32.sub (local.get $n) (i32.const 1))))))
    (loop $next
      (local.set $h
        (i32.add (i32.mul (local.get $h) (i32.const 31)) (local.get $i)))
      (br_if $next
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.const 4000))))
    (local.get $h))
  (func (export "run") (result i32)
    (call $down (i32.const 8000))))
