;; Imports gate io_x.
(module
  (import "gate" "io_x" (func (param i32 i32 i32 i32 i32 i32 i64 i32))))
