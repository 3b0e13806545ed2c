;; Exported globals are read with all their bits.
(module
  (global (export "i32") i32 (i32.const -1))
  (global (export "i64") (mut i64) (i64.const 0x8000000000000000))
  (global (export "f32") f32 (f32.const nan:0x200000))
  (global (export "f64") (mut f64) (f64.const -0.0))
  (func (export "set") (global.set 1 (i64.const 5))))
(assert_return (get "i32") (i32.const -1))
(assert_return (get "i64") (i64.const 0x8000000000000000))
(assert_return (get "f32") (f32.const nan:0x200000))
(assert_return (get "f64") (f64.const -0.0))
(invoke "set")
(assert_return (get "i64") (i64.const 5))
