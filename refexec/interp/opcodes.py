"""The one table of instructions: code, mnemonic, immediates, signature, fuel, feature, rule.

Decoder, validator, machine, printers and documentation read this table; none repeats it. Behaviour
is not here: how an instruction executes is in `refexec.interp.instructions`, in the function that
`Opcode.function_name` names.

Columns of a row: opcode (with its prefix, as in 0xFC0A for the prefixed opcode 10), mnemonic,
immediates, signature, and the rule of the specification that defines execution (label `exec-…` in
the Execution chapter). A `*` signature means that the types depend on the immediates or on the
context, so that the validator has a function of its own for it; `at` is the address type of the
memory that the instruction names. An instruction costs one unit of fuel unless listed in `_FREE`;
those in `_METERED` cost more in proportion to what they move.

Immediates, by name:

block       block type                          local global function type tag data elem
label       label index                                     index into that space
labels      branch table                        table, memory   index, address type matters
heap        heap type                           memarg      alignment, offset, memory
types       value types (of `select`)           lane        lane index
cast        flags, label, two heap types        i32 i64 f32 f64 v128    constant
handlers    block type, catch clauses           lanes       16 lane indices
count       element count                       field       field index
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from refexec.interp.opcodes_vector import VECTOR_ROWS
from refexec.interp.types import F32, F64, I32, I64, V128, NumberType
from refexec.record import record


class Signature(NamedTuple):
    """Operand types taken and given; None stands for the address type."""

    params: tuple[NumberType | None, ...]
    results: tuple[NumberType | None, ...]


@record(frozen=True, eq=False)
class Opcode:
    """A row of the table. There is one object for each instruction; compare with `is`."""

    code: int
    """Opcode; prefixed ones as prefix * 256 + code (codes below 256) or prefix * 4096 + code."""
    mnemonic: str
    """Name in the text format."""
    immediates: tuple[str, ...]
    """Kinds of the immediates, in binary order."""
    signature: Signature | None
    """Types taken and given, or None if they depend on more than the opcode."""
    fuel: int
    """Fixed part of the cost: 0 or 1."""
    metered: bool
    """Whether the cost has a part that is proportional to an operand."""
    feature: str
    """Feature that brings the instruction."""
    rule: str
    """Label of the specification's execution rule, without `exec-`."""

    @property
    def function_name(self) -> str:
        """Name of the Python function that executes it."""
        name = self.mnemonic.replace(".", "_").replace(" ", "_")
        return name + "_" if name in _RESERVED else name

    def __repr__(self) -> str:
        return self.mnemonic


_RESERVED = frozenset({"if", "else", "return"})

_FREE = frozenset({"nop", "drop", "block", "loop", "else", "end", "return", "unreachable"})

# fmt: off
_METERED = frozenset({
    "memory.fill", "memory.copy", "memory.init", "memory.grow", "table.fill", "table.copy",
    "table.init", "table.grow", "array.new", "array.new_default", "array.new_data",
    "array.new_elem", "array.fill", "array.copy", "array.init_data", "array.init_elem",
})
# fmt: on

_ROWS: dict[str, str] = {}

