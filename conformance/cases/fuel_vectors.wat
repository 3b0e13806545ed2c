;; The cost of vectors.
(module
  (func (export "vectors") (result i32)
    (i32x4.extract_lane 0 (i32x4.add (i32x4.splat (i32.const 3)) (v128.const i32x4 1 2 3 4)))))
