;; Its start function is imported, indirectly, and traps in another instance.
(module
  (import "host" "fail" (func $fail (param i32)))
  (func $start (call $fail (i32.const 77)))
  (start $start))
