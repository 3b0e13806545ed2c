;; Bytes to text: 3 n bytes from a generator in Base64, then an FNV hash of the text.
(module
  (memory 4)
  (data (i32.const 0) "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  (func $encode (param $from i32) (param $end i32) (param $to i32) (result i32)
    (local $three i32)
    (loop $next
      (local.set $three
        (i32.or
          (i32.or
            (i32.shl (i32.load8_u (local.get $from)) (i32.const 16))
            (i32.shl (i32.load8_u offset=1 (local.get $from)) (i32.const 8)))
          (i32.load8_u offset=2 (local.get $from))))
      (i32.store8 (local.get $to)
        (i32.load8_u (i32.shr_u (local.get $three) (i32.const 18))))
      (i32.store8 offset=1 (local.get $to)
        (i32.load8_u
          (i32.and (i32.shr_u (local.get $three) (i32.const 12)) (i32.const 63))))
      (i32.store8 offset=2 (local.get $to)
        (i32.load8_u
          (i32.and (i32.shr_u (local.get $three) (i32.const 6)) (i32.const 63))))
      (i32.store8 offset=3 (local.get $to)
        (i32.load8_u (i32.and (local.get $three) (i32.const 63))))
      (local.set $from (i32.add (local.get $from) (i32.const 3)))
      (local.set $to (i32.add (local.get $to) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $end))))
    (local.get $to))
  (func (export "run") (param $n i32) (result i32)
    (local $i i32) (local $end i32) (local $stop i32) (local $h i32)
    (local.set $i (i32.const 64))
    (local.set $end (i32.add (i32.mul (local.get $n) (i32.const 3)) (i32.const 64)))
    (local.set $h (i32.const 99))
    (loop $fill
      (local.set $h
        (i32.add (i32.mul (local.get $h) (i32.const 1664525)) (i32.const 1013904223)))
      (i32.store8 (local.get $i) (i32.shr_u (local.get $h) (i32.const 24)))
      (br_if $fill
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (local.get $end))))
    (local.set $stop (call $encode (i32.const 64) (local.get $end) (local.get $end)))
    (local.set $h (i32.const 0x811c9dc5))
    (loop $hash
      (local.set $h
        (i32.mul
          (i32.xor (local.get $h) (i32.load8_u (local.get $i)))
          (i32.const 16777619)))
      (br_if $hash
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (local.get $stop))))
    (local.get $h)))
