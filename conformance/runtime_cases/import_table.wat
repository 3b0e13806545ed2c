;; A program that is refused: only functions can be imported.
(module
  (import "env" "table" (table 1 funcref)))
