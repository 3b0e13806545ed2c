;; A program with the entry that it chooses itself.
(module
  ;; include library.wat
  (data (i32.const 1024)
    "start\0a")
  (data (i32.const 1032)
    "other\0a")
  (func (export "_start")
    (call $log (i32.const 1024) (i32.const 6)))
  (func (export "other")
    (call $log (i32.const 1032) (i32.const 6))))
