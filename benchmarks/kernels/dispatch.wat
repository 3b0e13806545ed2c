;; br_table dispatch: a machine with eight byte codes executes a fixed program of 64 bytes n times.
(module
  (memory 1)
  (func (export "run") (param $n i32) (result i32)
    (local $pc i32) (local $a i32) (local $b i32)
    ;; The program: bytes from a little generator.
    (local.set $a (i32.const 7))
    (loop $fill
      (local.set $a
        (i32.and (i32.add (i32.mul (local.get $a) (i32.const 13)) (i32.const 5))
                 (i32.const 255)))
      (i32.store8 (local.get $pc) (i32.and (i32.shr_u (local.get $a) (i32.const 3)) (i32.const 7)))
      (br_if $fill
        (i32.lt_u
          (local.tee $pc (i32.add (local.get $pc) (i32.const 1)))
          (i32.const 64))))
    (local.set $a (i32.const 1))
    (local.set $pc (i32.const 0))
    (loop $step
      (block $after
        (block $o7 (block $o6 (block $o5 (block $o4
          (block $o3 (block $o2 (block $o1 (block $o0
            (br_table $o0 $o1 $o2 $o3 $o4 $o5 $o6 $o7
              (i32.load8_u (local.get $pc))))
            ;; 0: a += b
            (local.set $a (i32.add (local.get $a) (local.get $b)))
            (br $after))
            ;; 1: b ^= a
            (local.set $b (i32.xor (local.get $b) (local.get $a)))
            (br $after))
            ;; 2: a *= 31
            (local.set $a (i32.mul (local.get $a) (i32.const 31)))
            (br $after))
            ;; 3: b -= a
            (local.set $b (i32.sub (local.get $b) (local.get $a)))
            (br $after))
          ;; 4: a = rotl(a, 3)
          (local.set $a (i32.rotl (local.get $a) (i32.const 3)))
          (br $after))
          ;; 5: b += 1
          (local.set $b (i32.add (local.get $b) (i32.const 1)))
          (br $after))
          ;; 6: a ^= b >> 2
          (local.set $a
            (i32.xor (local.get $a) (i32.shr_u (local.get $b) (i32.const 2))))
          (br $after))
        ;; 7: exchange
        (local.get $a)
        (local.set $a (local.get $b))
        (local.set $b))
      (local.set $pc
        (i32.and (i32.add (local.get $pc) (i32.const 1)) (i32.const 63)))
      (br_if $step (local.get $pc))
      (br_if $step (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.xor (local.get $a) (local.get $b))))
