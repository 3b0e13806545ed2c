;; A program that is refused: functions are looked at before globals.
(module
  (import "gate" "x" (global i32)) (import "gate" "y_65536" (func)))
