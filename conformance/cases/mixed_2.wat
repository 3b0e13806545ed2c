;; Functions made by chance from integer instructions, branches, loads and stores.
(module
  (memory 1)
  (global $g (mut i32) (i32.const 77))
  (func (export "reset")
    (global.set $g (i32.const 77)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 100))
    (i64.store (i32.const 8) (i64.const -81985529216486896))
    (i64.store (i32.const 33) (i64.const 1311768467463790320)))
  (func (export "0") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 5 (i32.const 0)) (loop (local.set 5 (i32.add (local.get 5) (i32.const 1))) (block
    (local.set 0 (local.get 0)) (br_if 0 (i32.const 2147483648)) (if (local.get 0) (then
    (i32.store16 (i32.and (i32.const 65280) (i32.const 63)) (i32.const 2147483647)) (block
    (global.set $g (local.get 1)) (br_if 0 (i32.const 0)) (local.set 4 (i64.const 0xff00ff00ff))
    (block (br_if 1 (i32.const 2147483647)) (local.set 0 (local.get 0))))) (else (local.set 0
    (local.get 3)))) (block (br_if 1 (local.get 3)) (i32.store (i32.and (i32.const 65535)
    (i32.const 63)) (i32.const 2147483647)))) (br_if 0 (i32.lt_u (local.get 5) (i32.const 5))))
    (if (i32.rem_s (i32.shr_u (local.get 3) (local.get 1)) (i32.const 8)) (then (block
    (global.set $g (i32.rotr (local.get 1) (i32.const -1))) (br_if 0 (i32.load8_s offset=1
    (i32.and (i32.const 8) (i32.const 60)))) (if (local.get 1) (then (local.set 5 (i32.const 0))
    (loop (local.set 5 (i32.add (local.get 5) (i32.const 1))) (i64.store16 (i32.and (local.get
    0) (i32.const 63)) (i64.const -4294967296)) (br_if 0 (i32.lt_u (local.get 5) (i32.const
    5)))) (block (i32.store (i32.and (i32.const 32) (i32.const 63)) (i32.const 15)) (br_if 0
    (i32.const 3)) (local.set 3 (local.get 3)) (block (br_if 1 (local.get 0)) (if (local.get 1)
    (then (local.set 0 (i32.const 1)) (local.set 2 (i64.const 1))) (else (local.set 2 (local.get
    2))))))) (else (local.set 0 (local.get 3)))) (block (br_if 1 (i32.lt_s (i32.const 8)
    (i32.const 2147483647))) (i64.store16 (i32.and (global.get $g) (i32.const 63)) (i64.add
    (i64.const 0) (i64.const -256))))) (if (i32.add (local.get 3) (i32.const 1)) (then (block
    (if (i32.const 1000) (then (local.set 0 (local.get 3)) (local.set 2 (i64.const
    0xff00ff00ff))) (else (if (i32.const 2147483647) (then (i32.store8 (i32.and (local.get 1)
    (i32.const 63)) (local.get 1)) (local.set 3 (i32.const -256))) (else (local.set 3 (i32.const
    2147483648)))))) (br_if 0 (local.get 0)) (local.set 0 (local.get 3)) (block (br_if 1
    (local.get 3)) (block (local.set 5 (i32.const 0)) (loop (local.set 5 (i32.add (local.get 5)
    (i32.const 1))) (local.set 1 (local.get 0)) (br_if 0 (i32.lt_u (local.get 5) (i32.const
    9)))) (br_if 0 (local.get 3)) (i64.store8 (i32.and (i32.const 24) (i32.const 63)) (local.get
    2)) (block (br_if 1 (local.get 1)) (local.set 2 (local.get 2)))))) (local.set 0 (i32.const
    3))) (else (local.set 3 (i32.ge_s (i32.const 15) (i32.const 15)))))) (else (i64.store16
    (i32.and (i32.and (local.get 1) (i32.const -2)) (i32.const 63)) (i64.shr_s (i64.extend_i32_u
    (global.get $g)) (i64.add (i64.const 0xff00ff00ff) (local.get 4)))))) (if (i32.shr_s
    (i32.const 65535) (i32.or (local.get 1) (i32.const 2))) (then (local.set 1 (i32.clz (i32.xor
    (local.get 0) (local.get 3)))) (if (i32.div_u (i32.const 0) (i32.or (global.get $g)
    (i32.const 1))) (then (global.set $g (i32.const 31)) (local.set 4 (i64.shr_s (i64.const
    0xff00ff00ff) (i64.const 65280)))) (else (block (if (local.get 0) (then (local.set 3
    (local.get 1)) (i64.store (i32.and (global.get $g) (i32.const 63)) (local.get 2))) (else
    (local.set 0 (i32.const 7)))) (br_if 0 (i32.const 2)) (if (i32.const 2147483648) (then
    (local.set 5 (i32.const 0)) (loop (local.set 5 (i32.add (local.get 5) (i32.const 1)))
    (i32.store (i32.and (i32.const 256) (i32.const 63)) (local.get 3)) (br_if 0 (i32.lt_u
    (local.get 5) (i32.const 9)))) (local.set 2 (i64.const 2147483647))) (else (local.set 3
    (i32.const 65280)))) (block (br_if 1 (local.get 3)) (local.set 3 (local.get 0))))))) (else
    (global.set $g (i32.gt_u (i32.extend16_s (local.get 3)) (global.get $g))))) (i64.xor
    (i64.rotl (i64.shr_u (i64.const 0xff00ff00ff) (i64.shl (block (result i64) (br_if 0
    (i64.popcnt (local.get 4)) (i32.rotl (i32.const -256) (i32.const 32))) (drop) (i64.clz
    (local.get 4))) (i64.const 0))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.and
    (local.tee 1 (i32.eqz (i64.gt_u (i64.extend_i32_u (local.get 3)) (i64.and (i64.const
    0xff00ff00ff) (i64.const 2))))) (i32.load8_u offset=6 (i32.and (i32.wrap_i64 (i64.shr_u
    (block (result i64) (br_if 0 (i64.const -128) (local.get 1)) (drop) (local.get 4)) (block
    (result i64) (br_if 0 (i64.const 2147483648) (local.get 1)) (drop) (i64.const
    0xff00ff00ff)))) (i32.const 31))))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "1") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 4 (i64.shl (i64.load16_s (i32.and (i64.lt_u (i64.const 2) (i64.const 32))
    (i32.const 63))) (i64.const 31))) (i32.store8 (i32.and (local.tee 1 (i32.load8_s offset=6
    (i32.and (i32.const 31) (i32.const 31)))) (i32.const 63)) (i32.lt_u (i32.sub (select
    (local.get 1) (local.get 1) (local.get 1)) (if (result i32) (local.get 0) (then (i32.const
    65535)) (else (i32.const 15)))) (i32.sub (i32.load16_u (i32.and (local.get 0) (i32.const
    63))) (i32.gt_u (local.get 3) (i32.const 2147483647))))) (i32.store16 (i32.and (i64.lt_u
    (i64.load8_u (i32.and (local.get 1) (i32.const 63))) (i64.div_s (i64.const 0xff00ff00ff)
    (i64.const -7))) (i32.const 63)) (local.tee 3 (i32.add (i32.sub (i32.const -256) (local.get
    0)) (i32.const -128)))) (i64.xor (i64.rotl (i64.shl (i64.and (i64.mul (i64.mul (i64.const
    65280) (local.get 4)) (i64.load16_u (i32.and (i32.const -256) (i32.const 56)))) (select
    (i64.extend16_s (i64.const -4294967296)) (i64.shl (i64.const -4294967296) (i64.const 16))
    (i32.le_u (local.get 1) (local.get 3)))) (i64.const -2)) (i64.const 17)) (i64.xor
    (i64.extend_i32_u (i32.wrap_i64 (i64.rotl (i64.shr_u (local.tee 4 (i64.extend_i32_u
    (i32.const 2147483648))) (i64.const 8)) (select (i64.const 3) (i64.shl (i64.shl (local.get
    2) (i64.const 65535)) (i64.extend_i32_u (i32.const -1))) (local.get 0))))) (i64.add
    (local.get 4) (i64.load (i32.const 12))))))
  (func (export "2") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (if (i32.wrap_i64 (i64.shr_s (local.get 4) (i64.const 16))) (then (local.set 0 (i32.popcnt
    (i32.wrap_i64 (i64.const -4294967296)))) (global.set $g (i32.sub (i32.and (local.get 0)
    (local.get 1)) (i32.sub (global.get $g) (local.get 1))))) (else (local.set 5 (i32.const 0))
    (loop (local.set 5 (i32.add (local.get 5) (i32.const 1))) (local.set 3 (local.get 3)) (br_if
    0 (i32.lt_u (local.get 5) (i32.const 9)))))) (local.set 3 (i32.and (i32.mul (i64.ge_s
    (local.get 2) (local.get 4)) (i32.const 1)) (i32.const 3))) (local.set 3 (i32.sub (local.tee
    3 (i32.div_u (local.get 1) (i32.or (i32.const 24) (i32.const 1)))) (i32.const 2147483647)))
    (i64.xor (i64.rotl (i64.shl (i64.or (i64.rotl (i64.div_s (local.get 4) (i64.const -7))
    (i64.shr_u (i64.const 0xff00ff00ff) (i64.const 1000))) (local.tee 4 (i64.and (i64.const
    -4294967296) (i64.const 0xff00ff00ff)))) (i64.extend_i32_s (local.get 3))) (i64.const 17))
    (i64.xor (i64.extend_i32_u (i32.and (i32.extend16_s (i32.and (select (select (local.get 1)
    (local.get 3) (local.get 3)) (select (local.get 1) (i32.const 0) (local.get 3)) (i32.and
    (i32.const 2) (i32.const 65535))) (i32.const -256))) (select (i32.eqz (local.tee 1
    (local.tee 3 (global.get $g)))) (i32.load8_s offset=6 (i32.and (i32.and (i32.div_u
    (i32.const 65280) (i32.or (local.get 1) (i32.const 1))) (i32.lt_u (local.get 0) (local.get
    0))) (i32.const 31))) (i32.const 256)))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "3") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 1 (i32.load offset=1 (i32.and (i64.lt_s (i64.add (local.get 4) (i64.const
    -4294967296)) (i64.const 7)) (i32.const 31)))) (i32.store16 (i32.and (i32.wrap_i64 (i64.or
    (i64.const 2147483647) (i64.const -1))) (i32.const 63)) (i32.wrap_i64 (i64.and (i64.shl
    (i64.const 0xff00ff00ff) (i64.const 2147483647)) (i64.const 7)))) (local.set 1 (i32.wrap_i64
    (block (result i64) (br_if 0 (i64.shl (i64.const -4294967296) (i64.const 65280)) (i32.mul
    (local.get 0) (i32.const 255))) (drop) (i64.add (i64.const -4294967296) (i64.const 16)))))
    (i64.xor (i64.rotl (local.tee 4 (i64.extend_i32_u (i32.extend8_s (local.get 3)))) (i64.const
    17)) (i64.xor (i64.extend_i32_u (i32.extend16_s (local.get 3))) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "4") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (block (local.set 2 (i64.rotl (block (result i64) (br_if 0 (local.get 4) (local.get 1))
    (drop) (i64.const -4294967296)) (i64.const -256))) (br_if 0 (i32.load8_s offset=1 (i32.and
    (i32.mul (i32.const -256) (i32.const 65535)) (i32.const 255)))) (global.set $g (i32.and
    (i32.wrap_i64 (i64.const 0xff00ff00ff)) (i32.const 0))) (block (br_if 1 (local.tee 1
    (i32.ctz (local.get 1)))) (local.set 3 (i32.load offset=1 (i32.and (i32.rotl (local.get 1)
    (i32.const 255)) (i32.const 255)))))) (local.set 3 (i64.ge_s (i64.extend_i32_s (i64.ge_s
    (i64.const -4294967296) (i64.const 1000))) (i64.extend_i32_u (i32.wrap_i64 (local.get 4)))))
    (local.set 4 (i64.extend16_s (local.tee 4 (i64.shl (i64.const 1000) (i64.const
    2147483648))))) (i64.xor (i64.rotl (local.get 2) (i64.const 17)) (i64.xor (i64.extend_i32_u
    (i32.add (i32.ge_u (i32.gt_u (i32.load16_s offset=1 (i32.and (i32.rotr (local.get 0)
    (local.get 0)) (i32.const 31))) (local.get 3)) (i32.rem_s (i32.wrap_i64 (i64.and (local.get
    4) (i64.const -4294967296))) (i32.const 255))) (i32.const 65535))) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "5") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (if (i32.xor (if (result i32) (i32.const 8) (then (i32.const -1)) (else (i32.const -128)))
    (i32.rotl (local.get 0) (i32.const 8))) (then (local.set 1 (i32.wrap_i64 (i64.ctz (i64.const
    0xff00ff00ff)))) (i32.store16 (i32.and (i32.shl (local.get 3) (i32.const 15)) (i32.const
    63)) (i32.and (i32.rotr (local.get 0) (i32.const 65535)) (local.get 0)))) (else (if (i32.ne
    (local.get 1) (local.get 3)) (then (i64.store8 (i32.and (local.get 0) (i32.const 63))
    (i64.extend_i32_u (local.get 0))) (local.set 1 (i32.add (i32.const 65535) (i32.const 7))))
    (else (local.set 5 (i32.const 0)) (loop (local.set 5 (i32.add (local.get 5) (i32.const 1)))
    (if (local.get 1) (then (if (i32.const 15) (then (local.set 0 (local.get 0)) (local.set 1
    (i32.const 2147483647))) (else (if (i32.const 1000) (then (i32.store8 (i32.and (local.get 1)
    (i32.const 63)) (i32.const 15)) (local.set 2 (i64.const 0))) (else (i32.store16 (i32.and
    (local.get 3) (i32.const 63)) (i32.const 7)))))) (block (global.set $g (local.get 1)) (br_if
    0 (local.get 1)) (local.set 3 (local.get 3)) (block (br_if 1 (local.get 0)) (block
    (local.set 2 (i64.const -4294967296)) (br_if 0 (i32.const -1)) (local.set 0 (global.get $g))
    (block (br_if 1 (i32.const 16)) (if (i32.const 8) (then (i32.store (i32.and (local.get 3)
    (i32.const 63)) (local.get 1)) (local.set 4 (i64.const -4294967296))) (else (local.set 2
    (local.get 2))))))))) (else (i32.store (i32.and (local.get 1) (i32.const 63)) (local.get
    3)))) (br_if 0 (i32.lt_u (local.get 5) (i32.const 2)))))))) (i32.store16 (i32.and (local.tee
    1 (i32.ctz (local.get 3))) (i32.const 63)) (i32.wrap_i64 (local.get 4))) (global.set $g
    (i32.le_s (i32.add (i32.ge_u (local.get 1) (local.get 0)) (i32.mul (i32.const 8) (i32.const
    -256))) (i32.eq (i32.sub (i32.const 15) (local.get 1)) (if (result i32) (local.get 1) (then
    (i32.const -2)) (else (local.get 3)))))) (i64.xor (i64.rotl (i64.and (i64.extend_i32_s
    (i32.rem_s (select (local.get 3) (local.get 1) (global.get $g)) (i32.const 8))) (i64.const
    -2)) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.const -2)) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "6") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (global.set $g (if (result i32) (i32.load16_u (i32.and (i32.ne (i32.const 15) (local.get 3))
    (i32.const 63))) (then (local.tee 1 (i32.shr_s (local.get 3) (local.get 0)))) (else (select
    (global.get $g) (i32.eqz (local.get 0)) (select (i32.const 15) (global.get $g) (i32.const
    2147483647)))))) (block (i32.store16 (i32.and (i32.and (i32.const 2147483647) (i32.const 1))
    (i32.const 63)) (local.get 3)) (br_if 0 (i32.rotr (i32.load8_s offset=1 (i32.and (local.get
    1) (i32.const 60))) (i32.const 65535))) (local.set 3 (i32.xor (i32.const 8) (i32.shl
    (i32.const 2) (i32.const 8)))) (block (br_if 1 (i32.rotr (i32.div_u (global.get $g) (i32.or
    (local.get 1) (i32.const 1))) (i32.ctz (local.get 3)))) (block (i32.store16 (i32.and
    (local.get 0) (i32.const 63)) (local.get 3)) (br_if 0 (select (i32.const 0) (local.get 1)
    (local.get 0))) (i32.store (i32.and (i32.const 24) (i32.const 63)) (i32.wrap_i64 (local.get
    4))) (block (br_if 1 (i32.rotr (local.get 3) (i32.const -1))) (block (i32.store (i32.and
    (local.get 0) (i32.const 63)) (local.get 3)) (br_if 0 (local.get 0)) (i32.store (i32.and
    (local.get 0) (i32.const 63)) (global.get $g)) (block (br_if 1 (i32.const 31)) (local.set 2
    (local.get 4)))))))) (i32.store16 (i32.and (i32.sub (i32.wrap_i64 (local.get 4)) (local.get
    3)) (i32.const 63)) (i32.ge_s (i32.div_u (i32.or (i32.const 65535) (i32.const 7)) (i32.or
    (global.get $g) (i32.const 1))) (i32.div_u (i32.rem_s (local.get 3) (i32.const 3)) (i32.or
    (i32.const 8) (i32.const 1))))) (i64.xor (i64.rotl (i64.and (i64.sub (i64.extend_i32_u
    (i32.load offset=6 (i32.and (local.get 0) (i32.const 31)))) (i64.and (select (local.get 2)
    (local.get 2) (local.get 0)) (i64.const 2147483647))) (i64.const 15)) (i64.const 17))
    (i64.xor (i64.extend_i32_u (i32.add (i32.and (i32.ge_s (i64.eq (local.tee 4 (local.get 4))
    (i64.ctz (i64.const -1))) (i32.rem_s (i32.extend16_s (i32.const 2)) (i32.const -7)))
    (i32.const 0)) (i32.const 2147483648))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "7") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 3 (i32.load8_u offset=6 (i32.and (i32.rotr (select (local.get 0) (local.get 3)
    (local.get 0)) (i32.gt_s (i32.const 3) (local.get 3))) (i32.const 63)))) (block (local.set 2
    (i64.extend_i32_u (i32.wrap_i64 (local.get 2)))) (br_if 0 (i32.lt_u (i32.eq (i32.const
    2147483647) (i32.const 24)) (i32.shl (i32.const 65280) (i32.const 2147483648)))) (block (if
    (local.get 3) (then (local.set 0 (i32.const 24)) (global.set $g (local.get 1))) (else
    (i32.store (i32.and (i32.const 7) (i32.const 63)) (i32.const 1)))) (br_if 0 (local.get 3))
    (local.set 0 (i32.rem_s (i32.const 1000) (i32.const 1))) (block (br_if 1 (i32.extend16_s
    (local.get 1))) (local.set 3 (i32.rotl (local.get 0) (i32.const 2147483647))))) (block
    (br_if 1 (i32.eq (local.get 3) (i32.div_u (local.get 1) (i32.or (local.get 1) (i32.const
    1))))) (global.set $g (i32.eqz (i32.shr_u (i32.const 2147483647) (local.get 0))))))
    (i32.store16 (i32.and (select (i32.ctz (i32.const 2)) (i32.rotr (i32.const 1000) (i32.const
    15)) (i32.xor (local.get 3) (global.get $g))) (i32.const 63)) (i32.clz (local.get 3)))
    (i64.xor (i64.rotl (i64.or (i64.popcnt (i64.extend16_s (i64.add (i64.const -4294967296)
    (i64.const 65280)))) (i64.const 65280)) (i64.const 17)) (i64.xor (i64.extend_i32_u (if
    (result i32) (i64.eq (i64.mul (i64.and (i64.shr_u (i64.const 255) (i64.const 32))
    (i64.extend16_s (local.get 4))) (i64.extend_i32_s (i32.shr_u (global.get $g) (i32.const
    65280)))) (i64.sub (i64.extend_i32_u (i32.load (i32.and (i32.const 256) (i32.const 255))))
    (i64.const 24))) (then (i32.rem_s (i32.eqz (i32.wrap_i64 (i64.sub (local.get 4) (i64.const
    24)))) (i32.const 3))) (else (i32.div_u (local.get 1) (i32.or (i32.and (i32.load offset=1
    (i32.and (local.get 0) (i32.const 60))) (i32.and (local.get 1) (i32.const 2147483648)))
    (i32.const 1)))))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "8") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i64.store16 (i32.and (i32.sub (i32.wrap_i64 (i64.const 256)) (i32.eq (i32.const 65280)
    (i32.const 32))) (i32.const 63)) (local.get 4)) (i64.store16 (i32.and (i64.gt_u
    (i64.extend_i32_u (i32.const 65535)) (i64.shr_s (local.get 2) (i64.const 24))) (i32.const
    63)) (i64.extend_i32_s (local.get 0))) (block (local.set 1 (i32.and (i32.wrap_i64 (i64.const
    -4294967296)) (i32.load8_s (i32.and (local.get 1) (i32.const 255))))) (br_if 0 (i32.ge_s
    (i32.div_u (local.get 0) (i32.or (i32.const 2147483647) (i32.const 1))) (local.tee 1
    (global.get $g)))) (global.set $g (i32.or (i32.eq (local.get 1) (i32.const 2147483648))
    (i32.const -2))) (block (br_if 1 (i32.clz (i32.or (i32.const 2147483648) (global.get $g))))
    (local.set 3 (i32.const 1000)))) (i64.xor (i64.rotl (local.tee 4 (local.tee 4 (i64.shr_u
    (i64.mul (i64.const -4294967296) (i64.const 65280)) (i64.load32_s (i32.and (local.get 1)
    (i32.const 31)))))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i64.lt_s (i64.and (i64.add
    (i64.extend_i32_u (i32.le_s (global.get $g) (local.get 1))) (i64.const 15)) (i64.rotl
    (i64.shr_s (i64.mul (i64.const -4294967296) (local.get 2)) (i64.and (local.get 4) (i64.const
    0xff00ff00ff))) (i64.load16_s (i32.and (i32.wrap_i64 (i64.const 7)) (i32.const 63)))))
    (i64.extend_i32_u (i32.wrap_i64 (i64.rotl (i64.extend_i32_s (i32.const 2)) (i64.load
    (i32.and (i32.const 8) (i32.const 31)))))))) (i64.add (local.get 4) (i64.load (i32.const
    12))))))
  (func (export "9") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i64.store16 (i32.and (i32.wrap_i64 (i64.shl (i64.const -4294967296) (i64.const
    0xff00ff00ff))) (i32.const 63)) (i64.shr_u (i64.rotl (i64.add (i64.const 0xff00ff00ff)
    (i64.const 0xff00ff00ff)) (i64.extend8_s (i64.const 0xff00ff00ff))) (i64.const 8))) (if
    (i32.sub (i32.and (local.get 0) (i32.const 32)) (i64.gt_u (i64.const 7) (i64.const
    -4294967296))) (then (i64.store32 (i32.and (i32.shl (local.get 3) (i32.const 1)) (i32.const
    63)) (i64.rotl (i64.div_s (i64.const -4294967296) (i64.const 3)) (local.get 2))) (if
    (i32.ge_u (i32.const 3) (local.get 0)) (then (local.set 5 (i32.const 0)) (loop (local.set 5
    (i32.add (local.get 5) (i32.const 1))) (i32.store16 (i32.and (local.get 0) (i32.const 63))
    (local.get 1)) (br_if 0 (i32.lt_u (local.get 5) (i32.const 9)))) (local.set 4 (i64.and
    (i64.const -4294967296) (i64.const 65535)))) (else (local.set 2 (select (local.get 2)
    (local.get 2) (local.get 0)))))) (else (local.set 0 (i32.wrap_i64 (i64.load8_s (i32.and
    (local.get 3) (i32.const 31))))))) (if (select (if (result i32) (i32.const -2) (then
    (local.get 0)) (else (local.get 0))) (i32.wrap_i64 (i64.const -4294967296)) (i32.const 256))
    (then (i64.store8 (i32.and (i32.div_u (local.get 0) (i32.or (local.get 1) (i32.const 1)))
    (i32.const 63)) (local.tee 4 (i64.const -4294967296))) (global.set $g (local.get 1))) (else
    (local.set 4 (i64.and (i64.ctz (i64.const 8)) (i64.load8_u (i32.and (i32.const 7) (i32.const
    63))))))) (i64.xor (i64.rotl (i64.ctz (i64.xor (i64.shr_s (i64.const 256) (local.tee 4
    (local.get 4))) (i64.div_s (i64.shr_u (local.get 2) (i64.const 1)) (i64.const 3))))
    (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.shl (i32.rotl (i64.lt_s (i64.extend_i32_u
    (i32.shr_u (i32.const 15) (i32.const 65535))) (local.tee 4 (i64.extend16_s (local.get 2))))
    (i32.add (i32.load16_s offset=1 (i32.and (i64.eq (i64.const -4294967296) (i64.const
    2147483648)) (i32.const 63))) (local.get 3))) (i32.const 16))) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "10") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 4 (i64.const 0xff00ff00ff)) (local.set 4 (i64.load32_s (i32.and (i32.mul (if
    (result i32) (local.get 0) (then (local.get 1)) (else (local.get 3))) (i32.const -1))
    (i32.const 63)))) (i32.store (i32.and (i32.wrap_i64 (i64.shr_u (local.get 2) (i64.const
    24))) (i32.const 63)) (i32.load8_u offset=6 (i32.and (i32.popcnt (if (result i32) (local.get
    3) (then (local.get 3)) (else (global.get $g)))) (i32.const 255)))) (i64.xor (i64.rotl
    (i64.load8_u (i32.and (i32.rem_s (i32.and (if (result i32) (local.get 1) (then (local.get
    1)) (else (local.get 0))) (i32.const -256)) (i32.const 1)) (i32.const 31))) (i64.const 17))
    (i64.xor (i64.extend_i32_u (select (i32.popcnt (i32.popcnt (i32.shl (i32.and (local.get 3)
    (i32.const 256)) (i32.const 0)))) (i32.wrap_i64 (local.get 4)) (i64.lt_u (i64.extend32_s
    (i64.const 0xff00ff00ff)) (i64.extend16_s (block (result i64) (br_if 0 (i64.const
    0xff00ff00ff) (if (result i32) (i32.const 8) (then (local.get 1)) (else (local.get 0))))
    (drop) (i64.sub (i64.const 65280) (i64.const -4294967296))))))) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "11") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 3 (i32.sub (i32.shr_u (i32.and (local.get 3) (i32.const 2)) (i32.const 1000))
    (i32.clz (i32.rem_s (local.get 0) (i32.const 1))))) (block (i32.store (i32.and (i32.le_s
    (local.get 3) (i32.const 31)) (i32.const 63)) (i32.rotl (i32.div_u (local.get 3) (i32.or
    (i32.const 65535) (i32.const 1))) (i32.const 15))) (br_if 0 (i32.div_u (i32.eq (i32.const 3)
    (local.get 3)) (i32.or (local.get 1) (i32.const 1)))) (local.set 2 (i64.extend_i32_s
    (global.get $g))) (block (br_if 1 (i32.load8_s offset=1 (i32.and (i32.rotl (local.get 1)
    (i32.const 24)) (i32.const 31)))) (block (local.set 1 (i32.rem_s (i32.const 2147483648)
    (i32.const 8))) (br_if 0 (if (result i32) (local.get 3) (then (global.get $g)) (else
    (local.get 1)))) (local.set 4 (local.tee 4 (local.get 4))) (block (br_if 1 (i64.gt_u
    (local.get 2) (i64.const 15))) (i32.store16 (i32.and (local.get 0) (i32.const 63)) (i32.add
    (local.get 0) (i32.const 0))))))) (local.set 4 (i64.extend_i32_u (local.tee 3 (i32.lt_s
    (i32.const 16) (local.get 1))))) (i64.xor (i64.rotl (i64.extend16_s (block (result i64)
    (br_if 0 (block (result i64) (br_if 0 (i64.rotl (local.get 4) (i64.const -4294967296))
    (i32.add (local.get 0) (i32.const 7))) (drop) (i64.load16_u (i32.and (i32.const 0)
    (i32.const 56)))) (i32.div_u (i32.mul (i32.const 24) (local.get 3)) (i32.or (local.get 0)
    (i32.const 1)))) (drop) (i64.extend8_s (i64.const 0xff00ff00ff)))) (i64.const 17)) (i64.xor
    (i64.extend_i32_u (i32.mul (i32.rem_s (i32.shr_u (i32.load8_u offset=6 (i32.and (local.tee 3
    (local.get 1)) (i32.const 255))) (i32.const 8)) (i32.const 3)) (i32.const 65535))) (i64.add
    (local.get 4) (i64.load (i32.const 12))))))
  (func (export "12") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (if (i32.lt_s (select (i32.const -256) (i32.const -256) (local.get 0)) (i32.load16_u
    (i32.and (local.get 1) (i32.const 60)))) (then (i64.store8 (i32.and (if (result i32)
    (local.get 3) (then (i32.const 256)) (else (i32.const 1000))) (i32.const 63))
    (i64.extend_i32_s (i32.load (i32.and (local.get 0) (i32.const 63))))) (local.set 3 (i32.mul
    (local.tee 1 (local.get 1)) (i32.const -1)))) (else (local.set 1 (i32.div_u (i32.le_s
    (local.get 3) (local.get 1)) (i32.or (i32.const -256) (i32.const 1)))))) (global.set $g
    (select (i32.div_u (i32.load (i32.and (i32.const 2147483647) (i32.const 63))) (i32.or
    (local.get 3) (i32.const 1))) (i32.load16_u (i32.and (i32.shl (i32.const 1000) (i32.const
    7)) (i32.const 31))) (local.tee 1 (i32.clz (local.get 3))))) (i64.store8 (i32.and
    (i32.extend8_s (i32.xor (local.get 3) (global.get $g))) (i32.const 63)) (i64.extend16_s
    (i64.extend_i32_s (local.tee 3 (i32.const -128))))) (i64.xor (i64.rotl (local.tee 4
    (i64.extend_i32_u (i32.wrap_i64 (i64.extend32_s (i64.const -4294967296))))) (i64.const 17))
    (i64.xor (i64.extend_i32_u (i32.le_u (i32.eq (i32.shl (i32.and (i32.const 8) (i32.clz
    (i32.const 0))) (if (result i32) (local.tee 1 (i32.const 31)) (then (i32.load offset=6
    (i32.and (local.get 0) (i32.const 255)))) (else (i32.wrap_i64 (i64.const 16))))) (i32.ge_u
    (i32.div_u (i32.and (i32.const -2) (i32.const 65535)) (i32.or (i32.const 8) (i32.const 1)))
    (i32.extend16_s (local.tee 1 (i32.const -256))))) (i32.load16_u offset=1 (i32.and (i32.le_s
    (i32.rotr (local.tee 3 (local.get 0)) (i32.const 65535)) (if (result i32) (if (result i32)
    (local.get 1) (then (local.get 3)) (else (local.get 0))) (then (i32.shr_s (local.get 1)
    (i32.const 255))) (else (i32.lt_s (i32.const 3) (i32.const 0))))) (i32.const 60)))))
    (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "13") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 0 (i32.lt_s (i32.and (local.tee 1 (local.get 0)) (i32.const 2147483647)) (i32.clz
    (select (i32.const 7) (local.get 0) (i32.const 1))))) (i32.store8 (i32.and (i32.xor (select
    (global.get $g) (i32.const 2147483647) (local.get 1)) (i32.wrap_i64 (local.get 4)))
    (i32.const 63)) (i32.gt_u (if (result i32) (i32.wrap_i64 (local.get 2)) (then (i32.xor
    (local.get 3) (i32.const 8))) (else (select (local.get 3) (i32.const -1) (i32.const -128))))
    (i32.load8_s offset=6 (i32.and (i32.load16_u offset=1 (i32.and (i32.const 3) (i32.const
    31))) (i32.const 63))))) (local.set 4 (i64.load16_u (i32.and (i32.popcnt (select (i32.const
    -256) (local.get 1) (i32.const 2147483648))) (i32.const 31)))) (i64.xor (i64.rotl
    (i64.extend_i32_s (local.get 0)) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.lt_u
    (i32.clz (i32.eq (i32.load8_s (i32.and (i32.rotr (local.get 3) (i32.const 255)) (i32.const
    63))) (i32.shl (i32.wrap_i64 (i64.const 2147483647)) (local.tee 3 (i32.const 65280)))))
    (i32.const 2))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "14") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (block (i32.store (i32.and (i32.load16_s offset=6 (i32.and (local.get 1) (i32.const 60)))
    (i32.const 63)) (i32.load16_u (i32.and (i32.wrap_i64 (i64.const -128)) (i32.const 255))))
    (br_if 0 (local.get 0)) (local.set 3 (i32.mul (i32.and (local.get 3) (i32.const 255))
    (local.get 1))) (block (br_if 1 (local.tee 1 (i32.shr_s (i32.const 65535) (i32.const 31))))
    (local.set 2 (i64.rotl (i64.shl (local.get 2) (local.get 4)) (i64.extend_i32_u (local.get
    0)))))) (local.set 3 (select (local.tee 3 (i32.sub (local.get 3) (local.get 3))) (select
    (i32.shr_u (i32.const -128) (i32.const 31)) (i32.or (i32.const -128) (i32.const 0)) (i32.or
    (global.get $g) (i32.const -256))) (local.tee 1 (if (result i32) (i32.const 1) (then
    (i32.const 65280)) (else (global.get $g)))))) (local.set 0 (i64.lt_s (i64.mul
    (i64.extend16_s (local.get 2)) (i64.extend_i32_s (local.get 0))) (i64.extend32_s (select
    (local.get 2) (local.get 4) (local.get 1))))) (i64.xor (i64.rotl (i64.extend_i32_s (i32.rotl
    (i32.load8_u offset=1 (i32.and (i32.load16_s offset=6 (i32.and (i32.const -256) (i32.const
    255))) (i32.const 31))) (i32.const -128))) (i64.const 17)) (i64.xor (i64.extend_i32_u
    (i32.lt_u (local.tee 1 (i64.gt_u (i64.xor (i64.add (local.get 4) (i64.const 7))
    (i64.extend8_s (i64.const -4294967296))) (i64.shr_u (i64.shl (i64.const 65280) (i64.const
    255)) (i64.const 31)))) (i32.le_u (i32.sub (i32.and (local.get 0) (i32.sub (local.get 1)
    (i32.const 1))) (i32.const 2147483647)) (i32.clz (i32.ne (i32.load16_s offset=6 (i32.and
    (global.get $g) (i32.const 255))) (local.get 0)))))) (i64.add (local.get 4) (i64.load
    (i32.const 12))))))
  (func (export "15") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 2 (i64.const 0xff00ff00ff)) (i32.store8 (i32.and (i32.wrap_i64 (i64.shl
    (local.get 4) (i64.const 0xff00ff00ff))) (i32.const 63)) (i32.and (i32.shl (i32.sub
    (local.get 0) (local.get 1)) (i32.lt_s (local.get 3) (local.get 0))) (i32.const 31)))
    (local.set 4 (i64.add (i64.extend_i32_s (i32.and (local.get 1) (i32.const 65535))) (i64.mul
    (i64.add (i64.const -4294967296) (i64.const -4294967296)) (i64.sub (i64.const -4294967296)
    (i64.const 32))))) (i64.xor (i64.rotl (i64.extend_i32_s (i32.load16_u offset=6 (i32.and
    (i32.shr_s (i64.gt_u (i64.const 0) (local.get 2)) (i32.const 0)) (i32.const 60))))
    (i64.const 17)) (i64.xor (i64.extend_i32_u (i64.eq (i64.extend16_s (i64.shl (i64.extend8_s
    (i64.extend_i32_u (i32.const 2147483648))) (i64.popcnt (i64.extend_i32_u (local.get 0)))))
    (i64.xor (i64.extend_i32_s (i32.shl (if (result i32) (i32.const 2147483647) (then (local.get
    3)) (else (local.get 3))) (i32.const -256))) (i64.const 24)))) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "16") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 0 (i32.and (i32.rotl (i32.and (local.get 0) (local.get 0)) (i32.const
    2147483647)) (i32.const 1000))) (i32.store8 (i32.and (i32.load8_s offset=1 (i32.and
    (i32.load16_s offset=1 (i32.and (global.get $g) (i32.const 31))) (i32.const 255)))
    (i32.const 63)) (i64.ge_s (i64.and (i64.extend_i32_s (global.get $g)) (i64.shl (i64.const
    0xff00ff00ff) (i64.const 65535))) (i64.mul (i64.extend_i32_s (i32.const 2147483648))
    (i64.load32_s (i32.and (i32.const 16) (i32.const 63)))))) (local.set 4 (i64.shr_u (i64.mul
    (i64.ctz (i64.const 31)) (i64.const 32)) (i64.const 2147483647))) (i64.xor (i64.rotl
    (i64.extend8_s (i64.or (i64.and (i64.sub (local.get 4) (i64.const 15)) (i64.const 1))
    (i64.extend_i32_s (i32.ge_s (local.get 3) (local.get 3))))) (i64.const 17)) (i64.xor
    (i64.extend_i32_u (i32.add (select (i64.gt_u (local.get 2) (i64.popcnt (i64.mul (local.get
    4) (i64.const -4294967296)))) (select (i32.ge_s (i32.or (local.get 1) (i32.const -2))
    (i32.sub (i32.const -2) (i32.const 256))) (i32.shr_s (i32.shr_s (local.get 3) (i32.const 8))
    (i64.lt_s (i64.const -256) (local.get 2))) (i32.rotl (i32.div_u (local.get 0) (i32.or
    (i32.const 256) (i32.const 1))) (i32.const 1))) (i32.shr_s (select (i32.xor (i32.const 2)
    (i32.const 15)) (i32.ctz (i32.const 1)) (i32.and (i32.const 1) (local.get 1))) (i32.const
    256))) (i32.const -2))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "17") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 1 (i32.gt_s (i32.rem_s (i32.wrap_i64 (i64.const 0xff00ff00ff)) (i32.const -7))
    (i32.eqz (i32.shl (local.get 1) (i32.const 2))))) (local.set 5 (i32.const 0)) (loop
    (local.set 5 (i32.add (local.get 5) (i32.const 1))) (local.set 2 (local.tee 4 (i64.const
    -1))) (br_if 0 (i32.lt_u (local.get 5) (i32.const 2)))) (local.set 2 (i64.const -2))
    (i64.xor (i64.rotl (i64.rotl (i64.shl (i64.mul (select (i64.const 3) (i64.const -128)
    (local.get 0)) (select (i64.const 0xff00ff00ff) (i64.const 32) (i32.const 3))) (i64.const
    2147483648)) (select (select (local.get 2) (i64.shr_s (i64.const -256) (i64.const -1))
    (local.tee 1 (local.get 1))) (i64.shl (i64.shl (local.get 4) (local.get 2)) (i64.const
    65535)) (local.get 3))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.le_u (i32.or
    (local.get 1) (i32.ne (i32.load8_u offset=6 (i32.and (i64.gt_u (i64.const 255) (local.get
    4)) (i32.const 31))) (i32.eqz (i32.mul (local.get 0) (i32.const 32))))) (i32.wrap_i64
    (i64.or (local.get 4) (i64.const 8))))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "18") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 1 (i32.sub (if (result i32) (i32.load16_u offset=6 (i32.and (local.get 1)
    (i32.const 255))) (then (i32.gt_s (local.get 0) (local.get 3))) (else (i32.shr_u (local.get
    0) (i32.const 256)))) (i32.const 3))) (block (local.set 1 (local.get 1)) (br_if 0 (i64.lt_s
    (i64.shl (local.get 2) (i64.const 16)) (i64.rotl (i64.const 0xff00ff00ff) (i64.const 7))))
    (local.set 1 (i32.extend16_s (i32.wrap_i64 (i64.const -4294967296)))) (block (br_if 1
    (i32.load16_u offset=6 (i32.and (i32.gt_u (local.get 1) (local.get 3)) (i32.const 255))))
    (local.set 4 (i64.or (i64.sub (local.get 2) (i64.const 255)) (i64.sub (i64.const
    0xff00ff00ff) (local.get 2)))))) (i64.store (i32.and (local.get 0) (i32.const 63)) (i64.mul
    (i64.xor (local.get 4) (i64.load32_u (i32.and (i32.const 255) (i32.const 56)))) (i64.const
    65535))) (i64.xor (i64.rotl (i64.extend8_s (i64.extend_i32_u (i32.shr_u (i32.and (local.get
    3) (i32.const 2147483648)) (i32.load16_s (i32.and (i32.const 31) (i32.const 31))))))
    (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.gt_s (i32.rotl (i32.le_u (i32.lt_u (i32.rotl
    (i32.const 1000) (i32.const 65280)) (i32.and (local.get 0) (i32.const 2147483648))) (i32.eq
    (i32.add (local.get 0) (i32.const 255)) (i32.or (local.get 3) (local.get 1)))) (i32.const
    256)) (i32.and (i32.shl (i32.load8_u offset=1 (i32.and (i32.const 2147483647) (i32.const
    31))) (i32.const 32)) (i32.xor (i32.and (select (i32.const 65280) (local.get 1) (global.get
    $g)) (i32.rotl (local.get 3) (i32.const 1000))) (i64.ge_s (i64.shl (i64.const 0xff00ff00ff)
    (i64.const 0xff00ff00ff)) (i64.and (i64.const 0xff00ff00ff) (i64.const 8))))))) (i64.add
    (local.get 4) (i64.load (i32.const 12))))))
  (func (export "19") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i64.store16 (i32.and (select (local.tee 3 (local.get 1)) (i64.lt_u (local.get 2) (local.get
    4)) (i32.xor (local.get 0) (local.get 1))) (i32.const 63)) (select (i64.extend32_s (select
    (i64.const -4294967296) (i64.const 16) (local.get 0))) (i64.shl (i64.load32_u (i32.and
    (i32.const 2147483647) (i32.const 63))) (i64.const 3)) (i32.shl (i64.eq (i64.const
    0xff00ff00ff) (local.get 2)) (i32.shl (local.get 3) (local.get 0))))) (local.set 1 (i32.ge_s
    (i32.clz (i64.ge_s (i64.const 32) (i64.const 2147483648))) (i32.load8_s offset=6 (i32.and
    (select (local.get 0) (global.get $g) (local.get 3)) (i32.const 60))))) (local.set 5
    (i32.const 0)) (loop (local.set 5 (i32.add (local.get 5) (i32.const 1))) (i64.store8
    (i32.and (local.get 1) (i32.const 63)) (i64.shl (local.get 2) (i64.const 32))) (br_if 0
    (i32.lt_u (local.get 5) (i32.const 5)))) (i64.xor (i64.rotl (local.get 2) (i64.const 17))
    (i64.xor (i64.extend_i32_u (i32.lt_u (local.tee 1 (i32.shr_u (if (result i32) (local.tee 1
    (i32.const 32)) (then (i32.shl (local.get 1) (local.get 1))) (else (i32.mul (i32.const 31)
    (i32.const 15)))) (i32.rem_s (i32.ge_s (i32.const -128) (i32.const -256)) (i32.const 8))))
    (i32.and (i32.wrap_i64 (i64.rotl (block (result i64) (br_if 0 (local.get 2) (local.get 3))
    (drop) (i64.const -4294967296)) (i64.const -1))) (i32.const 0)))) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "20") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 1 (if (result i32) (local.get 0) (then (i32.shr_u (i64.lt_s (i64.const
    -4294967296) (i64.const 65280)) (i32.const 32))) (else (i32.lt_u (select (i32.const 1)
    (local.get 3) (local.get 3)) (select (local.get 3) (local.get 1) (local.get 3))))))
    (i32.store8 (i32.and (i64.lt_s (i64.load8_u (i32.and (i32.const 7) (i32.const 31)))
    (i64.extend_i32_u (i32.const 2147483647))) (i32.const 63)) (i32.gt_u (local.tee 1 (i32.xor
    (local.get 3) (i32.const 24))) (local.tee 1 (i32.load16_s offset=1 (i32.and (local.get 0)
    (i32.const 31)))))) (i32.store8 (i32.and (i32.lt_s (i32.and (i32.const 24) (local.get 3))
    (i32.add (local.get 3) (i32.const 8))) (i32.const 63)) (i32.const 65280)) (i64.xor (i64.rotl
    (i64.load32_u (i32.and (if (result i32) (i32.and (i32.mul (i32.const 31) (local.get 1))
    (i32.shl (local.get 0) (local.get 1))) (then (i32.div_u (i32.ctz (local.get 1)) (i32.or
    (local.get 0) (i32.const 1)))) (else (i32.wrap_i64 (i64.add (i64.const -4294967296)
    (i64.const 256))))) (i32.const 63))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.add
    (i32.gt_s (i32.extend8_s (i32.shr_u (i32.shl (local.get 1) (i32.const 256)) (local.tee 3
    (i32.const 256)))) (i32.or (i32.rotl (i32.extend16_s (local.get 3)) (i32.lt_s (i32.const
    -128) (local.get 1))) (i32.const -2))) (i32.div_u (i32.rem_s (i32.shl (i32.eqz (local.get
    0)) (i32.add (i32.const 65535) (local.get 3))) (i32.const 255)) (i32.or (i32.rotr (i32.load
    offset=1 (i32.and (global.get $g) (i32.const 31))) (i32.lt_u (i32.const 256) (i32.const
    -256))) (i32.const 1))))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "21") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i32.store (i32.and (i32.xor (i32.le_s (i32.const 65535) (local.get 0)) (i32.const 7))
    (i32.const 63)) (i32.shl (i32.and (local.get 0) (i32.ctz (local.get 0))) (i32.const 31)))
    (i32.store (i32.and (i32.or (i32.shr_u (global.get $g) (i32.const 2)) (local.tee 3
    (global.get $g))) (i32.const 63)) (select (i32.shl (i32.load8_s (i32.and (local.get 1)
    (i32.const 60))) (i32.const 65535)) (i32.rotl (i32.popcnt (i32.const -256)) (i32.and
    (local.get 1) (global.get $g))) (i32.load16_u offset=6 (i32.and (i32.gt_s (local.get 3)
    (i32.const 65535)) (i32.const 63))))) (global.set $g (i32.shr_u (i32.load16_u (i32.and
    (i32.eqz (global.get $g)) (i32.const 60))) (if (result i32) (i32.load16_u offset=1 (i32.and
    (i32.const 16) (i32.const 63))) (then (i32.rotr (local.get 0) (i32.const 2))) (else (i32.clz
    (local.get 1)))))) (i64.xor (i64.rotl (i64.const 0xff00ff00ff) (i64.const 17)) (i64.xor
    (i64.extend_i32_u (i32.load8_s (i32.and (select (i32.gt_s (i32.ge_u (i32.extend16_s
    (i32.const 65535)) (i32.ctz (i32.const 1000))) (i32.load16_s offset=6 (i32.and (select
    (i32.const 0) (i32.const -256) (local.get 1)) (i32.const 255)))) (i32.load8_s (i32.and
    (i32.or (select (i32.const 2147483647) (local.get 3) (i32.const 2)) (i32.const 16))
    (i32.const 31))) (i32.ge_s (local.tee 1 (i32.xor (i32.const 2147483647) (local.get 1)))
    (i32.ctz (i32.load16_s (i32.and (local.get 0) (i32.const 60)))))) (i32.const 60)))) (i64.add
    (local.get 4) (i64.load (i32.const 12))))))
  (func (export "22") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 3 (i32.load16_u (i32.and (local.get 3) (i32.const 60)))) (local.set 0 (i64.eq
    (i64.shr_s (i64.const 0) (i64.const 15)) (i64.and (i64.and (local.get 4) (i64.const 31))
    (i64.const 1)))) (local.set 4 (local.tee 4 (block (result i64) (br_if 0 (i64.and (i64.const
    3) (i64.const 24)) (i32.shr_u (local.get 1) (global.get $g))) (drop) (i64.div_s (i64.const
    0xff00ff00ff) (i64.const 3))))) (i64.xor (i64.rotl (select (i64.and (i64.clz
    (i64.extend_i32_u (i32.const 65535))) (i64.extend_i32_u (i32.shl (local.get 1) (local.get
    3)))) (local.get 2) (if (result i32) (i32.or (i32.div_u (local.get 3) (i32.or (local.get 3)
    (i32.const 1))) (i32.const 1)) (then (i32.load8_u offset=6 (i32.and (i32.wrap_i64 (local.get
    2)) (i32.const 255)))) (else (i64.lt_u (i64.and (local.get 4) (i64.const 1000))
    (i64.extend_i32_s (local.get 0)))))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.or
    (i32.gt_u (i32.mul (i64.lt_s (i64.extend8_s (i64.const 0xff00ff00ff)) (i64.shl (i64.const
    256) (i64.const 65535))) (i32.const 16)) (i32.load16_u (i32.and (i32.or (local.get 0)
    (i32.shl (local.get 3) (i32.const 2))) (i32.const 60)))) (i32.const 65280))) (i64.add
    (local.get 4) (i64.load (i32.const 12))))))
  (func (export "23") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (block (i32.store8 (i32.and (i32.shr_s (local.get 0) (i32.const 1)) (i32.const 63)) (i32.clz
    (i32.shr_u (i32.const -1) (i32.const 8)))) (br_if 0 (i32.mul (i32.wrap_i64 (i64.const
    0xff00ff00ff)) (i32.const 2147483647))) (i32.store8 (i32.and (i32.add (local.get 1)
    (local.get 3)) (i32.const 63)) (i32.sub (i32.extend8_s (local.get 0)) (i32.const -1)))
    (block (br_if 1 (i64.gt_u (i64.shl (local.get 2) (i64.const 65535)) (local.tee 4 (i64.const
    256)))) (global.set $g (i32.load8_s offset=6 (i32.and (i32.xor (local.get 0) (i32.const
    -128)) (i32.const 63)))))) (local.set 3 (local.get 0)) (block (local.set 0 (i32.load
    offset=1 (i32.and (local.get 3) (i32.const 31)))) (br_if 0 (if (result i32) (i32.shr_u
    (local.get 0) (i32.const 1)) (then (i32.xor (local.get 3) (i32.const 0))) (else (i32.gt_s
    (local.get 3) (local.get 3))))) (local.set 5 (i32.const 0)) (loop (local.set 5 (i32.add
    (local.get 5) (i32.const 1))) (i32.store (i32.and (local.get 3) (i32.const 63)) (i32.const
    31)) (br_if 0 (i32.lt_u (local.get 5) (i32.const 9)))) (block (br_if 1 (i32.shr_u (select
    (local.get 3) (local.get 0) (i32.const -128)) (i32.shr_u (i32.const -256) (local.get 0))))
    (global.set $g (i32.load16_s (i32.and (i32.shr_u (local.get 1) (local.get 3)) (i32.const
    255)))))) (i64.xor (i64.rotl (i64.and (select (block (result i64) (br_if 0 (select
    (local.get 2) (local.get 2) (i32.const 31)) (local.get 3)) (drop) (local.get 4)) (local.tee
    4 (local.get 2)) (i32.add (i32.wrap_i64 (i64.const 0xff00ff00ff)) (i32.const 1))) (i64.const
    -256)) (i64.const 17)) (i64.xor (i64.extend_i32_u (i64.ge_s (i64.load16_s (i32.and
    (i32.div_u (if (result i32) (i32.add (local.get 3) (i32.const 3)) (then (i32.load8_s
    (i32.and (i32.const 2) (i32.const 31)))) (else (i32.shr_u (local.get 0) (i32.const 255))))
    (i32.or (local.tee 1 (local.get 3)) (i32.const 1))) (i32.const 31))) (i64.mul (i64.ctz
    (i64.and (select (local.get 4) (i64.const 0xff00ff00ff) (i32.const -2)) (i64.or (i64.const
    -4294967296) (local.get 4)))) (i64.shl (i64.ctz (i64.sub (i64.const -4294967296) (i64.const
    32))) (i64.extend_i32_s (local.tee 1 (local.get 1))))))) (i64.add (local.get 4) (i64.load
    (i32.const 12))))))
  (func (export "24") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 3 (i32.add (i32.or (i32.sub (local.get 3) (i32.const 2)) (i32.const -1))
    (i32.const -1))) (global.set $g (local.get 0)) (local.set 2 (i64.shl (i64.shr_s (select
    (i64.const -256) (local.get 2) (local.get 3)) (i64.const 2147483648)) (i64.const 24)))
    (i64.xor (i64.rotl (select (block (result i64) (br_if 0 (select (i64.mul (local.get 4)
    (local.get 2)) (i64.shr_s (i64.const -4294967296) (i64.const -2)) (i32.shr_u (i32.const 7)
    (i32.const 2147483647))) (i32.wrap_i64 (local.get 2))) (drop) (i64.const 2147483648))
    (i64.const 0xff00ff00ff) (i32.wrap_i64 (i64.sub (i64.extend_i32_u (i32.const 16)) (i64.const
    31)))) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.const -1)) (i64.add (local.get 4)
    (i64.load (i32.const 12))))))
  (func (export "25") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (local.set 3 (i32.ge_u (i32.const 7) (i32.load (i32.and (i64.eq (local.get 2) (i64.const
    65535)) (i32.const 63))))) (local.set 5 (i32.const 0)) (loop (local.set 5 (i32.add
    (local.get 5) (i32.const 1))) (if (local.get 3) (then (local.set 3 (i32.const 15))
    (global.set $g (i32.const 2147483647))) (else (local.set 1 (i32.const 2147483647)))) (br_if
    0 (i32.lt_u (local.get 5) (i32.const 2)))) (local.set 1 (i32.extend16_s (i32.sub (i32.rotr
    (local.get 1) (local.get 1)) (i32.const 1)))) (i64.xor (i64.rotl (i64.extend_i32_u
    (i32.wrap_i64 (i64.load (i32.and (local.get 1) (i32.const 31))))) (i64.const 17)) (i64.xor
    (i64.extend_i32_u (i32.rem_s (i32.wrap_i64 (i64.add (select (i64.mul (local.get 4)
    (i64.const 24)) (i64.extend_i32_s (local.get 0)) (i32.ctz (local.get 1))) (i64.const 32)))
    (i32.const 255))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
  (func (export "26") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (if (i32.shr_u (i32.and (global.get $g) (local.get 3)) (i32.and (local.get 0) (i32.const
    65280))) (then (i32.store8 (i32.and (local.get 3) (i32.const 63)) (i32.wrap_i64 (block
    (result i64) (br_if 0 (local.get 4) (local.get 3)) (drop) (local.get 4)))) (local.set 1
    (i32.load16_s (i32.and (i64.gt_u (i64.const 65535) (local.get 2)) (i32.const 31))))) (else
    (i32.store (i32.and (i32.shr_u (local.get 1) (i32.const 2)) (i32.const 63)) (i32.shr_u
    (i32.load16_u offset=1 (i32.and (i32.const 2147483647) (i32.const 255))) (i32.xor (i32.const
    2147483648) (i32.const -128)))))) (local.set 0 (local.tee 1 (i32.shl (select (local.get 0)
    (local.get 1) (local.get 1)) (i32.load16_u (i32.and (i32.const 65535) (i32.const 31))))))
    (local.set 1 (i32.wrap_i64 (local.get 4))) (i64.xor (i64.rotl (i64.xor (i64.extend_i32_s
    (i32.ge_u (i32.shl (local.get 1) (local.get 3)) (i32.mul (local.get 0) (i32.const 255))))
    (i64.const -256)) (i64.const 17)) (i64.xor (i64.extend_i32_u (i32.ge_s (i32.rem_s (local.tee
    3 (i32.shr_u (i32.load16_u (i32.and (local.get 3) (i32.const 63))) (i32.const 256)))
    (i32.const 3)) (if (result i32) (i32.shl (i32.or (local.tee 1 (i32.const -256)) (i32.const
    -128)) (i32.const 31)) (then (i32.shr_s (i32.wrap_i64 (i64.extend_i32_s (i32.const -128)))
    (i32.eqz (if (result i32) (i32.const 15) (then (global.get $g)) (else (local.get 0))))))
    (else (i32.and (local.tee 1 (i32.wrap_i64 (i64.const 7))) (i32.const 255)))))) (i64.add
    (local.get 4) (i64.load (i32.const 12))))))
  (func (export "27") (param i32 i32 i64) (result i64) (local i32 i64 i32)
    (i32.store8 (i32.and (global.get $g) (i32.const 63)) (select (select (i32.shr_s (i32.const
    -128) (i32.const 255)) (i32.shl (local.get 3) (i32.const 2147483647)) (i32.wrap_i64
    (i64.const 15))) (i32.and (i32.load offset=1 (i32.and (local.get 1) (i32.const 31)))
    (i32.wrap_i64 (i64.const 0xff00ff00ff))) (i32.gt_s (i32.rotl (local.get 0) (i32.const -256))
    (i32.rotr (local.get 1) (i32.const 65535))))) (i32.store16 (i32.and (i32.sub (i32.shl
    (local.get 0) (local.get 1)) (i32.ge_s (local.get 0) (i32.const 3))) (i32.const 63))
    (i32.le_u (local.tee 3 (if (result i32) (local.get 0) (then (local.get 3)) (else (local.get
    0)))) (i32.rotl (i32.const 1000) (i32.ge_s (local.get 3) (local.get 3))))) (local.set 2
    (i64.mul (i64.extend_i32_u (i32.le_u (i32.const 65535) (i32.const 8))) (i64.mul (block
    (result i64) (br_if 0 (i64.const -4294967296) (i32.const 31)) (drop) (i64.const
    -4294967296)) (i64.extend_i32_s (i32.const 8))))) (i64.xor (i64.rotl (i64.extend8_s
    (i64.load8_u (i32.and (local.tee 3 (i32.rotl (i32.const 2147483648) (local.get 3)))
    (i32.const 31)))) (i64.const 17)) (i64.xor (i64.extend_i32_u (select (i32.wrap_i64 (i64.add
    (i64.load (i32.and (i32.div_u (i32.const -1) (i32.or (i32.const 255) (i32.const 1)))
    (i32.const 31))) (i64.and (i64.const 0xff00ff00ff) (i64.clz (local.get 2))))) (i32.rotl
    (i32.const 0) (i32.gt_s (if (result i32) (i32.const 256) (then (i32.load offset=6 (i32.and
    (local.get 3) (i32.const 255)))) (else (local.get 1))) (i32.xor (i32.extend8_s (global.get
    $g)) (i32.add (i32.const 7) (i32.const 65535))))) (if (result i32) (i32.xor (i32.extend8_s
    (i32.shr_u (local.get 3) (local.get 0))) (i32.const 3)) (then (if (result i32) (i32.mul
    (i32.const 0) (i32.const 65280)) (then (if (result i32) (i64.eq (local.get 4) (i64.const
    0xff00ff00ff)) (then (i32.ne (local.get 3) (local.get 0))) (else (local.get 3)))) (else
    (i32.const 2)))) (else (i64.ge_s (i64.extend_i32_u (i32.div_u (local.get 3) (i32.or
    (local.get 1) (i32.const 1)))) (i64.popcnt (select (local.get 4) (i64.const 15) (i32.const
    1)))))))) (i64.add (local.get 4) (i64.load (i32.const 12))))))
)
