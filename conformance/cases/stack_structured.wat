;; Each instruction with operands of others beneath its own, which it must leave alone.
(module
  (memory 1 4)
  (table $t 6 10 funcref)
  (elem $e func $f $f)
  (elem (table $t) (i32.const 0) func $f $g)
  (data $d "abcdef")
  (type $one (func (param i32) (result i32)))
  (type $none (func))
  (global $n (mut i32) (i32.const 3))
  (func $f (type $one) (i32.add (local.get 0) (i32.const 1)))
  (func $g (type $none))
  (func $two (param i32) (result i32 i64) (local.get 0) (i64.const 9))
  (func (export "select") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    i32.const 7 i32.const 8 local.get 0 select)
  (func (export "select_typed") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    ref.func $f ref.null func local.get 0 select (result funcref) ref.is_null)
  (func (export "local.set") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 i32.const 6 local.set 0 local.get 0 i32.add)
  (func (export "local.tee") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    i32.const 6 local.tee 0 local.get 0 i32.mul)
  (func (export "global.set") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 global.set $n global.get $n)
  (func (export "drop") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 i32.const 1 drop)
  (func (export "br_if") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    block (param i64 i32) (result i64 i32 i32) i32.const 7 local.get 0 br_if 0 drop i32.const 8 end)
  (func (export "br_out") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    block (result i32) i64.const 1 i64.const 2 i32.const 3 local.get 0 br 0 end)
  (func (export "br_table") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    block (result i32) block (result i32) f64.const 1 i32.const 7 local.get 0 br_table 0 1 0 end i32.const 1 i32.add end)
  (func (export "loop") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    i32.const 0 loop (param i32) (result i32) i32.const 2 i32.add local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end)
  (func (export "if") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    i32.const 1 local.get 0 if (param i32) (result i32) i32.const 2 i32.add else i32.const 3 i32.mul end)
  (func (export "call") (param i32) (result i64 i32 i32 i64)
    i64.const 1234567890123 i32.const 55
    local.get 0 call $two)
  (func (export "call_indirect") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 i32.const 0 call_indirect (type $one))
  (func (export "memory.size") (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    memory.size)
  (func (export "memory.grow") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 memory.grow)
  (func (export "memory.fill") (param i32) (result i64 i32 i64)
    i64.const 1234567890123 i32.const 55
    i32.const 16 local.get 0 i32.const 5 memory.fill i32.const 16 i64.load)
  (func (export "memory.copy") (param i32) (result i64 i32 i64)
    i64.const 1234567890123 i32.const 55
    local.get 0 i32.const 15 i32.const 6 memory.copy i32.const 16 i64.load)
  (func (export "memory.init") (param i32) (result i64 i32 i64)
    i64.const 1234567890123 i32.const 55
    i32.const 24 local.get 0 i32.const 3 memory.init $d i32.const 24 i64.load)
  (func (export "table.size") (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    table.size $t)
  (func (export "table.get") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 table.get $t ref.is_null)
  (func (export "table.set") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 ref.func $f table.set $t local.get 0 table.get $t ref.is_null)
  (func (export "table.fill") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    i32.const 2 ref.func $f local.get 0 table.fill $t i32.const 3 table.get $t ref.is_null)
  (func (export "table.copy") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 i32.const 5 i32.const 1 table.copy $t $t local.get 0 table.get $t ref.is_null)
  (func (export "table.init") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    i32.const 5 local.get 0 i32.const 1 table.init $t $e i32.const 5 table.get $t ref.is_null)
  (func (export "table.grow") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    ref.null func local.get 0 table.grow $t)
  (func (export "ref.is_null") (result i64 i32 i32 i32)
    i64.const 1234567890123 i32.const 55
    ref.null func ref.is_null ref.func $f ref.is_null)
)
