;; Functions that are called often, beside others that are not.
(module
  (type $body (func (param i32 i32 i64) (result i64)))
  (memory 1 4)
  (table $functions 16 funcref)
  (global $h (export "sum") (mut i64) (i64.const 0))
  (global $g (export "i32") (mut i32) (i32.const 77))
  (global $k (export "i64") (mut i64) (i64.const -5))
  ;; Calls a function with the inputs from one number to another.
  (func (export "sweep") (param $function i32) (param $from i32) (param $to i32) (result i64)
    (local $at i32)
    (call $reset)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $to)))
        (local.set $at (i32.add (i32.const 8192) (i32.shl (local.get $from) (i32.const 4))))
        (call $i64
          (call_indirect $functions (type $body)
            (i32.load (local.get $at)) (i32.load offset=4 (local.get $at))
            (i64.load offset=8 (local.get $at)) (local.get $function)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br $next)))
    (call $i32 (global.get $g))
    (call $i64 (global.get $k))
    (call $i64 (i64.load (i32.const 64)))
    (call $i64 (i64.load (i32.const 72)))
    (global.get $h))
  (func $reset (export "reset")
    (global.set $h (i64.const 0)) (global.set $g (i32.const 77)) (global.set $k (i64.const -5))
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 256))
    (i64.store (i32.const 8) (i64.const 0xfedcba9876543210))
    (i64.store (i32.const 16) (i64.const 0x7f80ff8000ff017f))
    (i64.store (i32.const 33) (i64.const 0x123456789abcdef0)))
  ;; Add a number to the sum.
  (func $i32 (param i32)
    (call $i64 (i64.extend_i32_u (local.get 0))))
  (func $i64 (param i64)
    (global.set $h (i64.add (i64.mul (global.get $h) (i64.const 0x9e3779b97f4a7c15))
      (i64.rotl (local.get 0) (i64.const 17)))))
  (type $number (func (param i32) (result i32)))
  (tag $thrown (param i32))
  (table $ways 6 funcref)
  (elem (table $ways) (i32.const 0) func $hot $slow $back $failing $throwing $nested)
  ;; Called often: a number for a number.
  (func $hot (param i32) (result i32)
    (i32.xor (i32.mul (local.get 0) (i32.const 7)) (i32.shr_u (local.get 0) (i32.const 3))))
  ;; Called seldom: some turns, each of which can be seen.
  (func $slow (param $n i32) (result i32)
    (loop $turn
      (global.set $g (i32.add (i32.mul (global.get $g) (i32.const 3)) (local.get $n)))
      (i32.store8 offset=64 (i32.and (local.get $n) (i32.const 15)) (global.get $g))
      (br_if $turn (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
    (global.get $g))
  ;; Called seldom, and calls what is called often.
  (func $back (param $n i32) (result i32)
    (local $m i32)
    (loop $turn
      (local.set $m (i32.add (call $hot (local.get $m)) (local.get $n)))
      (global.set $g (call $hot (i32.add (global.get $g) (i32.const 1))))
      (br_if $turn (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 2))) (i32.const 0))))
    (local.get $m))
  (func $deep (param $n i32) (param $f f64) (result i64)
    (if (result i64) (i32.eqz (local.get $n))
      (then (i64.reinterpret_f64 (local.get $f)))
      (else
        (global.set $g (i32.add (global.get $g) (local.get $n)))
        (i64.add (i64.extend_i32_u (call $hot (local.get $n)))
          (call $deep (i32.sub (local.get $n) (i32.const 1))
            (f64.mul (local.get $f) (f64.const -1.5)))))))
  (func $failing (param $n i32) (result i32)
    (global.set $g (i32.sub (global.get $g) (call $slow (local.get $n))))
    (i32.div_u (local.get $n) (i32.and (local.get $n) (i32.const 0x100))))
  (func $throwing (param $n i32) (result i32)
    (throw $thrown (call $slow (local.get $n))))
  (func $even (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
    (return_call $odd (i32.sub (local.get $n) (i32.const 1))))
  (func $odd (param $n i32) (result i32)
    (global.set $g (i32.add (global.get $g) (i32.const 2)))
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (return_call $even (i32.sub (local.get $n) (i32.const 1))))
  (elem declare func $slow $back $nested)
  ;; More loops in each other than some engines translate.
  (func $nested (param $n i32) (result i32)
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (loop
  (global.set $g (i32.add (global.get $g) (local.get $n)))
  (br_if 0 (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
  (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))))
    (global.get $g))
  (func $f0 (export "a new function") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $i32 (call $slow (i32.and (local.get $x) (i32.const 15))))
    (i64.extend_i32_u (local.get $m)))
  (func $f1 (export "one that calls back") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $i32 (call $back (i32.and (local.get $x) (i32.const 15)))) (call $i32 (call $back (i32.const 9)))
    (i64.extend_i32_u (local.get $m)))
  (func $f2 (export "through the table") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $i32 (call_indirect $ways (type $number) (i32.and (local.get $x) (i32.const 15)) (i32.const 1)))
    (call $i32 (call_indirect $ways (type $number) (i32.and (local.get $x) (i32.const 15))
      (i32.rem_u (local.get $y) (i32.const 3))))
    (i64.extend_i32_u (local.get $m)))
  (func $f3 (export "by reference") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $i32 (call_ref $number (i32.and (local.get $x) (i32.const 15)) (ref.func $slow)))
    (i64.extend_i32_u (local.get $m)))
  (func $f4 (export "recursion") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $i64 (call $deep (i32.and (local.get $x) (i32.const 15)) (f64.convert_i32_s (local.get $y))))
    (i64.extend_i32_u (local.get $m)))
  (func $f5 (export "a trap") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $i32 (call $failing (i32.and (local.get $x) (i32.const 15))))
    (i64.extend_i32_u (local.get $m)))
  (func $f6 (export "an exception") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $i32 (block $caught (result i32)
      (try_table (catch $thrown $caught) (drop (call $throwing (i32.and (local.get $x) (i32.const 15))))) (i32.const 0)))
    (call $i32 (block $caught (result i32)
      (try_table (catch $thrown $caught)
        (drop (call_indirect $ways (type $number) (i32.and (local.get $x) (i32.const 15)) (i32.const 4)))) (i32.const 0)))
    (i64.extend_i32_u (local.get $m)))
  (func $f7 (export "many loops in each other") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $i32 (call $nested (i32.and (local.get $x) (i32.const 15))))
    (call $i32 (call_indirect $ways (type $number) (i32.and (local.get $x) (i32.const 15)) (i32.const 5)))
    (call $i32 (call_ref $number (i32.and (local.get $x) (i32.const 15)) (ref.func $nested)))
    (i64.extend_i32_u (local.get $m)))
  (func $f8 (export "tail calls") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $i32 (call $even (i32.add (i32.and (local.get $x) (i32.const 15)) (i32.const 20))))
    (i64.extend_i32_u (local.get $m)))
  (func $f9 (export "operands that wait") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.add (i64.mul (local.get $z) (i64.const 3)) (i64.extend_i32_u (call $slow (i32.and (local.get $x) (i32.const 15)))))
    (i32.sub (i32.load (i32.const 64)) (call $back (i32.and (local.get $x) (i32.const 15))))
    (call $i32) (call $i64)
    (i64.extend_i32_u (local.get $m)))
  (func $f10 (export "now and then") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.set $n (i32.const 500))
    (loop $turn
      (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 97)))
        (then (call $i32 (call $slow (i32.const 3))))
        (else (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))))
      (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.extend_i32_u (local.get $m)))
  (func $f11 (export "taken over in the middle") (type $body)
    (param $x i32) (param $y i32) (param $z i64) (result i64) (local $n i32) (local $m i32) (local $w i64) (local $f f64) (local $h f32)
    (local.set $n (i32.const 450))
    (loop $warm
      (local.set $m (i32.add (local.get $m) (call $hot (local.get $n))))
      (br_if $warm (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.set $n (i32.const 700))
    (local.set $f (f64.convert_i32_s (local.get $y))) (local.set $h (f32.const 0.5))
    (loop $turn
      (local.set $w (i64.add (i64.rotl (local.get $w) (i64.const 5)) (local.get $z)))
      (local.set $f (f64.sub (f64.mul (local.get $f) (f64.const 0.75))
        (f64.convert_i32_u (local.get $n))))
      (local.set $h (f32.add (f32.neg (local.get $h)) (f32.demote_f64 (local.get $f))))
      (if (i32.eq (local.get $n) (i32.const 300)) (then (call $i32 (call $slow (i32.const 2)))))
      (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $i64 (local.get $w)) (call $i64 (i64.reinterpret_f64 (local.get $f)))
    (call $i32 (i32.reinterpret_f32 (local.get $h)))
    (i64.extend_i32_u (local.get $m)))
  (elem (i32.const 0) $f0 $f1 $f2 $f3 $f4 $f5 $f6 $f7 $f8 $f9 $f10 $f11)
  (data (i32.const 8192) "\00\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00")
  (data (i32.const 8208) "\01\00\00\00\01\00\00\00\ff\ff\ff\ff\ff\ff\ff\ff")
  (data (i32.const 8224) "\05\00\00\00\02\00\00\00\00\00\00\00\00\01\00\00")
  (data (i32.const 8240) "\0f\00\00\00\03\00\00\00\4d\00\00\00\00\00\00\00")
  (data (i32.const 8256) "\0a\00\00\00\04\00\00\00\00\00\00\00\00\00\00\c0")
  (data (i32.const 8272) "\0c\00\00\00\06\00\00\00\00\00\00\00\00\00\00\00"))