_ROWS["mvp"] = """
00   unreachable         |              | *                   | unreachable
01   nop                 |              | ->                  | nop
02   block               | block        | *                   | block
03   loop                | block        | *                   | loop
04   if                  | block        | *                   | if
05   else                |              | *                   | if
0b   end                 |              | *                   | instrs-exit
0c   br                  | label        | *                   | br
0d   br_if               | label        | *                   | br_if
0e   br_table            | labels       | *                   | br_table
0f   return              |              | *                   | return
10   call                | function     | *                   | call
11   call_indirect       | type table   | *                   | call_indirect
1a   drop                |              | *                   | drop
1b   select              |              | *                   | select
20   local.get           | local        | *                   | local.get
21   local.set           | local        | *                   | local.set
22   local.tee           | local        | *                   | local.tee
23   global.get          | global       | *                   | global.get
24   global.set          | global       | *                   | global.set
28   i32.load            | memarg       | at -> i32           | load-val
29   i64.load            | memarg       | at -> i64           | load-val
2a   f32.load            | memarg       | at -> f32           | load-val
2b   f64.load            | memarg       | at -> f64           | load-val
2c   i32.load8_s         | memarg       | at -> i32           | load-pack
2d   i32.load8_u         | memarg       | at -> i32           | load-pack
2e   i32.load16_s        | memarg       | at -> i32           | load-pack
2f   i32.load16_u        | memarg       | at -> i32           | load-pack
30   i64.load8_s         | memarg       | at -> i64           | load-pack
31   i64.load8_u         | memarg       | at -> i64           | load-pack
32   i64.load16_s        | memarg       | at -> i64           | load-pack
33   i64.load16_u        | memarg       | at -> i64           | load-pack
34   i64.load32_s        | memarg       | at -> i64           | load-pack
35   i64.load32_u        | memarg       | at -> i64           | load-pack
36   i32.store           | memarg       | at i32 ->           | store-val
37   i64.store           | memarg       | at i64 ->           | store-val
38   f32.store           | memarg       | at f32 ->           | store-val
39   f64.store           | memarg       | at f64 ->           | store-val
3a   i32.store8          | memarg       | at i32 ->           | store-pack
3b   i32.store16         | memarg       | at i32 ->           | store-pack
3c   i64.store8          | memarg       | at i64 ->           | store-pack
3d   i64.store16         | memarg       | at i64 ->           | store-pack
3e   i64.store32         | memarg       | at i64 ->           | store-pack
3f   memory.size         | memory       | -> at               | memory.size
40   memory.grow         | memory       | at -> at            | memory.grow
41   i32.const           | i32          | -> i32              | const
42   i64.const           | i64          | -> i64              | const
43   f32.const           | f32          | -> f32              | const
44   f64.const           | f64          | -> f64              | const
45   i32.eqz             |              | i32 -> i32          | testop
46   i32.eq              |              | i32 i32 -> i32      | relop
47   i32.ne              |              | i32 i32 -> i32      | relop
48   i32.lt_s            |              | i32 i32 -> i32      | relop
49   i32.lt_u            |              | i32 i32 -> i32      | relop
4a   i32.gt_s            |              | i32 i32 -> i32      | relop
4b   i32.gt_u            |              | i32 i32 -> i32      | relop
4c   i32.le_s            |              | i32 i32 -> i32      | relop
4d   i32.le_u            |              | i32 i32 -> i32      | relop
4e   i32.ge_s            |              | i32 i32 -> i32      | relop
4f   i32.ge_u            |              | i32 i32 -> i32      | relop
50   i64.eqz             |              | i64 -> i32          | testop
51   i64.eq              |              | i64 i64 -> i32      | relop
52   i64.ne              |              | i64 i64 -> i32      | relop
53   i64.lt_s            |              | i64 i64 -> i32      | relop
54   i64.lt_u            |              | i64 i64 -> i32      | relop
55   i64.gt_s            |              | i64 i64 -> i32      | relop
56   i64.gt_u            |              | i64 i64 -> i32      | relop
57   i64.le_s            |              | i64 i64 -> i32      | relop
58   i64.le_u            |              | i64 i64 -> i32      | relop
59   i64.ge_s            |              | i64 i64 -> i32      | relop
5a   i64.ge_u            |              | i64 i64 -> i32      | relop
5b   f32.eq              |              | f32 f32 -> i32      | relop
5c   f32.ne              |              | f32 f32 -> i32      | relop
5d   f32.lt              |              | f32 f32 -> i32      | relop
5e   f32.gt              |              | f32 f32 -> i32      | relop
5f   f32.le              |              | f32 f32 -> i32      | relop
60   f32.ge              |              | f32 f32 -> i32      | relop
61   f64.eq              |              | f64 f64 -> i32      | relop
62   f64.ne              |              | f64 f64 -> i32      | relop
63   f64.lt              |              | f64 f64 -> i32      | relop
64   f64.gt              |              | f64 f64 -> i32      | relop
65   f64.le              |              | f64 f64 -> i32      | relop
66   f64.ge              |              | f64 f64 -> i32      | relop
67   i32.clz             |              | i32 -> i32          | unop
68   i32.ctz             |              | i32 -> i32          | unop
69   i32.popcnt          |              | i32 -> i32          | unop
6a   i32.add             |              | i32 i32 -> i32      | binop
6b   i32.sub             |              | i32 i32 -> i32      | binop
6c   i32.mul             |              | i32 i32 -> i32      | binop
6d   i32.div_s           |              | i32 i32 -> i32      | binop
6e   i32.div_u           |              | i32 i32 -> i32      | binop
6f   i32.rem_s           |              | i32 i32 -> i32      | binop
70   i32.rem_u           |              | i32 i32 -> i32      | binop
71   i32.and             |              | i32 i32 -> i32      | binop
72   i32.or              |              | i32 i32 -> i32      | binop
73   i32.xor             |              | i32 i32 -> i32      | binop
74   i32.shl             |              | i32 i32 -> i32      | binop
75   i32.shr_s           |              | i32 i32 -> i32      | binop
76   i32.shr_u           |              | i32 i32 -> i32      | binop
77   i32.rotl            |              | i32 i32 -> i32      | binop
78   i32.rotr            |              | i32 i32 -> i32      | binop
79   i64.clz             |              | i64 -> i64          | unop
7a   i64.ctz             |              | i64 -> i64          | unop
7b   i64.popcnt          |              | i64 -> i64          | unop
7c   i64.add             |              | i64 i64 -> i64      | binop
7d   i64.sub             |              | i64 i64 -> i64      | binop
7e   i64.mul             |              | i64 i64 -> i64      | binop
7f   i64.div_s           |              | i64 i64 -> i64      | binop
80   i64.div_u           |              | i64 i64 -> i64      | binop
81   i64.rem_s           |              | i64 i64 -> i64      | binop
82   i64.rem_u           |              | i64 i64 -> i64      | binop
83   i64.and             |              | i64 i64 -> i64      | binop
84   i64.or              |              | i64 i64 -> i64      | binop
85   i64.xor             |              | i64 i64 -> i64      | binop
86   i64.shl             |              | i64 i64 -> i64      | binop
87   i64.shr_s           |              | i64 i64 -> i64      | binop
88   i64.shr_u           |              | i64 i64 -> i64      | binop
89   i64.rotl            |              | i64 i64 -> i64      | binop
8a   i64.rotr            |              | i64 i64 -> i64      | binop
8b   f32.abs             |              | f32 -> f32          | unop
8c   f32.neg             |              | f32 -> f32          | unop
8d   f32.ceil            |              | f32 -> f32          | unop
8e   f32.floor           |              | f32 -> f32          | unop
8f   f32.trunc           |              | f32 -> f32          | unop
90   f32.nearest         |              | f32 -> f32          | unop
91   f32.sqrt            |              | f32 -> f32          | unop
92   f32.add             |              | f32 f32 -> f32      | binop
93   f32.sub             |              | f32 f32 -> f32      | binop
94   f32.mul             |              | f32 f32 -> f32      | binop
95   f32.div             |              | f32 f32 -> f32      | binop
96   f32.min             |              | f32 f32 -> f32      | binop
97   f32.max             |              | f32 f32 -> f32      | binop
98   f32.copysign        |              | f32 f32 -> f32      | binop
99   f64.abs             |              | f64 -> f64          | unop
9a   f64.neg             |              | f64 -> f64          | unop
9b   f64.ceil            |              | f64 -> f64          | unop
9c   f64.floor           |              | f64 -> f64          | unop
9d   f64.trunc           |              | f64 -> f64          | unop
9e   f64.nearest         |              | f64 -> f64          | unop
9f   f64.sqrt            |              | f64 -> f64          | unop
a0   f64.add             |              | f64 f64 -> f64      | binop
a1   f64.sub             |              | f64 f64 -> f64      | binop
a2   f64.mul             |              | f64 f64 -> f64      | binop
a3   f64.div             |              | f64 f64 -> f64      | binop
a4   f64.min             |              | f64 f64 -> f64      | binop
a5   f64.max             |              | f64 f64 -> f64      | binop
a6   f64.copysign        |              | f64 f64 -> f64      | binop
a7   i32.wrap_i64        |              | i64 -> i32          | cvtop
a8   i32.trunc_f32_s     |              | f32 -> i32          | cvtop
a9   i32.trunc_f32_u     |              | f32 -> i32          | cvtop
aa   i32.trunc_f64_s     |              | f64 -> i32          | cvtop
ab   i32.trunc_f64_u     |              | f64 -> i32          | cvtop
ac   i64.extend_i32_s    |              | i32 -> i64          | cvtop
ad   i64.extend_i32_u    |              | i32 -> i64          | cvtop
ae   i64.trunc_f32_s     |              | f32 -> i64          | cvtop
af   i64.trunc_f32_u     |              | f32 -> i64          | cvtop
b0   i64.trunc_f64_s     |              | f64 -> i64          | cvtop
b1   i64.trunc_f64_u     |              | f64 -> i64          | cvtop
b2   f32.convert_i32_s   |              | i32 -> f32          | cvtop
b3   f32.convert_i32_u   |              | i32 -> f32          | cvtop
b4   f32.convert_i64_s   |              | i64 -> f32          | cvtop
b5   f32.convert_i64_u   |              | i64 -> f32          | cvtop
b6   f32.demote_f64      |              | f64 -> f32          | cvtop
b7   f64.convert_i32_s   |              | i32 -> f64          | cvtop
b8   f64.convert_i32_u   |              | i32 -> f64          | cvtop
b9   f64.convert_i64_s   |              | i64 -> f64          | cvtop
ba   f64.convert_i64_u   |              | i64 -> f64          | cvtop
bb   f64.promote_f32     |              | f32 -> f64          | cvtop
bc   i32.reinterpret_f32 |              | f32 -> i32          | cvtop
bd   i64.reinterpret_f64 |              | f64 -> i64          | cvtop
be   f32.reinterpret_i32 |              | i32 -> f32          | cvtop
bf   f64.reinterpret_i64 |              | i64 -> f64          | cvtop
"""

