;; A program that is refused: the size is at least 65536.
(module
  (import "gate" "fd_1" (func (result i32))))
