;; Vectors of words: n blocks of the ChaCha20 key stream, one row of the state in each vector; folded
;; into a checksum.
(module
  (func (export "run") (param $n i32) (result i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $key v128) (local $more v128) (local $nonce v128) (local $sum v128) (local $round i32)
    (local.set $key (v128.const i32x4 0x03020100 0x07060504 0x0b0a0908 0x0f0e0d0c))
    (local.set $more (v128.const i32x4 0x13121110 0x17161514 0x1b1a1918 0x1f1e1d1c))
    (local.set $nonce (v128.const i32x4 1 0x09000000 0x4a000000 0))
    (loop $block
      (local.set $a (v128.const i32x4 0x61707865 0x3320646e 0x79622d32 0x6b206574))
      (local.set $b (local.get $key))
      (local.set $c (local.get $more))
      (local.set $d (local.get $nonce))
      (local.set $round (i32.const 20))
      (loop $rounds
        ;; Four quarter rounds at once.
        (local.set $a (i32x4.add (local.get $a) (local.get $b)))
        (local.set $d (v128.xor (local.get $d) (local.get $a)))
        (local.set $d
          (v128.or (i32x4.shl (local.get $d) (i32.const 16))
                   (i32x4.shr_u (local.get $d) (i32.const 16))))
        (local.set $c (i32x4.add (local.get $c) (local.get $d)))
        (local.set $b (v128.xor (local.get $b) (local.get $c)))
        (local.set $b
          (v128.or (i32x4.shl (local.get $b) (i32.const 12))
                   (i32x4.shr_u (local.get $b) (i32.const 20))))
        (local.set $a (i32x4.add (local.get $a) (local.get $b)))
        (local.set $d (v128.xor (local.get $d) (local.get $a)))
        (local.set $d
          (v128.or (i32x4.shl (local.get $d) (i32.const 8))
                   (i32x4.shr_u (local.get $d) (i32.const 24))))
        (local.set $c (i32x4.add (local.get $c) (local.get $d)))
        (local.set $b (v128.xor (local.get $b) (local.get $c)))
        (local.set $b
          (v128.or (i32x4.shl (local.get $b) (i32.const 7))
                   (i32x4.shr_u (local.get $b) (i32.const 25))))
        ;; Columns become diagonals in even rounds, and columns again in odd ones.
        (if (i32.and (local.get $round) (i32.const 1))
          (then
            (local.set $b (i8x16.shuffle 12 13 14 15 0 1 2 3 4 5 6 7 8 9 10 11
              (local.get $b) (local.get $b)))
            (local.set $d (i8x16.shuffle 4 5 6 7 8 9 10 11 12 13 14 15 0 1 2 3
              (local.get $d) (local.get $d))))
          (else
            (local.set $b (i8x16.shuffle 4 5 6 7 8 9 10 11 12 13 14 15 0 1 2 3
              (local.get $b) (local.get $b)))
            (local.set $d (i8x16.shuffle 12 13 14 15 0 1 2 3 4 5 6 7 8 9 10 11
              (local.get $d) (local.get $d)))))
        (local.set $c (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7
          (local.get $c) (local.get $c)))
        (br_if $rounds (local.tee $round (i32.sub (local.get $round) (i32.const 1)))))
      (local.set $sum
        (v128.xor (local.get $sum)
          (v128.xor
            (v128.xor
              (i32x4.add (local.get $a)
                (v128.const i32x4 0x61707865 0x3320646e 0x79622d32 0x6b206574))
              (i32x4.add (local.get $b) (local.get $key)))
            (v128.xor
              (i32x4.add (local.get $c) (local.get $more))
              (i32x4.add (local.get $d) (local.get $nonce))))))
      (local.set $nonce (i32x4.add (local.get $nonce) (v128.const i32x4 1 0 0 0)))
      (br_if $block (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.xor
      (i32.xor (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
      (i32.xor
        (i32x4.extract_lane 2 (local.get $sum))
        (i32x4.extract_lane 3 (local.get $sum))))))
