;; The same functions by all the names that they have, and both types of `io`.
(module
  (import "wasi_unstable" "sched_yield" (func $unstable (result i32)))
  (import "env" "__wasi_sched_yield" (func $prefixed (result i32)))
  (import "env" "__gate_fd_65537" (func $fd (result i32)))
  (import "gate" "fd_100000" (func $larger (result i32)))
  (import "env" "__gate_io_70000" (func $older (param i32 i32 i32 i32 i32 i32 i64)))
  ;; include library.wat
  (func (export "main")
    (call $print (call $unstable))
    (call $print (call $prefixed))
    (call $print (call $fd))
    (call $print (call $larger))
    (call $older (i32.const 0) (i32.const 0) (i32.const 2048)
      (i32.const 0) (i32.const 0) (i32.const 2052) (i64.const 0))
    (call $print (i32.load (i32.const 2048)))))
