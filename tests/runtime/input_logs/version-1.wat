;; The program of the logs beside this file: it looks at the clocks, takes random bytes, says what
;; it is doing, sends a packet to a service that does not exist, waits for an answer, and exits.
(module
  (import "gate" "io_65536" (func $io (param i32 i32 i32 i32 i32 i32 i64 i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\40\00\00\00\06\00\00\00")
  (data (i32.const 24) "\50\00\00\00\10\00\00\00")
  (data (i32.const 32) "\80\00\00\00\00\01\00\00")
  (data (i32.const 64) "hello\0a")
  ;; Discovery of one service, "x".
  (data (i32.const 80) "\0c\00\00\00\ff\ff\00\00\01\00\01x\00\00\00\00")
  (func (export "main")
    (local $i i32)
    (loop $again
      (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 1000)))
      (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 1008)))
      (drop (call $random (i32.const 1016) (i32.const 4)))
      (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 3))))
    (call $io (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 24) (i32.const 1) (i32.const 4) (i64.const 0) (i32.const 0))
    (call $io (i32.const 32) (i32.const 1) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 4) (i64.const -1) (i32.const 0))
    (call $exit (i32.load (i32.const 1016)))))
