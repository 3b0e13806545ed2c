;; A program that is refused: a size is written in ASCII digits.
(module
  (import "gate" "fd_6553\d9\a6" (func (result i32))))
