;; A trap in what is called in place of the caller.
(module
  (memory 1)
  (global $seen (export "seen") (mut i32) (i32.const 0))
  (func $trap (param i32) (result i32)
    (global.set $seen (i32.const 1)) (i32.div_u (local.get 0) (i32.const 0)))
  (func (export "tail") (param i32) (result i32) (return_call $trap (local.get 0)))
  (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0))))
