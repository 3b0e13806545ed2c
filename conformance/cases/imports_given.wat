;; Functions for another module: each looks at its parameters as numbers of one kind.
(module
  (func (export "signed") (param i32 i64) (result i64)
    (i64.add
      (i64.extend_i32_s (i32.div_s (i32.shr_s (local.get 0) (i32.const 1)) (i32.const 3)))
      (i64.mul (i64.shr_s (local.get 1) (i64.const 2)) (i64.const 5))))
  (func (export "floats") (param f32 f64) (result f64)
    (f64.sub (f64.promote_f32 (f32.neg (local.get 0))) (f64.sqrt (f64.abs (local.get 1)))))
  (func (export "both") (param i32 i64) (result i64 i32)
    (i64.sub (i64.const 0) (local.get 1)) (i32.sub (i32.const 0) (local.get 0)))
  (func (export "unsigned") (param i32 i64) (result i64)
    (i64.add
      (i64.extend_i32_u (i32.div_u (i32.shr_u (local.get 0) (i32.const 1)) (i32.const 3)))
      (i64.add
        (i64.div_u (local.get 1) (i64.const 5))
        (i64.extend_i32_u (i32.add
          (i32.lt_u (local.get 0) (i32.const 1000)) (i64.gt_u (local.get 1) (i64.const 1000))))))))
