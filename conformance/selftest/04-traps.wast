;; Traps are told from results and from an exhausted stack, and the instance can be used afterwards.
;; What a module did before it trapped while it was instantiated stays done.
(module $m
  (memory (export "memory") 1)
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "unreachable") (unreachable))
  (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $deep (export "deep") (result i32) (i32.add (call $deep) (i32.const 1))))
(register "m" $m)
(assert_trap (invoke "unreachable") "unreachable")
(assert_trap (invoke "div" (i32.const 1) (i32.const 0)) "integer divide by zero")
(assert_trap (invoke "load" (i32.const 65533)) "out of bounds memory access")
(assert_return (invoke "div" (i32.const 6) (i32.const 3)) (i32.const 2))
(assert_exhaustion (invoke "deep") "call stack exhausted")
(assert_return (invoke "div" (i32.const 6) (i32.const 2)) (i32.const 3))
(assert_trap (module (func $f (unreachable)) (start $f)) "unreachable")
(assert_trap
  (module (import "m" "memory" (memory 1)) (data (i32.const 8) "\05") (data (i32.const 65536) "\01"))
  "out of bounds memory access")
(assert_return (invoke $m "load" (i32.const 8)) (i32.const 5))
