;; Calls can be nested 5,000 deep, as compiled programs that call themselves do.

(module
  (func $sum (export "sum") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 0))
      (else
        (i32.add (local.get 0) (call $sum (i32.sub (local.get 0) (i32.const 1))))))))

(assert_return (invoke "sum" (i32.const 100)) (i32.const 5050))
(assert_return (invoke "sum" (i32.const 1000)) (i32.const 500500))
(assert_return (invoke "sum" (i32.const 1100)) (i32.const 605550))
(assert_return (invoke "sum" (i32.const 5000)) (i32.const 12502500))
