;; A memory, a table and functions for modules that fail while they are instantiated.
(module
  (memory (export "memory") 1)
  (table (export "table") 4 funcref)
  (global $seen (export "seen") (mut i32) (i32.const 0))
  (type $number (func (result i32)))
  (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "call") (param i32) (result i32) (call_indirect (type $number) (local.get 0)))
  (func (export "see") (param i32) (global.set $seen (local.get 0)))
  (func (export "fail") (param i32)
    (global.set $seen (local.get 0)) (i32.store8 (i32.const 40) (local.get 0)) (unreachable)))
