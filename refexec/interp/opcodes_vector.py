"""The rows of the opcode table for vector instructions, in the format of `refexec.interp.opcodes`.

Prefixed opcodes from 256 on take three more hexadecimal digits, as in 0xFD100.
"""

from __future__ import annotations

VECTOR_ROWS: dict[str, str] = {}

VECTOR_ROWS["simd"] = """
fd00 v128.load                     | memarg      | at -> v128             | vload-val
fd01 v128.load8x8_s                | memarg      | at -> v128             | vload-pack
fd02 v128.load8x8_u                | memarg      | at -> v128             | vload-pack
fd03 v128.load16x4_s               | memarg      | at -> v128             | vload-pack
fd04 v128.load16x4_u               | memarg      | at -> v128             | vload-pack
fd05 v128.load32x2_s               | memarg      | at -> v128             | vload-pack
fd06 v128.load32x2_u               | memarg      | at -> v128             | vload-pack
fd07 v128.load8_splat              | memarg      | at -> v128             | vload-splat
fd08 v128.load16_splat             | memarg      | at -> v128             | vload-splat
fd09 v128.load32_splat             | memarg      | at -> v128             | vload-splat
fd0a v128.load64_splat             | memarg      | at -> v128             | vload-splat
fd0b v128.store                    | memarg      | at v128 ->             | vstore
fd0c v128.const                    | v128        | -> v128                | vconst
fd0d i8x16.shuffle                 | lanes       | v128 v128 -> v128      | vshuffle
fd0e i8x16.swizzle                 |             | v128 v128 -> v128      | vswizzlop
fd0f i8x16.splat                   |             | i32 -> v128            | vsplat
fd10 i16x8.splat                   |             | i32 -> v128            | vsplat
fd11 i32x4.splat                   |             | i32 -> v128            | vsplat
fd12 i64x2.splat                   |             | i64 -> v128            | vsplat
fd13 f32x4.splat                   |             | f32 -> v128            | vsplat
fd14 f64x2.splat                   |             | f64 -> v128            | vsplat
fd15 i8x16.extract_lane_s          | lane        | v128 -> i32            | vextract_lane
fd16 i8x16.extract_lane_u          | lane        | v128 -> i32            | vextract_lane
fd17 i8x16.replace_lane            | lane        | v128 i32 -> v128       | vreplace_lane
fd18 i16x8.extract_lane_s          | lane        | v128 -> i32            | vextract_lane
fd19 i16x8.extract_lane_u          | lane        | v128 -> i32            | vextract_lane
fd1a i16x8.replace_lane            | lane        | v128 i32 -> v128       | vreplace_lane
fd1b i32x4.extract_lane            | lane        | v128 -> i32            | vextract_lane
fd1c i32x4.replace_lane            | lane        | v128 i32 -> v128       | vreplace_lane
fd1d i64x2.extract_lane            | lane        | v128 -> i64            | vextract_lane
fd1e i64x2.replace_lane            | lane        | v128 i64 -> v128       | vreplace_lane
fd1f f32x4.extract_lane            | lane        | v128 -> f32            | vextract_lane
fd20 f32x4.replace_lane            | lane        | v128 f32 -> v128       | vreplace_lane
fd21 f64x2.extract_lane            | lane        | v128 -> f64            | vextract_lane
fd22 f64x2.replace_lane            | lane        | v128 f64 -> v128       | vreplace_lane
fd23 i8x16.eq                      |             | v128 v128 -> v128      | vrelop
fd24 i8x16.ne                      |             | v128 v128 -> v128      | vrelop
fd25 i8x16.lt_s                    |             | v128 v128 -> v128      | vrelop
fd26 i8x16.lt_u                    |             | v128 v128 -> v128      | vrelop
fd27 i8x16.gt_s                    |             | v128 v128 -> v128      | vrelop
fd28 i8x16.gt_u                    |             | v128 v128 -> v128      | vrelop
fd29 i8x16.le_s                    |             | v128 v128 -> v128      | vrelop
fd2a i8x16.le_u                    |             | v128 v128 -> v128      | vrelop
fd2b i8x16.ge_s                    |             | v128 v128 -> v128      | vrelop
fd2c i8x16.ge_u                    |             | v128 v128 -> v128      | vrelop
fd2d i16x8.eq                      |             | v128 v128 -> v128      | vrelop
fd2e i16x8.ne                      |             | v128 v128 -> v128      | vrelop
fd2f i16x8.lt_s                    |             | v128 v128 -> v128      | vrelop
fd30 i16x8.lt_u                    |             | v128 v128 -> v128      | vrelop
fd31 i16x8.gt_s                    |             | v128 v128 -> v128      | vrelop
fd32 i16x8.gt_u                    |             | v128 v128 -> v128      | vrelop
fd33 i16x8.le_s                    |             | v128 v128 -> v128      | vrelop
fd34 i16x8.le_u                    |             | v128 v128 -> v128      | vrelop
fd35 i16x8.ge_s                    |             | v128 v128 -> v128      | vrelop
fd36 i16x8.ge_u                    |             | v128 v128 -> v128      | vrelop
fd37 i32x4.eq                      |             | v128 v128 -> v128      | vrelop
fd38 i32x4.ne                      |             | v128 v128 -> v128      | vrelop
fd39 i32x4.lt_s                    |             | v128 v128 -> v128      | vrelop
fd3a i32x4.lt_u                    |             | v128 v128 -> v128      | vrelop
fd3b i32x4.gt_s                    |             | v128 v128 -> v128      | vrelop
fd3c i32x4.gt_u                    |             | v128 v128 -> v128      | vrelop
fd3d i32x4.le_s                    |             | v128 v128 -> v128      | vrelop
fd3e i32x4.le_u                    |             | v128 v128 -> v128      | vrelop
fd3f i32x4.ge_s                    |             | v128 v128 -> v128      | vrelop
fd40 i32x4.ge_u                    |             | v128 v128 -> v128      | vrelop
fd41 f32x4.eq                      |             | v128 v128 -> v128      | vrelop
fd42 f32x4.ne                      |             | v128 v128 -> v128      | vrelop
fd43 f32x4.lt                      |             | v128 v128 -> v128      | vrelop
fd44 f32x4.gt                      |             | v128 v128 -> v128      | vrelop
fd45 f32x4.le                      |             | v128 v128 -> v128      | vrelop
fd46 f32x4.ge                      |             | v128 v128 -> v128      | vrelop
fd47 f64x2.eq                      |             | v128 v128 -> v128      | vrelop
fd48 f64x2.ne                      |             | v128 v128 -> v128      | vrelop
fd49 f64x2.lt                      |             | v128 v128 -> v128      | vrelop
fd4a f64x2.gt                      |             | v128 v128 -> v128      | vrelop
fd4b f64x2.le                      |             | v128 v128 -> v128      | vrelop
fd4c f64x2.ge                      |             | v128 v128 -> v128      | vrelop
fd4d v128.not                      |             | v128 -> v128           | vvunop
fd4e v128.and                      |             | v128 v128 -> v128      | vvbinop
fd4f v128.andnot                   |             | v128 v128 -> v128      | vvbinop
fd50 v128.or                       |             | v128 v128 -> v128      | vvbinop
fd51 v128.xor                      |             | v128 v128 -> v128      | vvbinop
fd52 v128.bitselect                |             | v128 v128 v128 -> v128 | vvternop
fd53 v128.any_true                 |             | v128 -> i32            | vvtestop
fd54 v128.load8_lane               | memarg lane | at v128 -> v128        | vload_lane
fd55 v128.load16_lane              | memarg lane | at v128 -> v128        | vload_lane
fd56 v128.load32_lane              | memarg lane | at v128 -> v128        | vload_lane
fd57 v128.load64_lane              | memarg lane | at v128 -> v128        | vload_lane
fd58 v128.store8_lane              | memarg lane | at v128 ->             | vstore_lane
fd59 v128.store16_lane             | memarg lane | at v128 ->             | vstore_lane
fd5a v128.store32_lane             | memarg lane | at v128 ->             | vstore_lane
fd5b v128.store64_lane             | memarg lane | at v128 ->             | vstore_lane
fd5c v128.load32_zero              | memarg      | at -> v128             | vload-zero
fd5d v128.load64_zero              | memarg      | at -> v128             | vload-zero
fd5e f32x4.demote_f64x2_zero       |             | v128 -> v128           | vcvtop
fd5f f64x2.promote_low_f32x4       |             | v128 -> v128           | vcvtop
fd60 i8x16.abs                     |             | v128 -> v128           | vunop
fd61 i8x16.neg                     |             | v128 -> v128           | vunop
fd62 i8x16.popcnt                  |             | v128 -> v128           | vunop
fd63 i8x16.all_true                |             | v128 -> i32            | vtestop
fd64 i8x16.bitmask                 |             | v128 -> i32            | vbitmask
fd65 i8x16.narrow_i16x8_s          |             | v128 v128 -> v128      | vnarrow
fd66 i8x16.narrow_i16x8_u          |             | v128 v128 -> v128      | vnarrow
fd67 f32x4.ceil                    |             | v128 -> v128           | vunop
fd68 f32x4.floor                   |             | v128 -> v128           | vunop
fd69 f32x4.trunc                   |             | v128 -> v128           | vunop
fd6a f32x4.nearest                 |             | v128 -> v128           | vunop
fd6b i8x16.shl                     |             | v128 i32 -> v128       | vshiftop
fd6c i8x16.shr_s                   |             | v128 i32 -> v128       | vshiftop
fd6d i8x16.shr_u                   |             | v128 i32 -> v128       | vshiftop
fd6e i8x16.add                     |             | v128 v128 -> v128      | vbinop
fd6f i8x16.add_sat_s               |             | v128 v128 -> v128      | vbinop
fd70 i8x16.add_sat_u               |             | v128 v128 -> v128      | vbinop
fd71 i8x16.sub                     |             | v128 v128 -> v128      | vbinop
fd72 i8x16.sub_sat_s               |             | v128 v128 -> v128      | vbinop
fd73 i8x16.sub_sat_u               |             | v128 v128 -> v128      | vbinop
fd74 f64x2.ceil                    |             | v128 -> v128           | vunop
fd75 f64x2.floor                   |             | v128 -> v128           | vunop
fd76 i8x16.min_s                   |             | v128 v128 -> v128      | vbinop
fd77 i8x16.min_u                   |             | v128 v128 -> v128      | vbinop
fd78 i8x16.max_s                   |             | v128 v128 -> v128      | vbinop
fd79 i8x16.max_u                   |             | v128 v128 -> v128      | vbinop
fd7a f64x2.trunc                   |             | v128 -> v128           | vunop
fd7b i8x16.avgr_u                  |             | v128 v128 -> v128      | vbinop
fd7c i16x8.extadd_pairwise_i8x16_s |             | v128 -> v128           | vextunop
fd7d i16x8.extadd_pairwise_i8x16_u |             | v128 -> v128           | vextunop
fd7e i32x4.extadd_pairwise_i16x8_s |             | v128 -> v128           | vextunop
fd7f i32x4.extadd_pairwise_i16x8_u |             | v128 -> v128           | vextunop
fd80 i16x8.abs                     |             | v128 -> v128           | vunop
fd81 i16x8.neg                     |             | v128 -> v128           | vunop
fd82 i16x8.q15mulr_sat_s           |             | v128 v128 -> v128      | vbinop
fd83 i16x8.all_true                |             | v128 -> i32            | vtestop
fd84 i16x8.bitmask                 |             | v128 -> i32            | vbitmask
fd85 i16x8.narrow_i32x4_s          |             | v128 v128 -> v128      | vnarrow
fd86 i16x8.narrow_i32x4_u          |             | v128 v128 -> v128      | vnarrow
fd87 i16x8.extend_low_i8x16_s      |             | v128 -> v128           | vcvtop
fd88 i16x8.extend_high_i8x16_s     |             | v128 -> v128           | vcvtop
fd89 i16x8.extend_low_i8x16_u      |             | v128 -> v128           | vcvtop
fd8a i16x8.extend_high_i8x16_u     |             | v128 -> v128           | vcvtop
fd8b i16x8.shl                     |             | v128 i32 -> v128       | vshiftop
fd8c i16x8.shr_s                   |             | v128 i32 -> v128       | vshiftop
fd8d i16x8.shr_u                   |             | v128 i32 -> v128       | vshiftop
fd8e i16x8.add                     |             | v128 v128 -> v128      | vbinop
fd8f i16x8.add_sat_s               |             | v128 v128 -> v128      | vbinop
fd90 i16x8.add_sat_u               |             | v128 v128 -> v128      | vbinop
fd91 i16x8.sub                     |             | v128 v128 -> v128      | vbinop
fd92 i16x8.sub_sat_s               |             | v128 v128 -> v128      | vbinop
fd93 i16x8.sub_sat_u               |             | v128 v128 -> v128      | vbinop
fd94 f64x2.nearest                 |             | v128 -> v128           | vunop
fd95 i16x8.mul                     |             | v128 v128 -> v128      | vbinop
fd96 i16x8.min_s                   |             | v128 v128 -> v128      | vbinop
fd97 i16x8.min_u                   |             | v128 v128 -> v128      | vbinop
fd98 i16x8.max_s                   |             | v128 v128 -> v128      | vbinop
fd99 i16x8.max_u                   |             | v128 v128 -> v128      | vbinop
fd9b i16x8.avgr_u                  |             | v128 v128 -> v128      | vbinop
fd9c i16x8.extmul_low_i8x16_s      |             | v128 v128 -> v128      | vextbinop
fd9d i16x8.extmul_high_i8x16_s     |             | v128 v128 -> v128      | vextbinop
fd9e i16x8.extmul_low_i8x16_u      |             | v128 v128 -> v128      | vextbinop
fd9f i16x8.extmul_high_i8x16_u     |             | v128 v128 -> v128      | vextbinop
fda0 i32x4.abs                     |             | v128 -> v128           | vunop
fda1 i32x4.neg                     |             | v128 -> v128           | vunop
fda3 i32x4.all_true                |             | v128 -> i32            | vtestop
fda4 i32x4.bitmask                 |             | v128 -> i32            | vbitmask
fda7 i32x4.extend_low_i16x8_s      |             | v128 -> v128           | vcvtop
fda8 i32x4.extend_high_i16x8_s     |             | v128 -> v128           | vcvtop
fda9 i32x4.extend_low_i16x8_u      |             | v128 -> v128           | vcvtop
fdaa i32x4.extend_high_i16x8_u     |             | v128 -> v128           | vcvtop
fdab i32x4.shl                     |             | v128 i32 -> v128       | vshiftop
fdac i32x4.shr_s                   |             | v128 i32 -> v128       | vshiftop
fdad i32x4.shr_u                   |             | v128 i32 -> v128       | vshiftop
fdae i32x4.add                     |             | v128 v128 -> v128      | vbinop
fdb1 i32x4.sub                     |             | v128 v128 -> v128      | vbinop
fdb5 i32x4.mul                     |             | v128 v128 -> v128      | vbinop
fdb6 i32x4.min_s                   |             | v128 v128 -> v128      | vbinop
fdb7 i32x4.min_u                   |             | v128 v128 -> v128      | vbinop
fdb8 i32x4.max_s                   |             | v128 v128 -> v128      | vbinop
fdb9 i32x4.max_u                   |             | v128 v128 -> v128      | vbinop
fdba i32x4.dot_i16x8_s             |             | v128 v128 -> v128      | vextbinop
fdbc i32x4.extmul_low_i16x8_s      |             | v128 v128 -> v128      | vextbinop
fdbd i32x4.extmul_high_i16x8_s     |             | v128 v128 -> v128      | vextbinop
fdbe i32x4.extmul_low_i16x8_u      |             | v128 v128 -> v128      | vextbinop
fdbf i32x4.extmul_high_i16x8_u     |             | v128 v128 -> v128      | vextbinop
fdc0 i64x2.abs                     |             | v128 -> v128           | vunop
fdc1 i64x2.neg                     |             | v128 -> v128           | vunop
fdc3 i64x2.all_true                |             | v128 -> i32            | vtestop
fdc4 i64x2.bitmask                 |             | v128 -> i32            | vbitmask
fdc7 i64x2.extend_low_i32x4_s      |             | v128 -> v128           | vcvtop
fdc8 i64x2.extend_high_i32x4_s     |             | v128 -> v128           | vcvtop
fdc9 i64x2.extend_low_i32x4_u      |             | v128 -> v128           | vcvtop
fdca i64x2.extend_high_i32x4_u     |             | v128 -> v128           | vcvtop
fdcb i64x2.shl                     |             | v128 i32 -> v128       | vshiftop
fdcc i64x2.shr_s                   |             | v128 i32 -> v128       | vshiftop
fdcd i64x2.shr_u                   |             | v128 i32 -> v128       | vshiftop
fdce i64x2.add                     |             | v128 v128 -> v128      | vbinop
fdd1 i64x2.sub                     |             | v128 v128 -> v128      | vbinop
fdd5 i64x2.mul                     |             | v128 v128 -> v128      | vbinop
fdd6 i64x2.eq                      |             | v128 v128 -> v128      | vrelop
fdd7 i64x2.ne                      |             | v128 v128 -> v128      | vrelop
fdd8 i64x2.lt_s                    |             | v128 v128 -> v128      | vrelop
fdd9 i64x2.gt_s                    |             | v128 v128 -> v128      | vrelop
fdda i64x2.le_s                    |             | v128 v128 -> v128      | vrelop
fddb i64x2.ge_s                    |             | v128 v128 -> v128      | vrelop
fddc i64x2.extmul_low_i32x4_s      |             | v128 v128 -> v128      | vextbinop
fddd i64x2.extmul_high_i32x4_s     |             | v128 v128 -> v128      | vextbinop
fdde i64x2.extmul_low_i32x4_u      |             | v128 v128 -> v128      | vextbinop
fddf i64x2.extmul_high_i32x4_u     |             | v128 v128 -> v128      | vextbinop
fde0 f32x4.abs                     |             | v128 -> v128           | vunop
fde1 f32x4.neg                     |             | v128 -> v128           | vunop
fde3 f32x4.sqrt                    |             | v128 -> v128           | vunop
fde4 f32x4.add                     |             | v128 v128 -> v128      | vbinop
fde5 f32x4.sub                     |             | v128 v128 -> v128      | vbinop
fde6 f32x4.mul                     |             | v128 v128 -> v128      | vbinop
fde7 f32x4.div                     |             | v128 v128 -> v128      | vbinop
fde8 f32x4.min                     |             | v128 v128 -> v128      | vbinop
fde9 f32x4.max                     |             | v128 v128 -> v128      | vbinop
fdea f32x4.pmin                    |             | v128 v128 -> v128      | vbinop
fdeb f32x4.pmax                    |             | v128 v128 -> v128      | vbinop
fdec f64x2.abs                     |             | v128 -> v128           | vunop
fded f64x2.neg                     |             | v128 -> v128           | vunop
fdef f64x2.sqrt                    |             | v128 -> v128           | vunop
fdf0 f64x2.add                     |             | v128 v128 -> v128      | vbinop
fdf1 f64x2.sub                     |             | v128 v128 -> v128      | vbinop
fdf2 f64x2.mul                     |             | v128 v128 -> v128      | vbinop
fdf3 f64x2.div                     |             | v128 v128 -> v128      | vbinop
fdf4 f64x2.min                     |             | v128 v128 -> v128      | vbinop
fdf5 f64x2.max                     |             | v128 v128 -> v128      | vbinop
fdf6 f64x2.pmin                    |             | v128 v128 -> v128      | vbinop
fdf7 f64x2.pmax                    |             | v128 v128 -> v128      | vbinop
fdf8 i32x4.trunc_sat_f32x4_s       |             | v128 -> v128           | vcvtop
fdf9 i32x4.trunc_sat_f32x4_u       |             | v128 -> v128           | vcvtop
fdfa f32x4.convert_i32x4_s         |             | v128 -> v128           | vcvtop
fdfb f32x4.convert_i32x4_u         |             | v128 -> v128           | vcvtop
fdfc i32x4.trunc_sat_f64x2_s_zero  |             | v128 -> v128           | vcvtop
fdfd i32x4.trunc_sat_f64x2_u_zero  |             | v128 -> v128           | vcvtop
fdfe f64x2.convert_low_i32x4_s     |             | v128 -> v128           | vcvtop
fdff f64x2.convert_low_i32x4_u     |             | v128 -> v128           | vcvtop
"""

