;; Imports gate io_99999999999999.
(module
  (import "gate" "io_99999999999999" (func (param i32 i32 i32 i32 i32 i32 i64 i32))))
