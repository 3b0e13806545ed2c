;; Imports gate io_65535.
(module
  (import "gate" "io_65535" (func (param i32 i32 i32 i32 i32 i32 i64 i32))))
