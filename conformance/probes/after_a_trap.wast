;; After a trap the instance goes on as if the call had never been made, whatever has trapped.

(module
  (memory 1)
  (func (export "one") (result i32) (i32.const 1))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "unreachable") (unreachable))
  (func (export "deep") (result i32) (i32.add (i32.const 1) (call $inner)))
  (func $inner (result i32) (i32.add (i32.const 1) (unreachable)))
  (func (export "load") (result i32) (i32.load (i32.const -1)))
  (func (export "divide") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0))))

(assert_return (invoke "one") (i32.const 1))
(assert_trap (invoke "unreachable") "unreachable")
(assert_return (invoke "one") (i32.const 1))
(assert_return (invoke "add" (i32.const 2) (i32.const 3)) (i32.const 5))
(assert_trap (invoke "deep") "unreachable")
(assert_return (invoke "one") (i32.const 1))
(assert_trap (invoke "load") "out of bounds memory access")
(assert_return (invoke "one") (i32.const 1))
(assert_trap (invoke "divide" (i32.const 0)) "integer divide by zero")
(assert_return (invoke "one") (i32.const 1))
(assert_return (invoke "add" (i32.const 4) (i32.const 5)) (i32.const 9))
