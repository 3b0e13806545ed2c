;; A program that is refused: WASI offers no such function.
(module
  (import "wasi_unstable" "fd_fly" (func)))
