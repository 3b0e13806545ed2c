;; Modules that are malformed or invalid are refused by `load`, and nothing else changes.
(module (func (export "one") (result i32) (i32.const 1)))
(assert_malformed (module binary "\00asm\02\00\00\00") "unknown binary version")
(assert_malformed (module binary "\00as") "unexpected end")
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_invalid (module (func (result i32) (i64.const 0))) "type mismatch")
(assert_return (invoke "one") (i32.const 1))
