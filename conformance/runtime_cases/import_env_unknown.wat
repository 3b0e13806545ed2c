;; A program that is refused: WASI offers no such function.
(module
  (import "env" "__wasi_fd_fly" (func)))
