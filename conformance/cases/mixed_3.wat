;; Functions made by chance from integer instructions, branches, loads and stores.
(module
  (memory 1)
  (global $g (mut i32) (i32.const 77))
  (func (export "reset")
    (global.set $g (i32.const 77)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 100))
    (i64.store (i32.const 8) (i64.const -81985529216486896))
    (i64.store (i32.const 33) (i64.const 1311768467463790320)))
  (func (export "0") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 3 (local.tee 3 (i32.add (i32.load (i32.and (local.get 3) (i32.const 255)))
    (i32.const -1)))) (global.set $g (i32.and (local.tee 3 (i32.wrap_i64 (local.get 4)))
    (i32.const -2))) (local.set 0 (i32.and (if (result i32) (local.tee 3 (i32.const -2)) (then
    (local.tee 3 (local.get 0))) (else (i32.and (local.get 3) (i32.const 65280)))) (i32.const
    256))) (i64.xor (i64.rotl (i64.extend_i32_s (local.tee 1 (i32.rem_s (i32.rotl (local.get 3)
    (i32.const -2)) (i32.const 3)))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.rotl
    (i32.sub (i32.const 65535) (i32.lt_s (local.get 1) (i32.and (i32.ge_u (local.get 1)
    (local.get 0)) (global.get $g)))) (i32.ge_u (i32.wrap_i64 (i64.xor (local.tee 4 (i64.const
    0xff00ff00ff)) (i64.load32_u (i32.and (i32.const 3) (i32.const 56))))) (select (i32.wrap_i64
    (i64.div_s (i64.const 65280) (i64.const 16))) (i32.shr_u (i32.extend8_s (local.get 3))
    (i32.const 1)) (i32.xor (i32.shl (local.get 1) (local.get 3)) (i32.wrap_i64 (i64.const
    -4294967296))))))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "1") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i32.store (i32.and (i32.xor (i32.shr_u (local.get 0) (i32.const 2147483648)) (i32.const
    31)) (i32.const 63)) (i32.wrap_i64 (i64.shl (i64.load8_u (i32.and (global.get $g) (i32.const
    63))) (i64.const 16)))) (local.set 2 (local.get 4)) (block (global.set $g (i32.shr_u
    (i32.rotl (i32.const 8) (i32.const 32)) (i32.const -256))) (br_if 0 (i32.ctz (i32.shr_u
    (i32.const 65535) (local.get 1)))) (i32.store (i32.and (i32.add (local.get 3) (i32.const
    65280)) (i32.const 63)) (i32.rem_s (i32.shr_s (i32.const 2147483648) (i32.const 31))
    (i32.const 255))) (block (br_if 1 (i32.sub (i32.rem_s (local.get 0) (i32.const 3))
    (i32.load8_s offset=1 (i32.and (global.get $g) (i32.const 31))))) (global.set $g
    (i32.load8_s offset=6 (i32.and (local.get 0) (i32.const 31)))))) (i64.xor (i64.rotl
    (i64.shr_u (select (i64.shr_u (i64.and (local.get 4) (i64.const 0)) (i64.or (i64.const 16)
    (i64.const 2147483647))) (i64.extend_i32_u (select (local.get 0) (local.get 0) (i32.const
    2))) (i32.load8_s offset=1 (i32.and (local.get 1) (i32.const 60)))) (i64.sub (i64.rotl
    (i64.mul (i64.const 1) (i64.const -4294967296)) (i64.load16_s (i32.and (local.get 3)
    (i32.const 63)))) (i64.const 32))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.wrap_i64
    (i64.shr_u (i64.extend_i32_s (i32.add (i32.ge_s (i32.const 24) (local.get 3)) (i32.wrap_i64
    (i64.const 0xff00ff00ff)))) (i64.const 32)))) (i64.add (local.get 4) (i64.load (i32.const
    12))))))
  (func (export "2") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i32.store (i32.and (i64.ge_s (i64.extend8_s (local.get 2)) (i64.load16_s (i32.and
    (local.get 0) (i32.const 63)))) (i32.const 63)) (i32.rotl (i32.load16_u offset=6 (i32.and
    (i32.shr_u (global.get $g) (i32.const 16)) (i32.const 31))) (i32.const 3))) (block
    (local.set 1 (i32.sub (i32.and (local.get 3) (i32.const 256)) (local.tee 3 (i32.const
    256)))) (br_if 0 (i32.rem_s (i64.lt_s (i64.const -4294967296) (i64.const -4294967296))
    (i32.const 1))) (local.set 1 (i32.sub (i32.load offset=1 (i32.and (global.get $g) (i32.const
    63))) (i32.shr_u (local.get 0) (i32.const -1)))) (block (br_if 1 (i32.shl (i32.ctz
    (global.get $g)) (i32.shr_s (i32.const 15) (local.get 1)))) (global.set $g (i32.le_u
    (i32.and (i32.const -256) (i32.const 65535)) (i32.shl (i32.const 1) (local.get 0))))))
    (i32.store16 (i32.and (local.get 1) (i32.const 63)) (i32.or (i32.wrap_i64 (i64.or (local.get
    2) (local.get 2))) (i32.const 2))) (i64.xor (i64.rotl (i64.or (i64.const -4294967296)
    (i64.const 32)) (i64.const 17)) (i64.xor (i64.extend_i32_u (local.get 1)) (i64.add
    (local.get 4) (i64.load (i32.const 12))))))
  (func (export "3") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 2 (i64.extend_i32_s (i32.extend8_s (i32.shl (local.get 3) (i32.const 3)))))
    (global.set $g (i32.wrap_i64 (i64.extend_i32_s (i32.div_u (local.get 3) (i32.or (local.get
    0) (i32.const 1)))))) (i32.store16 (i32.and (i64.gt_u (i64.load32_s (i32.and (i32.const 8)
    (i32.const 63))) (i64.load8_u (i32.and (local.get 3) (i32.const 31)))) (i32.const 63))
    (i32.wrap_i64 (i64.extend_i32_s (i32.gt_s (i32.const 1000) (local.get 3))))) (i64.xor
    (i64.rotl (i64.extend_i32_s (i32.shl (local.get 1) (i32.const 16))) (i64.const 17)) (i64.xor
    (i64.extend_i32_u (i32.load16_u offset=1 (i32.and (select (local.get 0) (i32.popcnt (select
    (i32.and (global.get $g) (i32.const 256)) (i64.gt_u (local.get 4) (local.get 4)) (i32.mul
    (local.get 1) (local.get 1)))) (i32.div_u (i32.ctz (i32.load offset=6 (i32.and (i32.const
    2147483648) (i32.const 255)))) (i32.or (local.get 3) (i32.const 1)))) (i32.const 31))))
    (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "4") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 3 (i32.and (i32.shr_u (select (i32.const 65535) (local.get 1) (i32.const 7))
    (i32.wrap_i64 (local.get 2))) (i32.shr_u (local.get 1) (i32.const 1000)))) (i64.store
    (i32.and (i32.extend8_s (i64.lt_u (local.get 2) (i64.const 0xff00ff00ff))) (i32.const 63))
    (i64.xor (i64.sub (i64.clz (i64.const 0xff00ff00ff)) (i64.const -1)) (i64.const 15)))
    (i32.store8 (i32.and (local.get 3) (i32.const 63)) (i32.rotr (local.get 1) (i32.eq (i32.xor
    (local.get 1) (i32.const 8)) (i32.shl (local.get 3) (local.get 0))))) (i64.xor (i64.rotl
    (i64.add (i64.add (i64.shl (local.get 2) (i64.const 16)) (i64.xor (i64.sub (local.get 2)
    (i64.const 31)) (i64.extend_i32_s (local.get 3)))) (i64.load16_u (i32.and (i32.shl
    (i32.extend8_s (local.get 3)) (i32.add (local.get 3) (i32.const 15))) (i32.const 63))))
    (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.load16_u offset=6 (i32.and (local.get 3)
    (i32.const 255)))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "5") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 1 (i32.ge_s (i32.and (i32.le_s (i32.const -1) (local.get 0)) (i32.shr_u
    (i32.const 255) (local.get 3))) (local.tee 3 (i32.mul (i32.const 0) (i32.const 2))))) (if
    (i32.and (select (local.get 3) (i32.const 65535) (local.get 3)) (i32.const 255)) (then
    (local.set 0 (i32.div_u (i32.extend8_s (local.get 3)) (i32.or (local.get 3) (i32.const 1))))
    (local.set 0 (i32.add (i32.and (local.get 3) (i32.const 2147483647)) (i32.const -128))))
    (else (local.set 2 (i64.load8_u (i32.and (i32.add (i32.const 3) (i32.const 2)) (i32.const
    31)))))) (global.set $g (select (i32.wrap_i64 (local.tee 4 (i64.const 0xff00ff00ff)))
    (i32.ne (i32.div_u (local.get 1) (i32.or (local.get 3) (i32.const 1))) (local.get 3))
    (local.get 1))) (i64.xor (i64.rotl (i64.div_s (i64.shl (local.get 4) (i64.and (i64.and
    (local.get 4) (i64.const 15)) (i64.const -128))) (i64.const -7)) (i64.const 17)) (i64.xor
    (i64.extend_i32_u (i32.load16_s offset=1 (i32.and (local.tee 3 (select (i32.rem_s (i32.rotr
    (local.get 0) (local.get 3)) (i32.const 255)) (local.get 0) (i32.shl (local.get 0)
    (i32.const 31)))) (i32.const 63)))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "6") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 1 (i32.lt_u (select (i32.rem_s (i32.const -256) (i32.const 8)) (i32.le_u
    (local.get 3) (local.get 1)) (i32.load16_u offset=1 (i32.and (i32.const 2147483647)
    (i32.const 31)))) (i32.const 7))) (global.set $g (i32.and (select (i32.div_u (local.get 3)
    (i32.or (local.get 0) (i32.const 1))) (i32.rotr (local.get 0) (i32.const 3)) (i32.and
    (i32.const 65280) (i32.const 32))) (i32.wrap_i64 (local.tee 4 (local.get 4))))) (local.set 5
    (i32.const 0)) (loop (local.set 5 (i32.add (local.get 5) (i32.const 1))) (if (i32.const
    65280) (then (global.set $g (i32.const -1)) (local.set 0 (local.get 0))) (else (global.set
    $g (local.get 1)))) (br_if 0 (i32.lt_u (local.get 5) (i32.const 5)))) (i64.xor (i64.rotl
    (i64.ctz (i64.shl (i64.shl (select (i64.const 0xff00ff00ff) (i64.const 0xff00ff00ff)
    (local.get 1)) (i64.xor (i64.const -4294967296) (local.get 4))) (i64.const -2))) (i64.const
    17)) (i64.xor (i64.extend_i32_u (i32.and (i32.mul (i64.lt_u (i64.load16_u (i32.and
    (local.get 3) (i32.const 63))) (i64.div_s (i64.shl (local.get 2) (i64.const 1)) (i64.const
    -7))) (i32.const -1)) (i32.rotr (local.get 0) (i32.const 1000)))) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "7") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (global.set $g (if (result i32) (select (local.get 3) (local.get 1) (i32.shr_u (local.get 0)
    (local.get 0))) (then (i32.shr_s (i32.wrap_i64 (i64.const 0xff00ff00ff)) (i32.and (i32.const
    7) (i32.const 1)))) (else (i32.and (i32.shl (local.get 0) (local.get 0)) (local.tee 1
    (i32.const 0)))))) (block (local.set 5 (i32.const 0)) (loop (local.set 5 (i32.add (local.get
    5) (i32.const 1))) (block (local.set 1 (local.get 1)) (br_if 0 (local.get 1)) (global.set $g
    (i32.const 2147483647)) (block (br_if 1 (i32.const 65535)) (i32.store8 (i32.and (local.get
    1) (i32.const 63)) (local.get 3)))) (br_if 0 (i32.lt_u (local.get 5) (i32.const 5)))) (br_if
    0 (i32.and (i64.lt_s (local.get 4) (i64.const 32)) (i32.const 7))) (local.set 0 (if (result
    i32) (i32.rotl (local.get 1) (i32.const 2147483648)) (then (i32.wrap_i64 (local.get 2)))
    (else (i32.eqz (local.get 3))))) (block (br_if 1 (i32.ge_u (i32.xor (i32.const 255)
    (i32.const 32)) (i32.rem_s (local.get 0) (i32.const 255)))) (global.set $g (i32.and
    (i32.gt_s (local.get 1) (local.get 0)) (i32.const 2147483647))))) (global.set $g (i32.shl
    (if (result i32) (i32.rotl (local.get 0) (i32.const 255)) (then (i32.shr_s (i32.const 65280)
    (i32.const 256))) (else (i32.gt_s (local.get 1) (local.get 1)))) (i32.const 2147483648)))
    (i64.xor (i64.rotl (i64.extend_i32_u (i32.sub (i32.sub (i32.lt_u (local.get 3) (i32.const
    32)) (i32.const 255)) (i32.const 15))) (i64.const 17)) (i64.xor (i64.extend_i32_u
    (i32.wrap_i64 (local.tee 4 (i64.extend_i32_s (i32.rotl (if (result i32) (local.get 1) (then
    (local.get 1)) (else (i32.const 8))) (i32.and (local.get 3) (i32.const 31))))))) (i64.add
    (local.get 4) (i64.load (i32.const 12))))))
  (func (export "8") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 2 (i64.extend8_s (local.get 2))) (if (local.tee 1 (i32.shl (i32.const 16)
    (i32.const 15))) (then (i32.store (i32.and (local.get 3) (i32.const 63)) (i32.extend8_s
    (select (i32.const -1) (local.get 1) (i32.const 2147483648)))) (local.set 5 (i32.const 0))
    (loop (local.set 5 (i32.add (local.get 5) (i32.const 1))) (local.set 3 (local.get 3)) (br_if
    0 (i32.lt_u (local.get 5) (i32.const 2))))) (else (i32.store8 (i32.and (i32.shr_u (i32.const
    -2) (i32.const 2147483647)) (i32.const 63)) (i32.shl (i32.wrap_i64 (local.get 4)) (i32.ge_s
    (local.get 0) (local.get 0)))))) (local.set 2 (select (i64.shl (i64.or (i64.const 24)
    (i64.const 1000)) (i64.const 15)) (i64.extend_i32_u (i32.wrap_i64 (i64.const 15)))
    (i32.shr_u (i32.clz (global.get $g)) (i32.const 65535)))) (i64.xor (i64.rotl (i64.shr_u
    (i64.extend_i32_u (local.tee 3 (select (i32.const 255) (local.get 3) (local.get 0))))
    (local.tee 4 (i64.xor (select (i64.const -4294967296) (i64.const 0xff00ff00ff) (local.get
    0)) (i64.const -256)))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.shr_u (i32.ctz (if
    (result i32) (i32.rem_s (i64.lt_u (i64.const 0xff00ff00ff) (i64.const -4294967296))
    (i32.const 8)) (then (i32.lt_s (i32.wrap_i64 (i64.const 0xff00ff00ff)) (i32.mul (local.get
    3) (local.get 1)))) (else (i32.ge_u (i64.gt_u (local.get 4) (i64.const -4294967296))
    (i32.shr_u (local.get 1) (i32.const 2147483647)))))) (i32.load16_u (i32.and (i32.sub
    (i32.gt_s (i32.wrap_i64 (i64.const -4294967296)) (i32.div_u (i32.const 16) (i32.or
    (i32.const 255) (i32.const 1)))) (i32.const 3)) (i32.const 31))))) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "9") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (block (local.set 0 (i32.ne (select (local.get 3) (local.get 3) (local.get 1)) (i32.load
    offset=1 (i32.and (i32.const 65280) (i32.const 60))))) (br_if 0 (i32.rotr (i32.mul
    (local.get 0) (i32.const 2147483647)) (i32.const 15))) (if (i32.eq (i32.const -2) (i32.const
    255)) (then (local.set 0 (i32.div_u (local.get 1) (i32.or (i32.const 7) (i32.const 1))))
    (local.set 1 (i32.extend16_s (local.get 0)))) (else (i32.store16 (i32.and (local.get 0)
    (i32.const 63)) (i32.wrap_i64 (i64.const 0xff00ff00ff))))) (block (br_if 1 (i32.popcnt
    (i32.shl (i32.const 2) (i32.const 8)))) (local.set 1 (i32.xor (select (local.get 3)
    (local.get 3) (i32.const -256)) (select (local.get 0) (local.get 1) (local.get 1))))))
    (local.set 5 (i32.const 0)) (loop (local.set 5 (i32.add (local.get 5) (i32.const 1)))
    (local.set 3 (i32.add (local.get 3) (local.get 3))) (br_if 0 (i32.lt_u (local.get 5)
    (i32.const 9)))) (local.set 3 (local.tee 1 (i32.gt_s (i32.shr_s (local.get 0) (i32.const
    -128)) (i32.load16_u offset=6 (i32.and (local.get 1) (i32.const 60)))))) (i64.xor (i64.rotl
    (i64.extend_i32_s (i64.ge_s (i64.const 0xff00ff00ff) (i64.shr_u (local.tee 4 (i64.const 1))
    (i64.const 31)))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.load16_u (i32.and (i32.clz
    (i32.and (i32.shl (i64.gt_u (local.get 4) (i64.const 2)) (i32.const 2147483647)) (i32.const
    2))) (i32.const 255)))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "10") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i32.store8 (i32.and (i32.le_u (local.tee 3 (local.get 3)) (select (i32.const 15) (local.get
    3) (local.get 1))) (i32.const 63)) (i32.load8_s offset=6 (i32.and (i32.and (i32.shl
    (local.get 0) (i32.const 2147483647)) (i32.ge_u (local.get 1) (i32.const 255))) (i32.const
    255)))) (local.set 4 (i64.and (i64.extend8_s (i64.extend8_s (i64.const 0xff00ff00ff)))
    (i64.extend_i32_s (i32.load8_u offset=6 (i32.and (global.get $g) (i32.const 63)))))) (block
    (local.set 3 (i64.lt_s (i64.extend_i32_u (local.get 3)) (local.tee 4 (local.get 4)))) (br_if
    0 (i32.lt_s (i32.wrap_i64 (i64.const 0xff00ff00ff)) (i32.wrap_i64 (local.get 2))))
    (local.set 0 (i32.shr_u (i32.rem_s (local.get 0) (i32.const -7)) (i32.const 16))) (block
    (br_if 1 (if (result i32) (i64.eq (i64.const -4294967296) (local.get 4)) (then (i32.shl
    (local.get 3) (i32.const 16))) (else (i64.gt_u (i64.const 2) (local.get 4))))) (local.set 1
    (local.tee 1 (i32.shr_u (i32.const 24) (i32.const 2147483647)))))) (i64.xor (i64.rotl
    (i64.div_s (i64.load8_u (i32.and (select (select (i32.const 16) (local.get 0) (global.get
    $g)) (i32.xor (local.get 0) (local.get 1)) (i32.rotr (local.get 1) (local.get 3)))
    (i32.const 63))) (i64.const 3)) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.mul (if
    (result i32) (if (result i32) (i32.load16_s offset=1 (i32.and (i64.gt_u (i64.const
    0xff00ff00ff) (i64.const 0xff00ff00ff)) (i32.const 255))) (then (local.get 1)) (else
    (i32.rem_s (if (result i32) (local.get 1) (then (local.get 1)) (else (local.get 0)))
    (i32.const 8)))) (then (i32.rem_s (local.get 0) (i32.const 255))) (else (i64.eq
    (i64.load32_s (i32.and (i32.rotr (i32.const 2147483648) (i32.const 24)) (i32.const 31)))
    (i64.and (local.get 2) (i64.extend32_s (i64.const 0xff00ff00ff)))))) (i32.const -128)))
    (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "11") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 4 (i64.and (i64.load8_u (i32.and (i32.extend16_s (i32.const 255)) (i32.const
    63))) (i64.const 65280))) (i32.store (i32.and (local.tee 3 (i32.and (i32.const -1)
    (i32.const 65535))) (i32.const 63)) (i32.rotr (i32.xor (i64.lt_s (i64.const 31) (local.get
    4)) (i32.const 31)) (i32.const 256))) (local.set 5 (i32.const 0)) (loop (local.set 5
    (i32.add (local.get 5) (i32.const 1))) (global.set $g (local.tee 3 (local.get 3))) (br_if 0
    (i32.lt_u (local.get 5) (i32.const 5)))) (i64.xor (i64.rotl (i64.shl (i64.load32_u (i32.and
    (if (result i32) (i64.lt_s (local.get 2) (local.get 2)) (then (select (local.get 0)
    (local.get 1) (i32.const -1))) (else (i32.mul (i32.const -256) (i32.const 65535))))
    (i32.const 56))) (i64.const 31)) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.shr_u
    (i32.shr_s (i32.eqz (select (i32.ge_u (local.get 3) (local.get 0)) (global.get $g)
    (i32.load16_u (i32.and (local.get 1) (i32.const 63))))) (i32.lt_u (i32.load (i32.and
    (local.get 3) (i32.const 60))) (i32.and (select (local.get 1) (local.get 1) (i32.const 256))
    (if (result i32) (i32.const 1000) (then (i32.const 2)) (else (i32.const 24)))))) (i32.shr_u
    (i32.eq (if (result i32) (i32.wrap_i64 (local.get 2)) (then (i32.div_u (local.get 3) (i32.or
    (local.get 1) (i32.const 1)))) (else (local.tee 3 (i32.const 16)))) (select (i32.and
    (local.get 1) (i32.const 0)) (i32.or (local.get 3) (i32.const 2147483647)) (if (result i32)
    (i32.const 8) (then (i32.const 256)) (else (i32.const 256))))) (i32.const 256)))) (i64.add
    (local.get 4) (i64.load (i32.const 12))))))
  (func (export "12") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 1 (i32.shr_u (i32.gt_u (if (result i32) (i32.const -256) (then (local.get 3))
    (else (i32.const 7))) (i32.load16_u offset=1 (i32.and (i32.const 24) (i32.const 63))))
    (i32.lt_u (i32.and (local.get 3) (local.get 0)) (i32.and (i32.const 0) (i32.const -2)))))
    (local.set 2 (select (i64.div_s (i64.rotl (local.get 4) (i64.const 0xff00ff00ff)) (i64.const
    16)) (i64.extend_i32_u (i32.eqz (i32.const 2))) (i32.and (if (result i32) (global.get $g)
    (then (local.get 0)) (else (i32.const 32))) (i32.wrap_i64 (i64.const 0xff00ff00ff))))) (if
    (i32.and (select (local.get 3) (local.get 0) (global.get $g)) (select (global.get $g)
    (i32.const 32) (i32.const 1))) (then (local.set 5 (i32.const 0)) (loop (local.set 5 (i32.add
    (local.get 5) (i32.const 1))) (block (local.set 0 (i32.const -256)) (br_if 0 (i32.const 15))
    (local.set 2 (i64.const 0xff00ff00ff)) (block (br_if 1 (i32.const 65535)) (local.set 0
    (i32.const 15)))) (br_if 0 (i32.lt_u (local.get 5) (i32.const 5)))) (if (i32.add (local.get
    0) (i32.const 31)) (then (i32.store (i32.and (local.get 0) (i32.const 63)) (i32.rotr
    (local.get 3) (local.get 3))) (global.set $g (i32.wrap_i64 (i64.const -4294967296)))) (else
    (local.set 4 (i64.load8_s (i32.and (i32.const 0) (i32.const 63))))))) (else (local.set 0 (if
    (result i32) (i32.eqz (i32.const -1)) (then (local.tee 3 (local.get 0))) (else (i32.shl
    (i32.const -2) (i32.const -128))))))) (i64.xor (i64.rotl (i64.shr_u (i64.shl (local.get 2)
    (i64.const -1)) (i64.shr_s (local.get 4) (local.tee 4 (local.tee 4 (i64.const 65535)))))
    (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.const 255)) (i64.add (local.get 4) (i64.load
    (i32.const 12))))))
  (func (export "13") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i32.store (i32.and (local.get 0) (i32.const 63)) (local.get 0)) (block (i64.store16
    (i32.and (if (result i32) (i32.const 1000) (then (i32.const 1)) (else (local.get 0)))
    (i32.const 63)) (i64.shl (i64.and (i64.const -4294967296) (i64.const 256)) (i64.load8_s
    (i32.and (local.get 3) (i32.const 31))))) (br_if 0 (i32.div_u (i32.div_u (local.get 1)
    (i32.or (i32.const 15) (i32.const 1))) (i32.or (local.get 3) (i32.const 1)))) (i32.store8
    (i32.and (i32.wrap_i64 (local.get 4)) (i32.const 63)) (i32.wrap_i64 (i64.extend_i32_u
    (local.get 1)))) (block (br_if 1 (i64.gt_u (i64.ctz (i64.const -1)) (i64.extend_i32_s
    (local.get 3)))) (i32.store8 (i32.and (i32.shl (global.get $g) (local.get 0)) (i32.const
    63)) (i32.ge_u (if (result i32) (local.get 0) (then (global.get $g)) (else (i32.const 15)))
    (i32.shl (i32.const 31) (i32.const 31)))))) (local.set 3 (i64.eq (i64.extend_i32_s (i32.eq
    (local.get 0) (local.get 1))) (i64.rotl (i64.load8_u (i32.and (i32.const 255) (i32.const
    56))) (i64.const -256)))) (i64.xor (i64.rotl (i64.xor (i64.load32_u (i32.and (i32.add
    (i64.eq (local.get 2) (local.get 4)) (i32.const -2)) (i32.const 63))) (i64.add (i64.div_s
    (i64.shl (local.get 4) (local.get 2)) (i64.const 3)) (select (i64.shr_s (local.get 2)
    (i64.const 2)) (i64.load32_s (i32.and (local.get 0) (i32.const 63))) (i32.div_u (local.get
    3) (i32.or (local.get 0) (i32.const 1)))))) (i64.const 17)) (i64.xor (i64.extend_i32_u
    (i32.sub (i32.and (i32.div_u (i32.shr_s (i32.load16_s (i32.and (local.get 0) (i32.const
    63))) (i32.mul (i32.const -2) (i32.const 1000))) (i32.or (i32.xor (i32.const 32) (i32.const
    16)) (i32.const 1))) (i32.eq (i32.or (local.get 1) (select (local.get 0) (i32.const 1000)
    (i32.const 1000))) (i32.clz (i32.lt_u (i32.const 255) (i32.const 65535))))) (i32.const
    2147483647))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "14") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (global.set $g (i32.wrap_i64 (i64.const -4294967296))) (local.set 0 (local.tee 1
    (i32.wrap_i64 (i64.xor (i64.const -4294967296) (i64.const 1000))))) (local.set 4 (i64.clz
    (block (result i64) (br_if 0 (i64.extend_i32_u (i32.const 2147483647)) (local.get 1)) (drop)
    (i64.rotl (local.get 2) (local.get 2))))) (i64.xor (i64.rotl (i64.div_s (i64.shr_u (i64.and
    (block (result i64) (br_if 0 (local.get 4) (local.get 3)) (drop) (i64.const -1)) (i64.xor
    (local.get 4) (i64.const 8))) (local.tee 4 (i64.extend_i32_s (local.get 1)))) (i64.const
    16)) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.load8_u (i32.and (i32.eqz (i32.le_u
    (i32.wrap_i64 (i64.clz (i64.const 65535))) (i32.sub (i32.shl (local.get 1) (local.get 3))
    (i32.const 7)))) (i32.const 31)))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "15") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 1 (i32.or (i32.or (i32.div_u (i32.const 7) (i32.or (i32.const 65535) (i32.const
    1))) (i32.wrap_i64 (i64.const -4294967296))) (i32.wrap_i64 (i64.and (i64.const 256)
    (i64.const -4294967296))))) (local.set 3 (i32.and (select (i32.or (local.get 1) (i32.const
    1000)) (i32.load offset=1 (i32.and (local.get 3) (i32.const 60))) (i32.ne (local.get 3)
    (local.get 0))) (i32.popcnt (i32.rem_s (global.get $g) (i32.const 1))))) (i32.store8
    (i32.and (i32.shr_u (i32.and (i32.const 255) (i32.const -1)) (i32.const 15)) (i32.const 63))
    (i32.gt_s (i32.wrap_i64 (i64.and (i64.const 0xff00ff00ff) (i64.const 65535))) (if (result
    i32) (i32.ge_u (local.get 1) (local.get 1)) (then (i64.lt_s (local.get 2) (local.get 2)))
    (else (i32.ge_s (local.get 3) (i32.const 0)))))) (i64.xor (i64.rotl (i64.and (i64.load16_u
    (i32.and (i32.extend16_s (i32.rotl (local.get 0) (i32.const 65535))) (i32.const 56)))
    (i64.div_s (i64.sub (i64.shr_s (local.get 4) (i64.const 65535)) (i64.const 65280))
    (i64.const 16))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.load8_s (i32.and (local.tee
    1 (i64.eq (i64.shl (i64.load32_s (i32.and (i32.const 3) (i32.const 56))) (i64.load16_u
    (i32.and (local.get 1) (i32.const 31)))) (i64.const -4294967296))) (i32.const 60))))
    (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "16") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 0 (i32.eqz (i32.extend8_s (i32.clz (i32.const -256))))) (local.set 2 (i64.xor
    (i64.load16_s (i32.and (i32.xor (local.get 0) (i32.const 2147483647)) (i32.const 63)))
    (select (select (i64.const -4294967296) (i64.const -256) (i32.const 31)) (i64.extend16_s
    (local.get 4)) (local.get 3)))) (block (i64.store16 (i32.and (i32.and (local.get 3)
    (global.get $g)) (i32.const 63)) (i64.load16_u (i32.and (i64.gt_u (local.get 2) (i64.const
    0xff00ff00ff)) (i32.const 31)))) (br_if 0 (i32.lt_u (i32.gt_u (i32.const 1) (i32.const 32))
    (i32.shl (local.get 1) (i32.const -1)))) (local.set 4 (i64.extend_i32_s (i32.gt_s (i32.const
    -1) (local.get 3)))) (block (br_if 1 (i32.sub (i32.extend8_s (local.get 1)) (i32.eqz
    (local.get 0)))) (local.set 5 (i32.const 0)) (loop (local.set 5 (i32.add (local.get 5)
    (i32.const 1))) (if (global.get $g) (then (global.set $g (i32.const 2147483647)) (if
    (local.get 1) (then (block (i32.store (i32.and (i32.const 16) (i32.const 63)) (i32.const
    65280)) (br_if 0 (local.get 3)) (i32.store16 (i32.and (global.get $g) (i32.const 63))
    (local.get 1)) (block (br_if 1 (i32.const 15)) (block (local.set 3 (local.get 0)) (br_if 0
    (i32.const -128)) (local.set 3 (i32.const 16)) (block (br_if 1 (i32.const 256)) (if
    (local.get 3) (then (i64.store32 (i32.and (i32.const -128) (i32.const 63)) (i64.const
    -4294967296)) (local.set 2 (i64.const 2))) (else (i32.store16 (i32.and (local.get 1)
    (i32.const 63)) (i32.const 2147483648)))))))) (local.set 1 (local.get 0))) (else (if
    (local.get 0) (then (global.set $g (local.get 0)) (block (i32.store (i32.and (local.get 0)
    (i32.const 63)) (local.get 0)) (br_if 0 (local.get 1)) (i32.store8 (i32.and (i32.const
    65535) (i32.const 63)) (i32.const 24)) (block (br_if 1 (i32.const -256)) (local.set 4
    (i64.const 0xff00ff00ff))))) (else (local.set 1 (global.get $g))))))) (else (local.set 3
    (local.get 0)))) (br_if 0 (i32.lt_u (local.get 5) (i32.const 2)))))) (i64.xor (i64.rotl
    (i64.extend16_s (local.tee 4 (i64.shr_s (i64.extend_i32_s (local.get 3)) (i64.const 31))))
    (i64.const 17)) (i64.xor (i64.extend_i32_u (if (result i32) (local.get 3) (then
    (i32.load16_s offset=6 (i32.and (i32.le_u (i32.xor (i32.div_u (local.get 1) (i32.or
    (local.get 0) (i32.const 1))) (i32.rotr (local.get 1) (i32.const 15))) (i32.rem_s (local.tee
    1 (local.get 0)) (i32.const 8))) (i32.const 60)))) (else (i32.eq (i32.shl (select (i32.ge_s
    (i32.const -128) (local.get 3)) (i32.const 0) (i32.shl (i32.const 2) (i32.const 7)))
    (local.tee 1 (i32.clz (local.get 0)))) (select (i32.ctz (i32.extend8_s (i32.const 24)))
    (i64.ge_s (local.tee 4 (i64.const -4294967296)) (i64.shl (i64.const 0xff00ff00ff) (i64.const
    3))) (i32.load16_u offset=6 (i32.and (i64.lt_s (i64.const 0xff00ff00ff) (local.get 4))
    (i32.const 31)))))))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "17") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i32.store (i32.and (i32.or (i32.and (local.get 3) (i32.const 2147483647)) (i32.const
    65280)) (i32.const 63)) (i32.wrap_i64 (i64.clz (i64.rotl (local.get 4) (i64.const
    2147483648))))) (local.set 1 (i32.shl (i32.and (i32.and (i32.const -256) (i32.const -2))
    (local.get 0)) (i32.const -256))) (local.set 4 (i64.extend_i32_s (i32.wrap_i64 (i64.sub
    (i64.const 0xff00ff00ff) (i64.const -2))))) (i64.xor (i64.rotl (i64.clz (i64.xor (i64.shl
    (local.tee 4 (i64.const 0xff00ff00ff)) (i64.const 2)) (i64.popcnt (i64.sub (i64.const 8)
    (local.get 4))))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.and (select (select
    (i32.shl (if (result i32) (i32.const -2) (then (local.get 0)) (else (local.get 1)))
    (i32.const -2)) (i64.eq (i64.div_s (local.get 4) (i64.const 16)) (local.tee 4 (i64.const
    256))) (i32.shl (i32.extend8_s (i32.const 65280)) (i32.const 24))) (select (i32.and (if
    (result i32) (local.get 1) (then (local.get 0)) (else (i32.const -1))) (local.tee 1
    (global.get $g))) (i64.lt_u (i64.xor (local.get 2) (i64.const 0xff00ff00ff)) (i64.shl
    (i64.const 7) (i64.const -2))) (i64.eq (i64.extend16_s (local.get 4)) (i64.xor (local.get 2)
    (local.get 4)))) (local.tee 1 (i32.extend16_s (i32.popcnt (i32.const 3))))) (i32.extend8_s
    (i64.ge_s (i64.or (i64.add (local.get 4) (i64.const 2147483648)) (i64.const 0)) (i64.shr_s
    (i64.extend_i32_u (i32.const 16)) (i64.const 256)))))) (i64.add (local.get 4) (i64.load
    (i32.const 12))))))
  (func (export "18") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i32.store (i32.and (i32.wrap_i64 (i64.extend_i32_u (local.get 1))) (i32.const 63))
    (i32.wrap_i64 (i64.extend_i32_s (i32.wrap_i64 (i64.const -4294967296))))) (if (i32.le_u
    (i32.ctz (i32.const 31)) (i32.const -128)) (then (local.set 0 (i32.load16_u offset=6
    (i32.and (i32.load16_s offset=1 (i32.and (local.get 0) (i32.const 63))) (i32.const 60))))
    (i32.store16 (i32.and (i32.and (local.get 3) (i32.const 16)) (i32.const 63)) (if (result
    i32) (if (result i32) (i32.const 2147483648) (then (local.get 0)) (else (i32.const -1)))
    (then (if (result i32) (local.get 3) (then (local.get 0)) (else (i32.const -256)))) (else
    (i32.load8_u offset=6 (i32.and (i32.const 2) (i32.const 31))))))) (else (local.set 4
    (i64.extend16_s (i64.extend_i32_s (i32.const 32)))))) (local.set 4 (i64.shl (i64.mul
    (i64.load32_u (i32.and (i32.const -1) (i32.const 63))) (i64.extend_i32_s (local.get 0)))
    (select (i64.extend16_s (i64.const 0xff00ff00ff)) (i64.and (i64.const -2) (i64.const 32))
    (i32.ne (i32.const 8) (local.get 1))))) (i64.xor (i64.rotl (i64.load8_s (i32.and (if (result
    i32) (select (local.get 1) (i32.shr_u (local.get 3) (i32.const 24)) (i32.and (local.get 0)
    (local.get 1))) (then (local.get 0)) (else (i32.shr_u (select (i32.const -2) (i32.const 24)
    (i32.const 31)) (i32.const 2147483647)))) (i32.const 31))) (i64.const 17)) (i64.xor
    (i64.extend_i32_u (i32.add (i32.wrap_i64 (block (result i64) (br_if 0 (i64.and (i64.load32_u
    (i32.and (i32.const 32) (i32.const 56))) (i64.const 3)) (local.get 1)) (drop) (i64.load16_s
    (i32.and (if (result i32) (i32.const 24) (then (local.get 0)) (else (i32.const 65535)))
    (i32.const 56))))) (i32.const 15))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "19") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 1 (i32.rotl (i32.shr_s (i32.load8_s offset=6 (i32.and (global.get $g) (i32.const
    255))) (i32.gt_s (global.get $g) (local.get 0))) (i32.xor (i32.load8_s offset=1 (i32.and
    (i32.const 16) (i32.const 31))) (i32.load16_u offset=6 (i32.and (local.get 1) (i32.const
    255)))))) (local.set 2 (i64.rotl (select (local.get 4) (i64.load8_u (i32.and (i32.const
    65535) (i32.const 63))) (i32.and (local.get 3) (i32.const 1))) (i64.extend_i32_u
    (i32.extend8_s (i32.const 255))))) (if (local.tee 1 (i32.eqz (local.get 0))) (then
    (local.set 1 (i32.shl (select (local.get 3) (i32.const 2147483647) (i32.const -128))
    (i32.const 8))) (local.set 4 (i64.extend_i32_u (local.get 3)))) (else (local.set 0
    (i32.load8_u offset=1 (i32.and (i32.xor (local.get 0) (i32.const 16)) (i32.const 31))))))
    (i64.xor (i64.rotl (i64.const -4294967296) (i64.const 17)) (i64.xor (i64.extend_i32_u
    (select (i32.le_u (local.get 1) (i32.load8_u offset=1 (i32.and (i32.and (i32.wrap_i64
    (local.get 4)) (i32.const 31)) (i32.const 60)))) (i32.gt_u (i32.load offset=6 (i32.and
    (i32.shl (i32.rotr (local.get 3) (i32.const 1)) (i32.const 8)) (i32.const 63))) (i32.const
    1000)) (i32.wrap_i64 (i64.mul (i64.load16_s (i32.and (local.tee 3 (i32.const 65535))
    (i32.const 63))) (i64.const 2147483648))))) (i64.add (local.get 4) (i64.load (i32.const
    12))))))
  (func (export "20") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 2 (i64.sub (i64.load8_u (i32.and (if (result i32) (i32.const 24) (then (local.get
    1)) (else (i32.const 15))) (i32.const 56))) (i64.const 1))) (block (local.set 3 (i32.mul
    (i32.ne (i32.const 31) (local.get 3)) (i32.ctz (local.get 1)))) (br_if 0 (i32.shr_u
    (local.get 1) (i32.eqz (local.get 0)))) (local.set 4 (i64.shr_s (i64.and (local.get 2)
    (i64.const 15)) (i64.or (i64.const 0xff00ff00ff) (local.get 2)))) (block (br_if 1 (i32.rem_s
    (local.get 1) (i32.const 3))) (local.set 0 (i32.or (i32.ge_s (local.get 0) (local.get 0))
    (i32.const -256))))) (local.set 3 (i32.extend8_s (i32.add (i32.mul (local.get 1) (global.get
    $g)) (i32.eqz (local.get 0))))) (i64.xor (i64.rotl (i64.popcnt (i64.extend_i32_u (i32.ge_s
    (i32.const 7) (select (i32.const 31) (local.get 1) (local.get 1))))) (i64.const 17))
    (i64.xor (i64.extend_i32_u (i32.le_u (i32.rem_s (select (local.get 3) (i32.wrap_i64 (i64.and
    (i64.const 0xff00ff00ff) (i64.const 2147483647))) (i32.rotr (i32.wrap_i64 (i64.const 65535))
    (i32.ge_u (global.get $g) (local.get 1)))) (i32.const 1)) (i32.wrap_i64 (i64.shr_s (i64.mul
    (i64.shr_s (local.get 2) (i64.const -4294967296)) (i64.extend_i32_s (i32.const 1000)))
    (i64.mul (i64.const -128) (i64.or (i64.const 0xff00ff00ff) (i64.const 0xff00ff00ff)))))))
    (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "21") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 0 (i32.clz (i32.shl (i32.le_u (i32.const 16) (local.get 0)) (i32.const 255))))
    (local.set 1 (i32.add (i64.lt_s (i64.or (i64.const 32) (i64.const 16)) (i64.extend8_s
    (i64.const -256))) (if (result i32) (i32.ge_s (local.get 1) (local.get 1)) (then (i32.ge_s
    (i32.const -256) (i32.const 65280))) (else (if (result i32) (global.get $g) (then (local.get
    3)) (else (i32.const -2))))))) (local.set 3 (i32.shl (i32.rem_s (i32.load16_u offset=6
    (i32.and (global.get $g) (i32.const 63))) (i32.const -7)) (i32.const 1))) (i64.xor (i64.rotl
    (i64.extend_i32_s (i32.ne (select (i32.xor (i32.const 1000) (local.get 1)) (global.get $g)
    (i32.xor (local.get 3) (i32.const 256))) (select (i32.eqz (i32.const 2)) (if (result i32)
    (local.get 0) (then (global.get $g)) (else (local.get 0))) (if (result i32) (i32.const 2)
    (then (local.get 3)) (else (global.get $g)))))) (i64.const 17)) (i64.xor (i64.extend_i32_u
    (i32.shr_s (select (i32.ne (i32.wrap_i64 (i64.shr_s (local.get 4) (i64.const 0xff00ff00ff)))
    (i32.add (i32.wrap_i64 (local.get 4)) (i32.and (local.get 1) (i32.const -128)))) (if (result
    i32) (i32.load16_u (i32.and (if (result i32) (local.get 3) (then (local.get 1)) (else
    (local.get 3))) (i32.const 255))) (then (i32.or (local.tee 1 (local.get 1)) (i32.wrap_i64
    (i64.const 0xff00ff00ff)))) (else (i32.add (i32.wrap_i64 (i64.const -4294967296)) (i32.const
    1)))) (i32.shr_u (select (i32.le_u (i32.const -128) (i32.const 1000)) (i32.shr_u (local.get
    1) (local.get 0)) (i32.div_u (local.get 1) (i32.or (local.get 3) (i32.const 1)))) (i32.const
    255))) (i64.lt_s (block (result i64) (br_if 0 (i64.mul (i64.xor (i64.const 8) (i64.const
    -256)) (local.tee 4 (i64.const 0xff00ff00ff))) (i32.wrap_i64 (i64.shl (local.get 2)
    (i64.const 255)))) (drop) (select (local.tee 4 (i64.const -4294967296)) (i64.clz (local.get
    4)) (local.tee 1 (i32.const 15)))) (i64.or (i64.and (local.tee 4 (i64.const -4294967296))
    (local.tee 4 (local.get 4))) (i64.const 65280))))) (i64.add (local.get 4) (i64.load
    (i32.const 12))))))
  (func (export "22") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 0 (i32.and (i32.sub (i32.xor (local.get 1) (i32.const 16)) (i32.const 255))
    (select (i32.wrap_i64 (local.get 2)) (i32.xor (local.get 3) (i32.const 3)) (i64.ge_s
    (i64.const -4294967296) (local.get 4))))) (local.set 2 (i64.or (i64.div_s (i64.shr_u
    (i64.const -4294967296) (i64.const -2)) (i64.const -7)) (i64.const 31))) (local.set 0
    (i32.eqz (select (select (i32.const 1) (local.get 0) (local.get 1)) (i32.xor (local.get 0)
    (i32.const 2147483648)) (i32.extend8_s (local.get 1))))) (i64.xor (i64.rotl (i64.clz
    (i64.extend_i32_u (i32.load offset=1 (i32.and (i32.load16_s (i32.and (local.get 3)
    (i32.const 31))) (i32.const 60))))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.add
    (i32.ge_u (local.get 1) (i32.load16_s (i32.and (select (i32.lt_s (i32.const 65280)
    (i32.const 65280)) (local.get 1) (i32.add (i32.const 65535) (i32.const 31))) (i32.const
    60)))) (i32.sub (i32.le_s (if (result i32) (i32.lt_s (i32.const 65280) (local.get 0)) (then
    (local.get 1)) (else (i32.load16_u offset=1 (i32.and (local.get 0) (i32.const 255)))))
    (select (select (local.get 3) (local.get 1) (local.get 0)) (i32.rotl (local.get 3)
    (i32.const -2)) (i32.and (i32.const 256) (i32.const 2147483648)))) (i32.shl (select
    (i32.rotr (i32.const 2147483647) (local.get 3)) (i32.ctz (i32.const 24)) (i32.lt_u
    (local.get 3) (local.get 1))) (i32.const 3))))) (i64.add (local.get 4) (i64.load (i32.const
    12))))))
  (func (export "23") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 2 (i64.load32_s (i32.and (i32.and (i32.const 1) (i32.const 2147483647))
    (i32.const 63)))) (local.set 3 (i32.shl (i32.clz (i32.shl (i32.const 65280) (i32.const -2)))
    (i32.lt_s (i32.ge_s (local.get 3) (i32.const 2)) (i32.shr_u (local.get 3) (local.get 0)))))
    (i64.store32 (i32.and (i32.shl (i32.rotr (local.get 1) (i32.const 1)) (i32.and (i32.const 8)
    (i32.const -256))) (i32.const 63)) (i64.extend_i32_s (i32.div_u (i32.and (i32.const 65535)
    (i32.const 256)) (i32.or (i32.const 65280) (i32.const 1))))) (i64.xor (i64.rotl (select
    (i64.shr_s (i64.and (select (i64.const 2147483647) (local.get 2) (local.get 3)) (local.tee 4
    (local.get 4))) (i64.const 2147483647)) (i64.and (i64.mul (select (i64.const 15) (i64.const
    3) (local.get 3)) (i64.const 8)) (i64.const 256)) (local.tee 1 (i32.and (i32.const 24)
    (i32.const -128)))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.load16_u offset=1
    (i32.and (i32.and (local.tee 3 (i32.rem_s (i32.shr_u (local.get 3) (i32.const 65280))
    (i32.const 3))) (i32.and (i32.add (select (local.get 3) (local.get 3) (i32.const 65535))
    (select (i32.const -1) (local.get 0) (i32.const -2))) (i32.const 31))) (i32.const 63))))
    (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "24") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 5 (i32.const 0)) (loop (local.set 5 (i32.add (local.get 5) (i32.const 1)))
    (local.set 0 (if (result i32) (i32.const 2147483648) (then (local.get 3)) (else (i32.const
    2147483647)))) (br_if 0 (i32.lt_u (local.get 5) (i32.const 5)))) (i32.store (i32.and
    (i32.ge_u (i64.eq (local.get 4) (local.get 4)) (i32.rotl (i32.const 2) (i32.const -1)))
    (i32.const 63)) (select (i32.ge_u (i32.rotl (local.get 0) (i32.const 256)) (i32.wrap_i64
    (i64.const 0xff00ff00ff))) (select (select (local.get 0) (local.get 0) (local.get 1))
    (i32.or (i32.const 8) (local.get 3)) (i32.ctz (i32.const 15))) (i32.xor (i32.gt_u (local.get
    0) (local.get 3)) (i32.const 2147483647)))) (global.set $g (if (result i32) (i32.sub
    (i32.shr_u (i32.const 8) (i32.const 2147483647)) (i32.const 16)) (then (if (result i32)
    (i32.div_u (i32.const 65535) (i32.or (local.get 1) (i32.const 1))) (then (i32.wrap_i64
    (i64.const -4294967296))) (else (i32.rem_s (global.get $g) (i32.const 3))))) (else
    (i32.load16_s offset=1 (i32.and (i32.const 2) (i32.const 60)))))) (i64.xor (i64.rotl
    (i64.sub (i64.add (i64.load8_u (i32.and (i32.shr_s (local.get 1) (i32.const 31)) (i32.const
    56))) (i64.shr_s (i64.div_s (local.get 2) (i64.const 16)) (i64.xor (i64.const -4294967296)
    (i64.const 65280)))) (i64.add (i64.add (local.tee 4 (local.get 2)) (i64.const 2147483647))
    (select (select (i64.const 0xff00ff00ff) (i64.const -4294967296) (local.get 1)) (i64.popcnt
    (i64.const 0xff00ff00ff)) (i32.mul (i32.const 2147483647) (local.get 1))))) (i64.const 17))
    (i64.xor (i64.extend_i32_u (i32.and (global.get $g) (i32.const 15))) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "25") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 0 (i32.rotl (i32.and (i32.and (i32.const 24) (global.get $g)) (i32.const 16))
    (i32.eqz (i32.sub (local.get 1) (i32.const 3))))) (if (i32.load8_u offset=6 (i32.and
    (i32.shl (i32.const 15) (local.get 1)) (i32.const 60))) (then (global.set $g (local.tee 1
    (i32.add (i32.const 255) (i32.const 2147483648)))) (i64.store (i32.and (select (i32.const
    65535) (i32.const 31) (local.get 0)) (i32.const 63)) (i64.xor (i64.and (local.get 4)
    (i64.const 255)) (i64.extend16_s (i64.const 0xff00ff00ff))))) (else (local.set 0 (i32.shr_u
    (i32.wrap_i64 (i64.const -1)) (i32.const 1000))))) (i64.store8 (i32.and (local.tee 3
    (i32.lt_s (local.get 1) (i32.const -256))) (i32.const 63)) (i64.sub (block (result i64)
    (br_if 0 (i64.and (i64.const 0xff00ff00ff) (i64.const -4294967296)) (i32.shr_u (local.get 3)
    (local.get 3))) (drop) (i64.shl (local.get 2) (i64.const 16))) (i64.shl (i64.div_s
    (i64.const -4294967296) (i64.const -7)) (i64.const 65535)))) (i64.xor (i64.rotl (i64.mul
    (select (i64.or (i64.add (local.get 4) (i64.const 15)) (i64.const 32)) (i64.const
    -4294967296) (local.get 0)) (i64.add (local.tee 4 (i64.extend_i32_s (local.get 3)))
    (i64.const 65535))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.shr_u (i32.const 0)
    (i32.const 1))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "26") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 1 (i32.sub (select (i32.load (i32.and (local.get 1) (i32.const 63))) (i32.or
    (local.get 0) (local.get 1)) (i32.rotl (local.get 3) (i32.const 16))) (i32.mul (i32.lt_s
    (local.get 0) (local.get 3)) (local.tee 1 (local.get 3))))) (local.set 2 (i64.extend16_s
    (i64.mul (select (i64.const 0xff00ff00ff) (local.get 4) (local.get 3)) (i64.const
    2147483648)))) (global.set $g (i32.shr_u (i32.and (i32.and (i32.const 7) (i32.const 65535))
    (i32.const 256)) (i32.wrap_i64 (i64.extend_i32_u (local.get 1))))) (i64.xor (i64.rotl
    (select (block (result i64) (br_if 0 (i64.xor (i64.or (local.get 2) (i64.const -4294967296))
    (i64.const 255)) (i32.load16_u (i32.and (local.tee 3 (global.get $g)) (i32.const 63))))
    (drop) (i64.div_s (i64.load8_s (i32.and (i32.const 1000) (i32.const 63))) (i64.const 16)))
    (local.tee 4 (local.get 2)) (i32.shr_s (if (result i32) (global.get $g) (then (i32.shl
    (local.get 0) (local.get 0))) (else (i32.shl (i32.const 1000) (global.get $g))))
    (i32.load8_u (i32.and (i32.and (local.get 0) (global.get $g)) (i32.const 31))))) (i64.const
    17)) (i64.xor (i64.extend_i32_u (i32.wrap_i64 (i64.and (local.tee 4 (i64.div_s (i64.sub
    (local.get 4) (i64.const 15)) (i64.const -7))) (i64.mul (i64.shl (i64.rotl (i64.const
    -4294967296) (local.get 4)) (i64.const 2147483647)) (i64.const 0))))) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "27") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i64.store16 (i32.and (i32.sub (local.get 1) (i32.const 24)) (i32.const 63)) (local.tee 4
    (i64.and (i64.and (local.get 2) (local.get 4)) (i64.const 65280)))) (block (local.set 3
    (local.tee 1 (if (result i32) (local.get 3) (then (i32.const 65535)) (else (global.get
    $g))))) (br_if 0 (i32.gt_u (i32.le_s (local.get 0) (local.get 0)) (i32.eqz (global.get
    $g)))) (global.set $g (i64.lt_s (i64.load32_u (i32.and (local.get 0) (i32.const 31)))
    (i64.shr_s (local.get 4) (i64.const 1)))) (block (br_if 1 (local.tee 1 (i32.ctz (local.get
    0)))) (i64.store (i32.and (i32.or (local.get 1) (i32.const 8)) (i32.const 63)) (i64.add
    (block (result i64) (br_if 0 (i64.const -4294967296) (i32.const 16)) (drop) (i64.const 1))
    (i64.const 255))))) (local.set 4 (select (i64.extend_i32_u (i32.eq (i32.const 8) (global.get
    $g))) (local.tee 4 (i64.shl (i64.const 256) (local.get 4))) (i32.and (i32.xor (local.get 0)
    (i32.const 15)) (i32.and (local.get 0) (i32.const 7))))) (i64.xor (i64.rotl (i64.load16_s
    (i32.and (i32.gt_s (i32.shr_u (i32.wrap_i64 (local.get 2)) (i32.const -2)) (i32.wrap_i64
    (i64.shr_u (local.get 2) (i64.const 32)))) (i32.const 31))) (i64.const 17)) (i64.xor
    (i64.extend_i32_u (i32.and (i32.rem_s (i32.load16_u offset=1 (i32.and (i32.or (if (result
    i32) (local.get 0) (then (local.get 1)) (else (local.get 0))) (i32.const 255)) (i32.const
    63))) (i32.const 3)) (i32.const 1))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
)