_ROWS["sign-extension"] = """
c0   i32.extend8_s       |              | i32 -> i32          | unop
c1   i32.extend16_s      |              | i32 -> i32          | unop
c2   i64.extend8_s       |              | i64 -> i64          | unop
c3   i64.extend16_s      |              | i64 -> i64          | unop
c4   i64.extend32_s      |              | i64 -> i64          | unop
"""

_ROWS["saturating-float-to-int"] = """
fc00 i32.trunc_sat_f32_s |              | f32 -> i32          | cvtop
fc01 i32.trunc_sat_f32_u |              | f32 -> i32          | cvtop
fc02 i32.trunc_sat_f64_s |              | f64 -> i32          | cvtop
fc03 i32.trunc_sat_f64_u |              | f64 -> i32          | cvtop
fc04 i64.trunc_sat_f32_s |              | f32 -> i64          | cvtop
fc05 i64.trunc_sat_f32_u |              | f32 -> i64          | cvtop
fc06 i64.trunc_sat_f64_s |              | f64 -> i64          | cvtop
fc07 i64.trunc_sat_f64_u |              | f64 -> i64          | cvtop
"""

_ROWS["bulk-memory-opt"] = """
fc0a memory.copy         | memory memory| *                   | memory.copy
fc0b memory.fill         | memory       | at i32 at ->        | memory.fill
"""

