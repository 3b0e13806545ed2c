;; A program that is refused: only functions can be imported.
(module
  (import "env" "memory" (memory 1)))
