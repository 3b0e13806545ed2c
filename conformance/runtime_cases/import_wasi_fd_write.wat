;; Imports env __wasi_fd_write.
(module
  (import "env" "__wasi_fd_write" (func (param i32 i32 i32 i32) (result i32))))