_ROWS["bulk-memory"] = """
fc08 memory.init         | data memory  | *                   | memory.init
fc09 data.drop           | data         | ->                  | data.drop
fc0c table.init          | elem table   | *                   | table.init
fc0d elem.drop           | elem         | ->                  | elem.drop
fc0e table.copy          | table table  | *                   | table.copy
"""

_ROWS["reference-types"] = """
1c   select t            | types        | *                   | select
25   table.get           | table        | *                   | table.get
26   table.set           | table        | *                   | table.set
d0   ref.null            | heap         | *                   | ref.null
d1   ref.is_null         |              | *                   | ref.is_null
d2   ref.func            | function     | *                   | ref.func
fc0f table.grow          | table        | *                   | table.grow
fc10 table.size          | table        | *                   | table.size
fc11 table.fill          | table        | *                   | table.fill
"""

_ROWS["tail-call"] = """
12   return_call         | function     | *                   | return_call
13   return_call_indirect| type table   | *                   | return_call_indirect
"""

_ROWS["function-references"] = """
14   call_ref            | type         | *                   | call_ref
15   return_call_ref     | type         | *                   | return_call_ref
d4   ref.as_non_null     |              | *                   | ref.as_non_null
d5   br_on_null          | label        | *                   | br_on_null
d6   br_on_non_null      | label        | *                   | br_on_non_null
"""

_ROWS["exceptions"] = """
08   throw               | tag          | *                   | throw
0a   throw_ref           |              | *                   | throw_ref
1f   try_table           | handlers     | *                   | try_table
"""

