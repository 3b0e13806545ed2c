;; Exports that can be entries, and some that cannot, among them one with a name that says otherwise.
(module
  ;; include library.wat
  (global (export "count") (mut i32) (i32.const 0))
  (func $say (param $n i32)
    (global.set 0 (i32.add (global.get 0) (local.get $n)))
    (call $print (global.get 0)))
  (func (export "_start") (param i32)
    (call $say (i32.const 100)))
  (func (export "one") (call $say (i32.const 1)))
  (func (export "two") (result i32) (call $say (i32.const 2)) (i32.const 0))
  (func (export "long") (result i64) (i64.const 0))
  (func (export "pair") (result i32 i32) (i32.const 0) (i32.const 0))
  (func (export "waits") (call $until_resumed) (call $say (i32.const 10))))
