;; NaNs keep their sign and every bit of their payload, the signalling ones too. The instructions
;; look at the bits, so that a NaN that was lost on the way in is told from one lost on the way out.
(module
  (func (export "bits32") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
  (func (export "make32") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0)))
  (func (export "bits64") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))
  (func (export "make64") (param i64) (result f64) (f64.reinterpret_i64 (local.get 0)))
  (func (export "div") (param f32 f32) (result f32) (f32.div (local.get 0) (local.get 1))))
(assert_return (invoke "bits32" (f32.const nan:0x400001)) (i32.const 0x7fc00001))
(assert_return (invoke "bits32" (f32.const -nan:0x200000)) (i32.const 0xffa00000))
(assert_return (invoke "make32" (i32.const 0x7fc00001)) (f32.const nan:0x400001))
(assert_return (invoke "make32" (i32.const 0xffa00000)) (f32.const -nan:0x200000))
(assert_return (invoke "bits64" (f64.const nan:0x8000000000001)) (i64.const 0x7ff8000000000001))
(assert_return (invoke "bits64" (f64.const -nan:0x1)) (i64.const 0xfff0000000000001))
(assert_return (invoke "make64" (i64.const 0x7ff8000000000001)) (f64.const nan:0x8000000000001))
(assert_return (invoke "make64" (i64.const 0xfff0000000000001)) (f64.const -nan:0x1))
(assert_return (invoke "div" (f32.const 0) (f32.const 0)) (f32.const nan:canonical))
