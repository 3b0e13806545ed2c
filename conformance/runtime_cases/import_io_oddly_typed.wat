;; A program that is refused: the type has to be right.
(module
  (import "gate" "io_65536" (func (param i64) (result i32))))
