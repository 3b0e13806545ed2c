"""Functions made by chance: integers, floats, branches, loops, switches, calls and memory.

Every loop ends, since it counts its turns; every access is within memory; every division has a
divisor that it can have. NaNs are replaced before their bits could be seen. The choice depends on a
number for each module, and on nothing else.
"""

from __future__ import annotations

from random import Random

from refexec_conformance.own.families.texts import Family, Function, boundaries, inputs

_COUNT = 30
"""Functions of a module."""

_FLOATS_AT = 4096
"""Where floats are stored, whose bits nobody looks at: they may be NaNs."""

_BINARY = ("add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr")
_COMPARE = ("eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u")
_FLOAT_BINARY = ("add", "sub", "mul", "div", "min", "max")
_FLOAT_UNARY = ("abs", "neg", "sqrt", "ceil", "floor", "trunc", "nearest")
_FLOAT_COMPARE = ("eq", "ne", "lt", "gt", "le", "ge")
_TYPES = ("i32", "i32", "i32", "i64", "i64", "f64", "f32")

_LOCALS = {
    "i32": ("x", "y", "a", "b"),
    "i64": ("z", "c", "d"),
    "f64": ("e", "f"),
    "f32": ("p", "q"),
}

_MORE = """
(type $two (func (param i32 i64) (result i32)))
(elem (i32.const 30) $left $right $left)
(func $left (param i32 i64) (result i32)
  (global.set $g (i32.xor (global.get $g) (local.get 0)))
  (i32.sub (local.get 0) (i32.wrap_i64 (local.get 1))))
(func $right (param i32 i64) (result i32)
  (global.set $k (i64.add (global.get $k) (local.get 1)))
  (i32.store (i32.const 64) (local.get 0))
  (i32.shr_s (i32.wrap_i64 (local.get 1)) (i32.const 3)))
(func $f64 (param f64)
  (call $i64 (select (i64.reinterpret_f64 (local.get 0)) (i64.const 0)
    (f64.eq (local.get 0) (local.get 0)))))
(func $f32 (param f32)
  (call $i32 (select (i32.reinterpret_f32 (local.get 0)) (i32.const 0)
    (f32.eq (local.get 0) (local.get 0)))))
"""


