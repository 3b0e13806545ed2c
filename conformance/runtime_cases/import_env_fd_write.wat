;; A program that is refused: env offers WASI functions only with their prefix.
(module
  (import "env" "fd_write" (func (param i32 i32 i32 i32) (result i32))))
