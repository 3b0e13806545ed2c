;; Vectors pass as four 32-bit lanes, the lowest first, beside other values. Only for engines that
;; have them.
;; features: vectors
(module
  (global (export "global") v128 (v128.const i32x4 1 2 3 4))
  (func (export "same") (param v128) (result v128) (local.get 0))
  (func (export "first") (param v128) (result i32) (i32x4.extract_lane 0 (local.get 0)))
  (func (export "last") (param v128) (result i32) (i8x16.extract_lane_u 15 (local.get 0)))
  (func (export "mixed") (param i32 v128 f64) (result f64 v128 i32)
    (local.get 2) (local.get 1) (local.get 0)))
(assert_return (invoke "first" (v128.const i32x4 1 2 3 4)) (i32.const 1))
(assert_return (invoke "last" (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 255)) (i32.const 255))
(assert_return (invoke "same" (v128.const i64x2 -2 0x0123456789abcdef)) (v128.const i64x2 -2 0x0123456789abcdef))
(assert_return (invoke "same" (v128.const f32x4 nan:0x200000 -0.0 1 2)) (v128.const f32x4 nan:0x200000 -0.0 1 2))
(assert_return (invoke "mixed" (i32.const -1) (v128.const i32x4 5 6 7 8) (f64.const 0.5))
  (f64.const 0.5) (v128.const i32x4 5 6 7 8) (i32.const -1))
(assert_return (get "global") (v128.const i32x4 1 2 3 4))
