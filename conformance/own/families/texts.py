"""How a module of a family is laid out, and the calls of a case.

A module has many functions of the same type, and a table of inputs in memory. Its function `sweep`
calls one of them with the inputs from a number to another, and gives a sum of all results in which
every bit counts. A difference is narrowed down by sweeping fewer inputs; each function is also
exported by its name.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Input = tuple[int, int, int]
"""Two i32 and an i64, as unsigned numbers."""

Step = dict[str, Any]
"""A step of a case, as its JSON has it."""

PLAIN, METERED, EXACT = "plain", "metered", "exact"
"""The cases of a module: what its functions give, what they are charged, and where they stop."""

INPUTS = 0x2000
"""Where the inputs are in memory."""

WIDTH = 100

_FRAME = """\
;; {about}
(module
  (type $body (func (param i32 i32 i64) (result i64)))
  (memory 1 4)
  (table $functions {room} funcref)
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
        (local.set $at (i32.add (i32.const {inputs}) (i32.shl (local.get $from) (i32.const 4))))
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
"""


@dataclass(frozen=True)
class Function:
    """A function of a module: `$x`, `$y` and `$z` are its parameters, its result is an i64."""

    name: str
    body: str
    locals: str = ""


@dataclass
class Family:
    """A module with its case."""

    name: str
    """That of the module; the case is in the area of the same name."""
    title: str
    does: str
    must: str
    rule: str
    about: str
    """The first line of the module's source."""
    functions: list[Function]
    inputs: list[Input]
    more: str = ""
    """Other definitions."""
    features: tuple[str, ...] = ()
    metered: bool = False
    """Ask in a second case what each sweep is charged."""
    sweeps: list[tuple[int, int, int]] | None = None
    """Functions, each with the inputs from a number to another; all with all if not given."""
    calls: list[Step] = field(default_factory=list)
    """Further steps of the case."""
    exact_calls: list[Step] = field(default_factory=list)
    """Steps of a third case, about where calls stop that have not enough fuel."""
    derivation: str = ""
    """Why those of the third case are believed; of the first one, if there is no third."""

    def source(self) -> str:
        """The module as text."""
        parts = [_FRAME.format(about=self.about, inputs=INPUTS, room=len(self.functions) + 4)]
        if self.more:
            parts.append(textwrap.indent(textwrap.dedent(self.more).strip("\n"), "  ") + "\n")
        for number, item in enumerate(self.functions):
            parts.append(
                f'  (func $f{number} (export "{item.name}") (type $body)\n'
                f"    (param $x i32) (param $y i32) (param $z i64) (result i64){item.locals}\n"
                f"{textwrap.indent(item.body.strip(), '    ')})\n"
            )
        names = " ".join(f"$f{number}" for number in range(len(self.functions)))
        parts.append(wrapped(f"(elem (i32.const 0) {names})"))
        for number, (x, y, z) in enumerate(self.inputs):
            numbers = (x.to_bytes(4, "little"), y.to_bytes(4, "little"), z.to_bytes(8, "little"))
            text = "".join(f"\\{byte:02x}" for part in numbers for byte in part)
            parts.append(f'  (data (i32.const {INPUTS + 16 * number}) "{text}")\n')
        return "".join(parts).rstrip("\n") + ")\n"

    def steps(self, kind: str) -> list[Step]:
        """The steps of a case, without expectations."""
        sweeps = self.sweeps
        if sweeps is None:
            sweeps = [(number, 0, len(self.inputs)) for number in range(len(self.functions))]
        swept = [call("sweep", *(f"i32:{number}" for number in sweep)) for sweep in sweeps]
        steps = {PLAIN: [*swept, *self.calls], METERED: swept, EXACT: self.exact_calls}[kind]
        return [{"do": "instantiate", "module": f"{self.name}.wasm"}, *steps]


def call(function: str, *args: str, fuel: int | None = None) -> Step:
    """A call; arguments are given as `type:value`."""
    step: Step = {"do": "call", "function": function}
    if args:
        step["args"] = [dict(zip(("type", "value"), arg.split(":"), strict=True)) for arg in args]
    if fuel is not None:
        step["fuel"] = fuel
    return step


def get(name: str) -> Step:
    """Read a global."""
    return {"do": "get", "global": name}


def wrapped(text: str, indent: str = "  ") -> str:
    """A text in lines that are not too long."""
    return (
        textwrap.fill(
            text,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent + "  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        + "\n"
    )


def unsigned(value: int, bits: int) -> int:
    """The number as the modules hold it."""
    return value & (1 << bits) - 1


def inputs(pairs: Sequence[tuple[int, int, int]]) -> list[Input]:
    """Inputs of signed or unsigned numbers."""
    return [(unsigned(x, 32), unsigned(y, 32), unsigned(z, 64)) for x, y, z in pairs]


def boundaries(bits: int) -> list[int]:
    """Numbers at which ranges end."""
    half = 1 << bits - 1
    found = [0, 1, -1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, half - 1, half, half >> 1]
    if bits == 64:
        found += [0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, -0x80000000, -0x80000001]
    return [*found, -0x80, -0x81, 37]