_ROWS["gc"] = """
d3   ref.eq              |              | *                   | ref.eq
fb00 struct.new          | type         | *                   | struct.new
fb01 struct.new_default  | type         | *                   | struct.new_default
fb02 struct.get          | type field   | *                   | struct.get
fb03 struct.get_s        | type field   | *                   | struct.get
fb04 struct.get_u        | type field   | *                   | struct.get
fb05 struct.set          | type field   | *                   | struct.set
fb06 array.new           | type         | *                   | array.new
fb07 array.new_default   | type         | *                   | array.new_default
fb08 array.new_fixed     | type count   | *                   | array.new_fixed
fb09 array.new_data      | type data    | *                   | array.new_data
fb0a array.new_elem      | type elem    | *                   | array.new_elem
fb0b array.get           | type         | *                   | array.get
fb0c array.get_s         | type         | *                   | array.get
fb0d array.get_u         | type         | *                   | array.get
fb0e array.set           | type         | *                   | array.set
fb0f array.len           |              | *                   | array.len
fb10 array.fill          | type         | *                   | array.fill
fb11 array.copy          | type type    | *                   | array.copy
fb12 array.init_data     | type data    | *                   | array.init_data
fb13 array.init_elem     | type elem    | *                   | array.init_elem
fb14 ref.test            | heap         | *                   | ref.test
fb15 ref.test null       | heap         | *                   | ref.test
fb16 ref.cast            | heap         | *                   | ref.cast
fb17 ref.cast null       | heap         | *                   | ref.cast
fb18 br_on_cast          | cast         | *                   | br_on_cast
fb19 br_on_cast_fail     | cast         | *                   | br_on_cast_fail
fb1a any.convert_extern  |              | *                   | any.convert_extern
fb1b extern.convert_any  |              | *                   | extern.convert_any
fb1c ref.i31             |              | *                   | ref.i31
fb1d i31.get_s           |              | *                   | i31.get
fb1e i31.get_u           |              | *                   | i31.get
"""

_ROWS["wide-arithmetic"] = """
fc13 i64.add128          |              | i64 i64 i64 i64 -> i64 i64 | binop
fc14 i64.sub128          |              | i64 i64 i64 i64 -> i64 i64 | binop
fc15 i64.mul_wide_s      |              | i64 i64 -> i64 i64  | binop
fc16 i64.mul_wide_u      |              | i64 i64 -> i64 i64  | binop
"""

PREFIXES = (0xFB, 0xFC, 0xFD)
"""First bytes of the opcodes that continue with a LEB128 number."""

_TYPES: dict[str, NumberType | None] = {
    "i32": I32,
    "i64": I64,
    "f32": F32,
    "f64": F64,
    "v128": V128,
    "at": None,
}


# Few of these differ, and there are hundreds of rows to read each time that a worker starts.
@cache
def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@cache
def _signature(text: str) -> Signature | None:
    if text.strip() == "*":
        return None
    params, _, results = text.partition("->")
    return Signature(
        tuple(_TYPES[name] for name in params.split()),
        tuple(_TYPES[name] for name in results.split()),
    )


def _parse_rows(feature: str, text: str) -> list[Opcode]:
    opcodes = []
    for line in text.strip().splitlines():
        code_and_mnemonic, immediates, signature, rule = line.split("|")
        code, mnemonic = code_and_mnemonic.strip().split(maxsplit=1)
        opcodes.append(
            Opcode(
                int(code, 16),
                mnemonic,
                _words(immediates),
                _signature(signature),
                0 if mnemonic in _FREE else 1,
                mnemonic in _METERED,
                feature,
                rule.strip(),
            )
        )
    return opcodes


OPCODES: dict[int, Opcode] = {
    opcode.code: opcode
    for feature, text in (*_ROWS.items(), *VECTOR_ROWS.items())
    for opcode in _parse_rows(feature, text)
}
"""Every instruction by its code."""

BY_MNEMONIC: dict[str, Opcode] = {opcode.mnemonic: opcode for opcode in OPCODES.values()}
"""Every instruction by its mnemonic; `select t`, `ref.test null` and `ref.cast null` are the
variants that share a mnemonic in the text format."""

BLOCK = BY_MNEMONIC["block"]
LOOP = BY_MNEMONIC["loop"]
IF = BY_MNEMONIC["if"]
ELSE = BY_MNEMONIC["else"]
END = BY_MNEMONIC["end"]
TRY_TABLE = BY_MNEMONIC["try_table"]
