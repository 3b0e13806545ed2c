;; A module that is invalid is refused: what validation forbids must never run.

;; a result of another type, too few operands, too many
(assert_invalid (module (func (export "f") (result i32) (i64.const 1))) "type mismatch")
(assert_invalid (module (func (export "f") (result i32) (i32.add (i32.const 1)))) "type mismatch")
(assert_invalid (module (func (export "f") (i32.const 1))) "type mismatch")
;; what is not there: a local, a function, a memory, a label
(assert_invalid (module (func (export "f") (result i32) (local.get 7))) "unknown local")
(assert_invalid (module (func (export "f") (call 7))) "unknown function")
(assert_invalid (module (func (export "f") (result i32) (i32.load (i32.const 0)))) "unknown memory")
(assert_invalid (module (func (export "f") (br 7))) "unknown label")
;; a constant that is written, an export that there is twice
(assert_invalid
  (module (global i32 (i32.const 1)) (func (export "f") (global.set 0 (i32.const 2))))
  "immutable global")
(assert_invalid (module (func (export "f")) (func (export "f"))) "duplicate export name")
