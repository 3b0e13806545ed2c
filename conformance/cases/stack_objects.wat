;; Each instruction with operands of others beneath its own, which it must leave alone.
(module
  (type $a (array (mut i32)))
  (type $b (array (mut i8)))
  (type $s (struct (field (mut i32)) (field (mut i8)) (field f64)))
  (type $f (func (param i32) (result i32)))
  (data $d "\81\02\03\04\05\06\07\08")
  (elem declare func $inc)
  (func $inc (type $f) (i32.add (local.get 0) (i32.const 1)))
  (func (export "struct.new") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 i32.const 2 f64.const 3 struct.new $s struct.get $s 0)
  (func (export "struct.new_default") (result i64 i32 f64)
    i64.const 1234567890123 i32.const 55
    struct.new_default $s struct.get $s 2)
  (func (export "struct.get_s") (param i32) (result i64 i32 i32 i32)
    i64.const 1234567890123 i32.const 55
    i32.const 1 local.get 0 f64.const 3 struct.new $s struct.get_s $s 1 i32.const 1 local.get 0 f64.const 3 struct.new $s struct.get_u $s 1)
  (func (export "struct.set") (param i32) (result i64 i32 i32) (local (ref null $s))
    i64.const 1234567890123 i32.const 55
    struct.new_default $s local.tee 1 local.get 0 struct.set $s 0 local.get 1 struct.get $s 0)
  (func (export "array.new") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    i32.const 7 local.get 0 array.new $a array.len)
  (func (export "array.new_default") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 array.new_default $a array.len)
  (func (export "array.new_fixed") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    i32.const 5 local.get 0 i32.const 6 array.new_fixed $a 3 i32.const 1 array.get $a)
  (func (export "array.new_data") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 i32.const 4 array.new_data $a $d i32.const 0 array.get $a)
  (func (export "array.get_s") (param i32) (result i64 i32 i32 i32) (local (ref null $b))
    i64.const 1234567890123 i32.const 55
    local.get 0 i32.const 2 array.new $b local.tee 1 i32.const 1 array.get_s $b local.get 1 i32.const 1 array.get_u $b)
  (func (export "array.set") (param i32) (result i64 i32 i32) (local (ref null $a))
    i64.const 1234567890123 i32.const 55
    i32.const 3 array.new_default $a local.tee 1 i32.const 2 local.get 0 array.set $a local.get 1 i32.const 2 array.get $a)
  (func (export "array.fill") (param i32) (result i64 i32 i32 i32) (local (ref null $a))
    i64.const 1234567890123 i32.const 55
    i32.const 5 array.new_default $a local.tee 1 i32.const 1 i32.const 9 local.get 0 array.fill $a local.get 1 i32.const 2 array.get $a local.get 1 i32.const 3 array.get $a)
  (func (export "array.copy") (param i32) (result i64 i32 i32) (local (ref null $a) (ref null $a))
    i64.const 1234567890123 i32.const 55
    i32.const 5 array.new_default $a local.tee 1 i32.const 1 i32.const 4 i32.const 3 array.new $a i32.const 0 local.get 0 array.copy $a $a local.get 1 i32.const 2 array.get $a)
  (func (export "array.init_data") (param i32) (result i64 i32 i32) (local (ref null $a))
    i64.const 1234567890123 i32.const 55
    i32.const 5 array.new_default $a local.tee 1 i32.const 1 local.get 0 i32.const 1 array.init_data $a $d local.get 1 i32.const 1 array.get $a)
  (func (export "i31") (param i32) (result i64 i32 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 ref.i31 i31.get_s local.get 0 ref.i31 i31.get_u)
  (func (export "ref.test") (param i32) (result i64 i32 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 ref.i31 ref.test (ref i31) ref.null any ref.test (ref null i31))
  (func (export "ref.cast") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 ref.i31 ref.cast (ref i31) i31.get_u)
  (func (export "ref.eq") (param i32) (result i64 i32 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 ref.i31 i32.const 3 ref.i31 ref.eq struct.new_default $s struct.new_default $s ref.eq)
  (func (export "br_on_null") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    block (result i32) i32.const 4 i32.const 1 ref.i31 ref.null i31 local.get 0 select (result i31ref) br_on_null 0 drop drop i32.const 5 end)
  (func (export "br_on_non_null") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    block (result (ref i31)) i32.const 9 ref.i31 ref.null i31 local.get 0 select (result i31ref) br_on_non_null 0 i32.const 3 ref.i31 end i31.get_u)
  (func (export "br_on_cast") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    block (result (ref i31)) i32.const 9 ref.i31 i32.const 1 array.new_default $a local.get 0 select (result anyref) br_on_cast 0 anyref (ref i31) drop i32.const 3 ref.i31 end i31.get_u)
  (func (export "br_on_cast_fail") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    block (result anyref) i32.const 9 ref.i31 i32.const 1 array.new_default $a local.get 0 select (result anyref) br_on_cast_fail 0 anyref (ref i31) drop ref.null none end ref.is_null)
  (func (export "call_ref") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 ref.func $inc call_ref $f)
  (func (export "ref.as_non_null") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 ref.i31 ref.as_non_null i31.get_u)
  (func (export "extern") (param i32) (result i64 i32 i32)
    i64.const 1234567890123 i32.const 55
    local.get 0 ref.i31 extern.convert_any any.convert_extern ref.test (ref i31))
)
