;; Imports env __gate_io_65536.
(module
  (import "env" "__gate_io_65536" (func (param i32 i32 i32 i32 i32 i32 i64 i32))))
