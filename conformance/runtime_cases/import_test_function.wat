;; A program that is refused: the functions for tests of embedders are not for programs.
(module
  (import "env" "rt_debug" (func (param i32 i32))))
