;; The second of three element segments does not fit; a data segment comes after them.
(module
  (import "host" "table" (table 4 funcref))
  (import "host" "memory" (memory 1))
  (func $seven (result i32) (i32.const 7))
  (elem (i32.const 1) func $seven)
  (elem (i32.const 3) func $seven $seven)
  (elem (i32.const 2) func $seven)
  (data (i32.const 30) "\06"))
