;; A trap beside exceptions.
(module
  (global $seen (export "seen") (mut i32) (i32.const 0))
  (func $trap (param i32) (result i32)
    (global.set $seen (i32.const 1)) (i32.div_u (local.get 0) (i32.const 0)))
  (func (export "try_all") (result i32)
    (block $caught (result i32)
      (block $all
        (try_table (catch_all $all) (br $caught (call $trap (i32.const 1)))))
      (global.set $seen (i32.const 2))
      (i32.const 3))))
