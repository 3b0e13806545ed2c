;; Calls every function of WASI that is only there to refuse, with descriptors that exist (4) and that
;; do not (9), and looks at the padding of what describes a descriptor.
(module
  (import "wasi_snapshot_preview1" "fd_advise"
    (func $fd_advise (param i32 i64 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_allocate"
    (func $fd_allocate (param i32 i64 i64) (result i32)))
  (import "wasi_snapshot_preview1" "fd_datasync"
    (func $fd_datasync (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_set_flags"
    (func $fd_fdstat_set_flags (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get"
    (func $fd_filestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_set_size"
    (func $fd_filestat_set_size (param i32 i64) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_set_times"
    (func $fd_filestat_set_times (param i32 i64 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread"
    (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get"
    (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pwrite"
    (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir"
    (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek"
    (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_sync"
    (func $fd_sync (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_tell"
    (func $fd_tell (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory"
    (func $path_create_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get"
    (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_set_times"
    (func $path_filestat_set_times (param i32 i32 i32 i32 i64 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_link"
    (func $path_link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_readlink"
    (func $path_readlink (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_remove_directory"
    (func $path_remove_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename"
    (func $path_rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink"
    (func $path_symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file"
    (func $path_unlink_file (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_shutdown"
    (func $sock_shutdown (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fd_fdstat_get (param i32 i32) (result i32)))
  ;; include library.wat
  (func (export "known")
    (call $print (call $fd_advise (i32.const 4) (i64.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $fd_allocate (i32.const 4) (i64.const 9) (i64.const 9)))
    (call $print (call $fd_datasync (i32.const 4)))
    (call $print (call $fd_fdstat_set_flags (i32.const 4) (i32.const 9)))
    (call $print (call $fd_filestat_get (i32.const 4) (i32.const 9)))
    (call $print (call $fd_filestat_set_size (i32.const 4) (i64.const 9)))
    (call $print (call $fd_filestat_set_times (i32.const 4) (i64.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $fd_pread (i32.const 4) (i32.const 9) (i32.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $fd_prestat_get (i32.const 4) (i32.const 9)))
    (call $print (call $fd_pwrite (i32.const 4) (i32.const 9) (i32.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $fd_readdir (i32.const 4) (i32.const 9) (i32.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $fd_seek (i32.const 4) (i64.const 9) (i32.const 9) (i32.const 9)))
    (call $print (call $fd_sync (i32.const 4)))
    (call $print (call $fd_tell (i32.const 4) (i32.const 9)))
    (call $print (call $path_create_directory (i32.const 4) (i32.const 9) (i32.const 9)))
    (call $print (call $path_filestat_get (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9)))
    (call $print (call $path_filestat_set_times (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 9) (i64.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $path_link (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 4) (i32.const 9) (i32.const 9)))
    (call $print (call $path_open (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9) (i64.const 9) (i64.const 9) (i32.const 9) (i32.const 9)))
    (call $print (call $path_readlink (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9)))
    (call $print (call $path_remove_directory (i32.const 4) (i32.const 9) (i32.const 9)))
    (call $print (call $path_rename (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 4) (i32.const 9) (i32.const 9)))
    (call $print (call $path_symlink (i32.const 9) (i32.const 9) (i32.const 4) (i32.const 9) (i32.const 9)))
    (call $print (call $path_unlink_file (i32.const 4) (i32.const 9) (i32.const 9)))
    (call $print (call $sock_shutdown (i32.const 4) (i32.const 9))))
  (func (export "unknown")
    (call $print (call $fd_advise (i32.const 9) (i64.const 4) (i64.const 4) (i32.const 4)))
    (call $print (call $fd_allocate (i32.const 9) (i64.const 4) (i64.const 4)))
    (call $print (call $fd_datasync (i32.const 9)))
    (call $print (call $fd_fdstat_set_flags (i32.const 9) (i32.const 4)))
    (call $print (call $fd_filestat_get (i32.const 9) (i32.const 4)))
    (call $print (call $fd_filestat_set_size (i32.const 9) (i64.const 4)))
    (call $print (call $fd_filestat_set_times (i32.const 9) (i64.const 4) (i64.const 4) (i32.const 4)))
    (call $print (call $fd_pread (i32.const 9) (i32.const 4) (i32.const 4) (i64.const 4) (i32.const 4)))
    (call $print (call $fd_prestat_get (i32.const 9) (i32.const 4)))
    (call $print (call $fd_pwrite (i32.const 9) (i32.const 4) (i32.const 4) (i64.const 4) (i32.const 4)))
    (call $print (call $fd_readdir (i32.const 9) (i32.const 4) (i32.const 4) (i64.const 4) (i32.const 4)))
    (call $print (call $fd_seek (i32.const 9) (i64.const 4) (i32.const 4) (i32.const 4)))
    (call $print (call $fd_sync (i32.const 9)))
    (call $print (call $fd_tell (i32.const 9) (i32.const 4)))
    (call $print (call $path_create_directory (i32.const 9) (i32.const 4) (i32.const 4)))
    (call $print (call $path_filestat_get (i32.const 9) (i32.const 4) (i32.const 4) (i32.const 4) (i32.const 4)))
    (call $print (call $path_filestat_set_times (i32.const 9) (i32.const 4) (i32.const 4) (i32.const 4) (i64.const 4) (i64.const 4) (i32.const 4)))
    (call $print (call $path_link (i32.const 9) (i32.const 4) (i32.const 4) (i32.const 4) (i32.const 9) (i32.const 4) (i32.const 4)))
    (call $print (call $path_open (i32.const 9) (i32.const 4) (i32.const 4) (i32.const 4) (i32.const 4) (i64.const 4) (i64.const 4) (i32.const 4) (i32.const 4)))
    (call $print (call $path_readlink (i32.const 9) (i32.const 4) (i32.const 4) (i32.const 4) (i32.const 4) (i32.const 4)))
    (call $print (call $path_remove_directory (i32.const 9) (i32.const 4) (i32.const 4)))
    (call $print (call $path_rename (i32.const 9) (i32.const 4) (i32.const 4) (i32.const 9) (i32.const 4) (i32.const 4)))
    (call $print (call $path_symlink (i32.const 4) (i32.const 4) (i32.const 9) (i32.const 4) (i32.const 4)))
    (call $print (call $path_unlink_file (i32.const 9) (i32.const 4) (i32.const 4)))
    (call $print (call $sock_shutdown (i32.const 9) (i32.const 4))))
  (func (export "half")
    (call $print (call $fd_advise (i32.const 4) (i64.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $fd_allocate (i32.const 4) (i64.const 9) (i64.const 9)))
    (call $print (call $fd_datasync (i32.const 4)))
    (call $print (call $fd_fdstat_set_flags (i32.const 4) (i32.const 9)))
    (call $print (call $fd_filestat_get (i32.const 4) (i32.const 9)))
    (call $print (call $fd_filestat_set_size (i32.const 4) (i64.const 9)))
    (call $print (call $fd_filestat_set_times (i32.const 4) (i64.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $fd_pread (i32.const 4) (i32.const 9) (i32.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $fd_prestat_get (i32.const 4) (i32.const 9)))
    (call $print (call $fd_pwrite (i32.const 4) (i32.const 9) (i32.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $fd_readdir (i32.const 4) (i32.const 9) (i32.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $fd_seek (i32.const 4) (i64.const 9) (i32.const 9) (i32.const 9)))
    (call $print (call $fd_sync (i32.const 4)))
    (call $print (call $fd_tell (i32.const 4) (i32.const 9)))
    (call $print (call $path_create_directory (i32.const 4) (i32.const 9) (i32.const 9)))
    (call $print (call $path_filestat_get (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9)))
    (call $print (call $path_filestat_set_times (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 9) (i64.const 9) (i64.const 9) (i32.const 9)))
    (call $print (call $path_link (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9)))
    (call $print (call $path_open (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9) (i64.const 9) (i64.const 9) (i32.const 9) (i32.const 9)))
    (call $print (call $path_readlink (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9)))
    (call $print (call $path_remove_directory (i32.const 4) (i32.const 9) (i32.const 9)))
    (call $print (call $path_rename (i32.const 4) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9) (i32.const 9)))
    (call $print (call $path_symlink (i32.const 9) (i32.const 9) (i32.const 4) (i32.const 9) (i32.const 9)))
    (call $print (call $path_unlink_file (i32.const 4) (i32.const 9) (i32.const 9)))
    (call $print (call $sock_shutdown (i32.const 4) (i32.const 9))))
  (func (export "padding")
    (memory.fill (i32.const 2047) (i32.const 255) (i32.const 32))
    (drop (call $fd_fdstat_get (i32.const 4) (i32.const 2048)))
    (call $print (i32.load8_u (i32.const 2047)))
    (call $print (i32.load8_u (i32.const 2049)))
    (call $print (i32.load8_u (i32.const 2052)))
    (call $print (i32.load8_u (i32.const 2053)))
    (call $print (i32.load8_u (i32.const 2054)))
    (call $print (i32.load8_u (i32.const 2055)))
    (call $print (i32.load8_u (i32.const 2072)))))
