;; A module that is loaded has what it declares: its exports are there, and its segments are applied.

(module
  (memory (export "memory") 1)
  (data (i32.const 0) "\2a")
  (global (export "global") i32 (i32.const 7))
  (func (export "load") (result i32) (i32.load8_u (i32.const 0))))

(assert_return (invoke "load") (i32.const 42))
(assert_return (get "global") (i32.const 7))
