;; Vectors at the end of the memory.
(module
  (memory 1)
  (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "store_vector") (param i32) (v128.store (local.get 0) (v128.const i32x4 -1 -1 -1 -1)))
  (func (export "store_lane") (param i32)
    (v128.store32_lane 2 (local.get 0) (v128.const i32x4 -1 -1 -1 -1)))
  (func (export "load_splat") (param i32) (result v128) (v128.load64_splat (local.get 0))))
