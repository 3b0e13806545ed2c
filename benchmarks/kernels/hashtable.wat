;; 64-bit keys: counts n numbers, of which many are equal, in a hash table with 8,192 entries of a
;; key and a count; then folds the table into a checksum.
(module
  (memory 2)
  (func (export "run") (param $n i32) (result i64)
    (local $state i64) (local $key i64) (local $found i64) (local $at i32)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 131072))
    (loop $next
      (local.set $state
        (i64.add
          (i64.mul (local.get $state) (i64.const 6364136223846793005))
          (i64.const 1442695040888963407)))
      (local.set $key
        (i64.mul
          (i64.add (i64.shr_u (local.get $state) (i64.const 52)) (i64.const 1))
          (i64.const 0x9e3779b97f4a7c15)))
      (local.set $at
        (i32.shl
          (i32.wrap_i64 (i64.shr_u (local.get $key) (i64.const 51)))
          (i32.const 4)))
      (block $there
        (loop $probe
          (local.set $found (i64.load (local.get $at)))
          (br_if $there (i64.eq (local.get $found) (local.get $key)))
          (if (i64.eqz (local.get $found))
            (then
              (i64.store (local.get $at) (local.get $key))
              (br $there)))
          (local.set $at
            (i32.and (i32.add (local.get $at) (i32.const 16)) (i32.const 131071)))
          (br $probe)))
      (i64.store offset=8 (local.get $at)
        (i64.add (i64.load offset=8 (local.get $at)) (i64.const 1)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.set $state (i64.const 0))
    (local.set $at (i32.const 0))
    (loop $fold
      (local.set $state
        (i64.xor
          (i64.rotl (local.get $state) (i64.const 5))
          (i64.mul (i64.load (local.get $at)) (i64.load offset=8 (local.get $at)))))
      (br_if $fold
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 16)))
          (i32.const 131072))))
    (local.get $state)))
