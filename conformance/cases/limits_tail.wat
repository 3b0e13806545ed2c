;; Calls in place of the caller need no stack.
(module
  (type $number (func (param i32) (result i32)))
  (table 1 funcref)
  (elem (i32.const 0) func $hop)
  (func $down (export "down") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 44))))
    (return_call $down (i32.sub (local.get 0) (i32.const 1))))
  (func $hop (export "hop") (type $number)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 45))))
    (return_call_indirect (type $number) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))
