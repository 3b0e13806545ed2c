;; A memory and a table with 64-bit addresses.
(module
  (memory i64 1)
  (table $t i64 1 funcref)
  (func (export "grow") (param i64) (result i64 i64) (memory.grow (local.get 0)) (memory.size))
  (func (export "grow_table") (param i64) (result i64 i64)
    (table.grow $t (ref.null func) (local.get 0)) (table.size $t))
  (func (export "load8") (param i64) (result i32) (i32.load8_u (local.get 0)))
  (func (export "load64_offset") (param i64) (result i64)
    (i64.load offset=0xffffffffffffffff (local.get 0))))
