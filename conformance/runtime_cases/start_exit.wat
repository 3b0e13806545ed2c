;; A start function that ends the program.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  ;; include library.wat
  (start $begin)
  (func $begin (call $exit (i32.const 0)))
  (data (i32.const 1024)
    "entry\0a")
  (func (export "main")
    (call $log (i32.const 1024) (i32.const 6))))
