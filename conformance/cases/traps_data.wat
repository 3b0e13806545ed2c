;; The second of three data segments does not fit.
(module
  (import "host" "memory" (memory 1))
  (import "host" "see" (func $see (param i32)))
  (data (i32.const 10) "\01\02")
  (data (i32.const 65535) "\03\04")
  (data (i32.const 20) "\05")
  (func $start (call $see (i32.const 3)))
  (start $start))
