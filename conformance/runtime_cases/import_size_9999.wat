;; A program that is refused: the size is at least 65536.
(module
  (import "gate" "fd_9999" (func (result i32))))
