"""Small guest programs in the text format, for tests that need a certain behaviour."""

from __future__ import annotations

PRINTS = """
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 32) "\\10\\00\\00\\00\\0c\\00\\00\\00")
  (data (i32.const 16) "guest \\1b[31m!\\0a")
  (func (export "main") (result i32)
    (call $write (i32.const 2) (i32.const 32) (i32.const 1) (i32.const 8))))
"""
"""Writes a line with a terminal command in it to its debug log, and succeeds."""

COUNTS = """
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $count (mut i64) (i64.const 0))
  (data (i32.const 32) "\\10\\00\\00\\00\\08\\00\\00\\00")
  (data (i32.const 16) "started\\0a")
  (func (export "forever")
    (local $i i64)
    (drop (call $write (i32.const 2) (i32.const 32) (i32.const 1) (i32.const 8)))
    (loop $again
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (global.set $count (i64.add (global.get $count) (i64.const 1)))
      (if (i64.ne (local.get $i) (global.get $count)) (then (unreachable)))
      (br $again)))
  (func (export "times")
    (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 1000)))))
  (func (export "add") (global.set $count (i64.add (global.get $count) (i64.const 1))))
  (func (export "check") (result i32) (i32.wrap_i64 (global.get $count))))
"""
"""Entry `forever` says `started`, then counts in a local and in a global, which must agree."""

ENDS = """
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))
  (import "env" "__gate_fd_65536" (func (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 32) "\\10\\00\\00\\00\\08\\00\\00\\00")
  (data (i32.const 16) "\\07\\00\\00\\00\\ff\\ff\\00\\00")
  (func (export "well") (result i32) (i32.const 0))
  (func (export "badly") (result i32) (i32.const 7))
  (func (export "exit") (call $exit (i32.const 0)))
  (func (export "exit_badly") (call $exit (i32.const 3)))
  (func (export "unreachable") (unreachable))
  (func (export "divide") (drop (i32.div_s (i32.const 1) (i32.const 0))))
  (func $recurse (export "recurse") (call $recurse))
  (func (export "raise") (drop (call $raise (i32.const 1))))
  (func (export "bad_packet")
    (drop (call $write (i32.const 4) (i32.const 32) (i32.const 1) (i32.const 8)))
    (loop $wait (br $wait))))
"""
"""Has an entry for every way to end."""
