;; A memory and a table that may not become large.
(module
  (memory (export "memory") 1 3)
  (table $t 1 3 funcref)
  (func (export "grow") (param i32) (result i32 i32) (memory.grow (local.get 0)) (memory.size))
  (func (export "grow_table") (param i32) (result i32 i32)
    (table.grow $t (ref.null func) (local.get 0)) (table.size $t))
  (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0))))