VECTOR_ROWS["relaxed-simd"] = """
fd100 i8x16.relaxed_swizzle               |  | v128 v128 -> v128      | vswizzlop
fd101 i32x4.relaxed_trunc_f32x4_s         |  | v128 -> v128           | vcvtop
fd102 i32x4.relaxed_trunc_f32x4_u         |  | v128 -> v128           | vcvtop
fd103 i32x4.relaxed_trunc_f64x2_s_zero    |  | v128 -> v128           | vcvtop
fd104 i32x4.relaxed_trunc_f64x2_u_zero    |  | v128 -> v128           | vcvtop
fd105 f32x4.relaxed_madd                  |  | v128 v128 v128 -> v128 | vternop
fd106 f32x4.relaxed_nmadd                 |  | v128 v128 v128 -> v128 | vternop
fd107 f64x2.relaxed_madd                  |  | v128 v128 v128 -> v128 | vternop
fd108 f64x2.relaxed_nmadd                 |  | v128 v128 v128 -> v128 | vternop
fd109 i8x16.relaxed_laneselect            |  | v128 v128 v128 -> v128 | vternop
fd10a i16x8.relaxed_laneselect            |  | v128 v128 v128 -> v128 | vternop
fd10b i32x4.relaxed_laneselect            |  | v128 v128 v128 -> v128 | vternop
fd10c i64x2.relaxed_laneselect            |  | v128 v128 v128 -> v128 | vternop
fd10d f32x4.relaxed_min                   |  | v128 v128 -> v128      | vbinop
fd10e f32x4.relaxed_max                   |  | v128 v128 -> v128      | vbinop
fd10f f64x2.relaxed_min                   |  | v128 v128 -> v128      | vbinop
fd110 f64x2.relaxed_max                   |  | v128 v128 -> v128      | vbinop
fd111 i16x8.relaxed_q15mulr_s             |  | v128 v128 -> v128      | vbinop
fd112 i16x8.relaxed_dot_i8x16_i7x16_s     |  | v128 v128 -> v128      | vextbinop
fd113 i32x4.relaxed_dot_i8x16_i7x16_add_s |  | v128 v128 v128 -> v128 | vextternop
"""
