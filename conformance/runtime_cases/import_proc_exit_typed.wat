;; Imports wasi_snapshot_preview1 proc_exit.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i64))))