class _Maker:
    """Makes one function."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._labels: list[str] = []
        self._loops = 0
        self._number = 0

    def _new(self, kind: str) -> str:
        self._number += 1
        return f"${kind}{self._number}"

    def constant(self, type_: str) -> str:
        """A constant."""
        random = self._random
        if type_ in ("f32", "f64"):
            text = random.choice(
                ("0", "-0.0", "1", "-1.5", "0.1", "3e9", "-7e18", "inf", "1e-40", "255")
            )
            return f"({type_}.const {text})"
        bits = int(type_[1:])
        value = random.choice((*boundaries(bits), 2, 3, 5, 7, 10, 31, bits - 1, -2, -256, 1000))
        if value >= 1 << bits - 1:
            value -= 1 << bits
        return f"({type_}.const {value})"

    def address(self, depth: int) -> str:
        """An address with room behind it."""
        if self._random.random() < 0.3:
            return f"(i32.const {self._random.randrange(90)})"
        return f"(i32.and {self.value('i32', depth - 1)} (i32.const {self._random.choice((60, 63, 88))}))"

    def value(self, type_: str, depth: int) -> str:
        """An expression."""
        random = self._random
        if depth <= 0 or random.random() < 0.1:
            if random.random() < 0.25:
                return self.constant(type_)
            if random.random() < 0.1 and type_ in ("i32", "i64"):
                return "(global.get $g)" if type_ == "i32" else "(global.get $k)"
            return f"(local.get ${random.choice(_LOCALS[type_])})"
        chance = random.random()
        if chance < 0.07:
            return f"(local.tee ${random.choice(_LOCALS[type_])} {self.value(type_, depth - 1)})"
        if chance < 0.13:
            parts = self.value(type_, depth - 1), self.value(type_, depth - 1)
            return f"(select {parts[0]} {parts[1]} {self.test(depth - 1)})"
        if chance < 0.19:
            parts = self.value(type_, depth - 1), self.value(type_, depth - 1)
            test = self.test(depth - 1)
            return f"(if (result {type_}) {test} (then {parts[0]}) (else {parts[1]}))"
        if chance < 0.23:
            label = self._new("v")
            first, test = self.value(type_, depth - 1), self.test(depth - 1)
            return (
                f"(block {label} (result {type_}) (br_if {label} {first} {test}) (drop) "
                f"{self.statement(depth - 1)} {self.value(type_, depth - 1)})"
            )
        return self._float(type_, depth) if type_[0] == "f" else self._integer(type_, depth)

    def _float(self, type_: str, depth: int) -> str:
        random = self._random
        other = "f64" if type_ == "f32" else "f32"
        chance = random.random()
        if chance < 0.06:
            return f"({type_}.load offset={_FLOATS_AT} {self.address(depth)})"
        if chance < 0.4:
            name = random.choice(_FLOAT_BINARY)
            return f"({type_}.{name} {self.value(type_, depth - 1)} {self.value(type_, depth - 1)})"
        if chance < 0.55:
            return f"({type_}.{random.choice(_FLOAT_UNARY)} {self.value(type_, depth - 1)})"
        if chance < 0.65:
            name = "promote_f32" if type_ == "f64" else "demote_f64"
            return f"({type_}.{name} {self.value(other, depth - 1)})"
        source, sign = random.choice(("i32", "i64")), random.choice("su")
        return f"({type_}.convert_{source}_{sign} {self.value(source, depth - 1)})"

    def finite(self, type_: str, depth: int) -> str:
        """A float that is no NaN, so that all may see its bits."""
        random = self._random
        first = f"({type_}.convert_i32_{random.choice('su')} {self.value('i32', depth - 1)})"
        if depth <= 0 or random.random() < 0.3:
            return first
        name = random.choice(("add", "sub", "mul", "min", "max"))
        return f"({type_}.{name} {first} {self.finite(type_, depth - 1)})"

    def _integer(self, type_: str, depth: int) -> str:
        random = self._random
        bits = int(type_[1:])
        chance = random.random()
        if chance < 0.42:
            name = random.choice(_BINARY)
            return f"({type_}.{name} {self.value(type_, depth - 1)} {self.value(type_, depth - 1)})"
        if chance < 0.52:
            name = random.choice(("div_u", "rem_u", "rem_s", "div_s"))
            divisor = f"({type_}.or {self.value(type_, depth - 2)} ({type_}.const 1))"
            if name == "div_s":
                divisor = f"({type_}.and {divisor} ({type_}.const {(1 << bits - 1) - 1}))"
            if random.random() < 0.5:
                divisor = f"({type_}.const {random.choice((1, 2, 3, 7, 8, 10, 255, 4096))})"
            return f"({type_}.{name} {self.value(type_, depth - 1)} {divisor})"
        if chance < 0.62:
            names = ["clz", "ctz", "popcnt", "extend8_s", "extend16_s"] + ["extend32_s"] * (
                bits == 64
            )
            return f"({type_}.{random.choice(names)} {self.value(type_, depth - 1)})"
        if chance < 0.74:
            names = ["load", "load8_s", "load8_u", "load16_s", "load16_u"]
            names += ["load32_s", "load32_u"] * (bits == 64)
            offset = random.choice(("", "", " offset=1", " offset=8", " offset=20"))
            return f"({type_}.{random.choice(names)}{offset} {self.address(depth)})"
        if chance < 0.8:
            source = random.choice(("f32", "f64"))
            name = f"trunc_sat_{source}_{random.choice('su')}"
            return f"({type_}.{name} {self.value(source, depth - 1)})"
        if chance < 0.83:
            return f"({type_}.reinterpret_f{bits} {self.finite(f'f{bits}', depth - 1)})"
        if type_ == "i64":
            return f"(i64.extend_i32_{random.choice('su')} {self.value('i32', depth - 1)})"
        if chance < 0.88:
            return f"(i32.wrap_i64 {self.value('i64', depth - 1)})"
        if chance < 0.95:
            return self.test(depth - 1)
        arguments = f"{self.value('i32', depth - 1)} {self.value('i64', depth - 1)}"
        if random.random() < 0.5:
            return f"(call {random.choice(('$left', '$right'))} {arguments})"
        index = f"(i32.rem_u {self.value('i32', depth - 2)} (i32.const 3))"
        index = f"(i32.add {index} (i32.const {_COUNT}))"
        return f"(call_indirect $functions (type $two) {arguments} {index})"

    def test(self, depth: int) -> str:
        """A condition."""
        random = self._random
        chance = random.random()
        if chance < 0.15:
            return f"(i32.eqz {self.value('i32', depth - 1)})"
        if chance < 0.22:
            return f"(i64.eqz {self.value('i64', depth - 1)})"
        if chance < 0.3:
            type_ = random.choice(("f32", "f64"))
            name = random.choice(_FLOAT_COMPARE)
        elif chance < 0.85:
            type_ = random.choice(("i32", "i32", "i64"))
            name = random.choice(_COMPARE)
        else:
            if depth <= 0:
                return "(local.get $x)"
            return f"(i32.and {self.test(depth - 1)} {self.test(depth - 1)})"
        return f"({type_}.{name} {self.value(type_, depth - 1)} {self.value(type_, depth - 1)})"

    def statement(self, depth: int) -> str:
        """A statement."""
        random = self._random
        chance = random.random()
        if depth <= 0 or chance < 0.3:
            type_ = random.choice(_TYPES)
            return f"(local.set ${random.choice(_LOCALS[type_])} {self.value(type_, depth)})"
        if chance < 0.34:
            type_ = random.choice(("f32", "f64"))
            value = self.value(type_, depth - 1)
            return f"({type_}.store offset={_FLOATS_AT} {self.address(depth)} {value})"
        if chance < 0.42:
            type_ = random.choice(("i32", "i64"))
            names = ["store", "store8", "store16"] + ["store32"] * (type_ == "i64")
            offset = random.choice(("", "", " offset=3", " offset=16"))
            value = self.value(type_, depth - 1)
            return f"({type_}.{random.choice(names)}{offset} {self.address(depth)} {value})"
        if chance < 0.48:
            if random.random() < 0.5:
                return f"(global.set $g {self.value('i32', depth - 1)})"
            return f"(global.set $k {self.value('i64', depth - 1)})"
        if chance < 0.56:
            type_ = random.choice(_TYPES)
            return f"(call ${type_} {self.value(type_, depth - 1)})"
        if chance < 0.7:
            test = self.test(depth - 1)
            other = f" (else {self.statements(depth - 1)})" if random.random() < 0.6 else ""
            return f"(if {test} (then {self.statements(depth - 1)}){other})"
        if chance < 0.78:
            label = self._new("b")
            self._labels.append(label)
            inner = self.statements(depth - 1)
            inner += f" (br_if {label} {self.test(depth - 1)}) {self.statements(depth - 1)}"
            self._labels.pop()
            return f"(block {label} {inner})"
        if chance < 0.84:
            return self._switch(depth)
        if chance < 0.95 and self._loops < 2:
            return self._loop(depth)
        if self._labels and random.random() < 0.7:
            return f"(br_if {random.choice(self._labels)} {self.test(depth - 1)})"
        return f"(if {self.test(depth - 1)} (then (return {self.value('i64', depth - 1)})))"

    def _switch(self, depth: int) -> str:
        labels = [self._new("s") for _ in range(self._random.choice((2, 3, 4, 5)))]
        targets = " ".join(self._random.choice(labels) for _ in range(self._random.randrange(1, 9)))
        index = f"(i32.and {self.value('i32', depth - 1)} (i32.const {self._random.choice((3, 7, 15))}))"
        text = f"(br_table {targets} {self._random.choice(labels)} {index})"
        for label in labels:
            text = f"(block {label} {text}) {self.statement(depth - 2)}"
        return text

    def _loop(self, depth: int) -> str:
        random = self._random
        counter, label, out = f"n{self._loops}", self._new("l"), self._new("o")
        self._loops += 1
        self._labels.append(out)
        turns = random.randrange(2, 9)
        inner = self.statements(depth - 1)
        self._labels.pop()
        self._loops -= 1
        own = f"(local.get ${counter})"
        form = random.randrange(4)
        if form == 0:
            step = f"(local.set ${counter} (i32.add {own} (i32.const 1)))"
            text = f"{inner} {step} (br_if {label} (i32.lt_u {own} (i32.const {turns})))"
            begin = f"(local.set ${counter} (i32.const 0))"
        elif form == 1:
            step = f"(local.set ${counter} (i32.sub {own} (i32.const 1)))"
            text = f"(br_if {out} (i32.eqz {own})) {inner} {step} (br {label})"
            begin = f"(local.set ${counter} (i32.const {turns}))"
        elif form == 2:
            text = f"{inner} (br_if {label} (local.tee ${counter} (i32.sub {own} (i32.const 1))))"
            begin = f"(local.set ${counter} (i32.const {turns}))"
        else:
            step = f"(local.set ${counter} (i32.add {own} (i32.const 4)))"
            text = f"(br_if {out} (i32.ge_s {own} (i32.const {4 * turns - 9}))) {inner} {step} (br {label})"
            begin = f"(local.set ${counter} (i32.const -9))"
        used = f"(local.set $a (i32.xor (local.get $a) {own}))"
        return f"{begin} (block {out} (loop {label} {text})) {used}"

    def statements(self, depth: int) -> str:
        """A few statements."""
        return " ".join(self.statement(depth) for _ in range(self._random.choice((1, 1, 2))))

    def function(self, name: str) -> Function:
        """The function."""
        body = [self.statement(4) for _ in range(self._random.randrange(2, 5))]
        body.append(f"(call $i32 {self.value('i32', 4)})")
        body.append(f"(call $f64 {self.value('f64', 3)})")
        body += [
            f"(call ${type_} (local.get ${n}))"
            for type_, n in (("i32", "a"), ("f32", "p"), ("i64", "c"))
        ]
        body.append(self.value("i64", 4))
        locals_ = "".join(
            f" (local ${n} {type_})"
            for type_, names in _LOCALS.items()
            for n in names
            if n not in "xyz"
        )
        return Function(name, "\n".join(body), f"{locals_} (local $n0 i32) (local $n1 i32)")


def families() -> list[Family]:
    """The modules."""
    numbers = boundaries(32)
    wide = boundaries(64)
    pairs = [(numbers[i * 4 % 15], numbers[i * 7 % 15], wide[i * 2 % 21]) for i in range(10)]
    found = []
    for seed in (1, 2, 3, 4):
        random = Random(seed)
        found.append(
            Family(
                name=f"chance_{seed}",
                title=f"More functions made by chance, part {seed}",
                does="Calls functions that were made by chance from numbers, branches, loops, "
                "switches, calls and memory, with ten inputs each.",
                must="They give what the instructions give one by one.",
                rule="Execution: Instructions",
                about="Functions made by chance.",
                functions=[_Maker(random).function(f"{seed}.{n}") for n in range(_COUNT)],
                inputs=inputs(pairs),
                more=_MORE,
                metered=True,
            )
        )
    return found
