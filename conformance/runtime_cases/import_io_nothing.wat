;; Imports gate io_.
(module
  (import "gate" "io_" (func (param i32 i32 i32 i32 i32 i32 i64 i32))))
