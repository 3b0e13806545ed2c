;; The cost of calls in place of the caller.
(module
  (func $last (param i32) (result i32) (local.get 0))
  (func (export "tail_call") (param i32) (result i32) (return_call $last (local.get 0)))
  (func $down (export "tail_calls") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (return_call $down (i32.sub (local.get 0) (i32.const 1)))))
