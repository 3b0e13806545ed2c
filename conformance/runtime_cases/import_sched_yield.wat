;; Imports wasi_unstable sched_yield.
(module
  (import "wasi_unstable" "sched_yield" (func (result i32))))
