;; The cost of exceptions.
(module
  (tag $number (param i32))
  (func $throw (throw $number (i32.const 5)))
  (func (export "catch") (result i32)
    (block $caught (result i32)
      (try_table (catch $number $caught) (call $throw) (drop (i32.const 1)))
      (i32.const 2)))
  (func (export "try_without_throw") (result i32)
    (block $caught (result i32)
      (try_table (catch $number $caught) (drop (i32.const 1)))
      (i32.const 2))))
