;; A start function that speaks before the entry does.
(module
  ;; include library.wat
  (start $begin)
  (func $begin (call $log (i32.const 1032) (i32.const 1)))
  (data (i32.const 1024)
    "B\0a")
  (data (i32.const 1032)
    "A")
  (func (export "main")
    (call $log (i32.const 1024) (i32.const 2))))
