;; A program that is refused: a Gate function has a size behind its name.
(module
  (import "env" "__gate_fd" (func (result i32))))
