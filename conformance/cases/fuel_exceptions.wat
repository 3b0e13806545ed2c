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
      (i32.const 2)))
  ;; A throw that is all that stands behind a loop, and one that a branch out of it leads to.
  (tag $nothing)
  (func $behind (export "uncaught behind a loop") (param $turns i32)
    (loop $again
      (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
    (throw $nothing))
  (func $out (param $turns i32)
    (block $leave
      (loop $again
        (br_if $leave (i32.eqz (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
        (br $again)))
    (throw $nothing))
  (func (export "behind a loop") (param $turns i32)
    (block $caught (try_table (catch $nothing $caught) (call $behind (local.get $turns)))))
  (func (export "out of a loop") (param $turns i32)
    (block $caught (try_table (catch $nothing $caught) (call $out (local.get $turns))))))
