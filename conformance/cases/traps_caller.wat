;; Calls functions of another instance.
(module
  (import "host" "fail" (func $fail (param i32)))
  (import "host" "see" (func $see (param i32)))
  (global $mine (export "mine") (mut i32) (i32.const 0))
  (func (export "call_fail")
    (global.set $mine (i32.const 1)) (call $fail (i32.const 42))
    (global.set $mine (i32.const 2)) (call $see (i32.const 43))))
