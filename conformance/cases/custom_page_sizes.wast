;; Custom page sizes (proposal): a memory in pages of one byte ends at any byte.

(module
  (memory (export "memory") 3 10 (pagesize 1))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0))))

(assert_return (invoke "size") (i32.const 3))
(assert_return (invoke "load8" (i32.const 2)) (i32.const 0))
(assert_trap (invoke "load8" (i32.const 3)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 7)) (i32.const 3))
(assert_return (invoke "load8" (i32.const 9)) (i32.const 0))
(assert_trap (invoke "load8" (i32.const 10)) "out of bounds memory access")
;; 10 pages are the declared maximum
(assert_return (invoke "grow" (i32.const 1)) (i32.const -1))

(assert_invalid (module (memory 0 (pagesize 2))) "invalid custom page size")
