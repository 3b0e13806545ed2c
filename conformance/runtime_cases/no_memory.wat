;; A program without memory that calls what needs one.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (func (export "touches") (result i32)
    (call $sizes (i32.const 8) (i32.const 16)))
  (func (export "touches_not") (result i32)
    (call $args (i32.const 8) (i32.const 16))))
