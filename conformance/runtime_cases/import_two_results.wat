;; A program that is refused: the type has to be right.
(module
  (import "wasi_unstable" "sched_yield" (func (param i32 f64) (result i32 i64))))
