;; Wide arithmetic (proposal): sums, differences and products of 128 bits, low half first.
;; Expected values are derived by hand from the integers that the halves stand for.

(module
  (func (export "add128") (param i64 i64 i64 i64) (result i64 i64)
    (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "sub128") (param i64 i64 i64 i64) (result i64 i64)
    (i64.sub128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "mul_wide_s") (param i64 i64) (result i64 i64)
    (i64.mul_wide_s (local.get 0) (local.get 1)))
  (func (export "mul_wide_u") (param i64 i64) (result i64 i64)
    (i64.mul_wide_u (local.get 0) (local.get 1))))

;; 1 + 2, no carry
(assert_return (invoke "add128" (i64.const 1) (i64.const 0) (i64.const 2) (i64.const 0))
  (i64.const 3) (i64.const 0))
;; (2^64 - 1) + 1 carries into the upper half
(assert_return (invoke "add128" (i64.const -1) (i64.const 0) (i64.const 1) (i64.const 0))
  (i64.const 0) (i64.const 1))
;; (2^128 - 1) + 1 wraps to 0
(assert_return (invoke "add128" (i64.const -1) (i64.const -1) (i64.const 1) (i64.const 0))
  (i64.const 0) (i64.const 0))
;; 2^64 - 1 borrows from the upper half
(assert_return (invoke "sub128" (i64.const 0) (i64.const 1) (i64.const 1) (i64.const 0))
  (i64.const -1) (i64.const 0))
;; 0 - 1 wraps to 2^128 - 1
(assert_return (invoke "sub128" (i64.const 0) (i64.const 0) (i64.const 1) (i64.const 0))
  (i64.const -1) (i64.const -1))
;; -1 * -1 = 1 when signed, (2^64 - 1)^2 = 2^128 - 2^65 + 1 when not
(assert_return (invoke "mul_wide_s" (i64.const -1) (i64.const -1)) (i64.const 1) (i64.const 0))
(assert_return (invoke "mul_wide_u" (i64.const -1) (i64.const -1)) (i64.const 1) (i64.const -2))
;; -2^63 * 2 = -2^64 when signed, 2^64 when not
(assert_return (invoke "mul_wide_s" (i64.const 0x8000000000000000) (i64.const 2))
  (i64.const 0) (i64.const -1))
(assert_return (invoke "mul_wide_u" (i64.const 0x8000000000000000) (i64.const 2))
  (i64.const 0) (i64.const 1))

;; Others lie beneath the operands.
(module
  (func (export "beneath") (param i64 i64) (result i64 i64 i64)
    (i64.load (i32.const 8)) (local.get 0) (local.get 1) (i64.mul_wide_u))
  (func (export "beneath_sum") (param i64 i64) (result i64 i64 i64 i64)
    (i64.load (i32.const 8)) (i64.load (i32.const 16))
    (local.get 0) (local.get 1) (local.get 1) (local.get 0) (i64.add128))
  (memory 1)
  (data (i32.const 8) "\07\00\00\00\00\00\00\00\09"))
(assert_return (invoke "beneath" (i64.const -1) (i64.const 2))
  (i64.const 7) (i64.const -2) (i64.const 1))
(assert_return (invoke "beneath_sum" (i64.const -1) (i64.const 2))
  (i64.const 7) (i64.const 9) (i64.const 1) (i64.const 2))
