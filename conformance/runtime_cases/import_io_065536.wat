;; Imports gate io_065536.
(module
  (import "gate" "io_065536" (func (param i32 i32 i32 i32 i32 i32 i64 i32))))
