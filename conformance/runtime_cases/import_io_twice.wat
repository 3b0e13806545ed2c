;; A program that is refused: a name has one type in a program, also where there is a choice.
(module
  (import "gate" "io_65536" (func (param i32 i32 i32 i32 i32 i32 i64 i32))) (import "gate" "io_65536" (func (param i32 i32 i32 i32 i32 i32 i64))))
