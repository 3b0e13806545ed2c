;; A program without memory, whose entry is a function of the host, and the older type of `io`.
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "gate" "io_65536" (func $io (param i32 i32 i32 i32 i32 i32 i64)))
  (export "yield" (func $yield))
  (func (export "io")
    (call $io (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 0))))
