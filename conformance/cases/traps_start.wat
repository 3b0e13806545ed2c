;; Its start function writes, and traps.
(module
  (import "host" "memory" (memory 1))
  (import "host" "see" (func $see (param i32)))
  (func $start
    (i32.store8 (i32.const 5) (i32.const 9)) (call $see (i32.const 1))
    (drop (i32.div_u (i32.const 1) (i32.const 0))) (call $see (i32.const 2)))
  (start $start)
  (func (export "never") (result i32) (i32.const 1)))
