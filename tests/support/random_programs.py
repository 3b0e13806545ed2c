"""Random programs that run and end, with values at the borders of types and wrapped addresses.

Made as text, from a seed. They exercise what the translator decides by analysis: intervals of
values, structure of control, what is paid when, which operands outlive what.
"""

from __future__ import annotations

import random

_INTEGERS = (0, 1, 2, 7, 31, 32, 63, 127, 128, 255, 256, 32767, 32768, 65535, 65536)
_BORDERS = {
    "i32": (*_INTEGERS, 0x3FFFFFFF, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFF80, 0xFFFFFFFF),
    "i64": (
        *_INTEGERS,
        0x7FFFFFFF,
        0x80000000,
        0xFFFFFFFF,
        0x100000000,
        0x7FFFFFFFFFFFFFFF,
        0x8000000000000000,
        0xFFFFFFFF80000000,
        0xFFFFFFFFFFFFFFFF,
    ),
}
_FLOATS = ("0", "-0", "1", "-1.5", "0.1", "1e10", "-3e38", "inf", "-inf", "nan", "-nan:0x200001")
_BINARY = (
    *(
        [
            "add",
            "sub",
            "mul",
            "and",
            "or",
            "xor",
            "shl",
            "shr_s",
            "shr_u",
            "rotl",
            "rotr",
            "add",
            "sub",
            "and",
            "shl",
            "shr_u",
        ]
    ),
    *(["div_s", "div_u", "rem_s", "rem_u"]),
)
_COMPARE = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"]
_LOADS = {
    "i32": ["load", "load8_s", "load8_u", "load16_s", "load16_u"],
    "i64": ["load", "load8_s", "load8_u", "load16_s", "load16_u", "load32_s", "load32_u"],
    "f32": ["load"],
    "f64": ["load"],
}
_STORES = {
    "i32": ["store", "store8", "store16"],
    "i64": ["store", "store8", "store16", "store32"],
    "f32": ["store"],
    "f64": ["store"],
}
_TYPES = ("i32", "i32", "i32", "i64", "i64", "f64", "f32")


class Program:
    """One module, whose export `run` takes and gives numbers.

    `calls` is how often a value is what a function returns, if there is one that fits.
    """

    def __init__(self, seed: int, size: int = 40, calls: float = 0.03) -> None:
        self.random = random.Random(seed)
        self.size = size
        self.calls = calls
        self.functions: list[tuple[list[str], list[str]]] = []
        bodies = []
        count = self.random.randint(1, 4)
        for _ in range(count):
            types = [self.random.choice(_TYPES) for _ in range(self.random.randint(0, 3))]
            few = self.random.choice((0, 1, 1, 1, 2))
            results = [self.random.choice(_TYPES) for _ in range(few)]
            self.functions.append((types, results))
        self.table = [self.random.randrange(count) for _ in range(4)]
        for index in range(count):
            bodies.append(self._function(index))
        entries = " ".join(f"$f{i}" for i in self.table)
        types = "\n".join(f"(type $t{i} (func {self._signature(i)}))" for i in range(count))
        self.text = "\n".join(
            (
                "(module",
                types,
                "(memory 1 2)",
                "(global $g0 (mut i32) (i32.const 5)) (global $g1 (mut i64) (i64.const -1))",
                f"(table 6 funcref) (elem (i32.const 0) {entries})",
                *bodies,
                '(export "run" (func $f0)))',
            )
        )
        self.params = self.functions[0][0]

    def arguments(self) -> list[int]:
        """Arguments for `run`, as bits."""
        return [self._bits(type_) for type_ in self.params]

    def _bits(self, type_: str) -> int:
        if type_ in _BORDERS:
            return self.random.choice(_BORDERS[type_])
        width = int(type_[1:])
        return self.random.choice(
            (0, 1 << width - 1, 0x3F8 << width - 12, self.random.getrandbits(width))
        )

    def _signature(self, index: int) -> str:
        types, results = self.functions[index]
        return " ".join([f"(param {t})" for t in types] + [f"(result {t})" for t in results])

    def _function(self, index: int) -> str:
        types, results = self.functions[index]
        self.index = index
        self.locals = [*types, *(self.random.choice(_TYPES) for _ in range(4))]
        self.counters = 0
        self.depth = 0
        self.labels: list[tuple[str, list[str]]] = []
        self.loops = 0
        self.left = self.size
        body = self._statements()
        values = " ".join(self._value(t, 2) for t in results)
        declared = "".join(f" (local {t})" for t in self.locals[len(types) :])
        declared += "".join(f" (local $c{i} i32)" for i in range(self.counters))
        return (
            f"(func $f{index} (type $t{index}) {self._signature(index)}{declared} {body} {values})"
        )

    # -- statements --------------------------------------------------------------------------------

    def _statements(self) -> str:
        parts = []
        for _ in range(self.random.randint(1, 5)):
            if self.left <= 0:
                break
            self.left -= 1
            parts.append(self._statement())
        return " ".join(parts)

    def _statement(self) -> str:
        choice = self.random.random()
        if choice < 0.35:
            index = self.random.randrange(len(self.locals))
            return f"(local.set {index} {self._value(self.locals[index])})"
        if choice < 0.47:
            return self._store()
        if choice < 0.52:
            return f"(global.set $g0 {self._value('i32')})"
        if choice < 0.55:
            return f"(global.set $g1 {self._value('i64')})"
        if choice < 0.60 and self.labels:
            label, types = self.random.choice(self.labels)
            if types:
                return f"(drop (br_if {label} {self._value(types[0])} {self._value('i32')}))"
            return f"(br_if {label} {self._value('i32')})"
        if choice < 0.63 and self.labels:
            targets = [label for label, types in self.labels if not types]
            if targets:
                chosen = " ".join(
                    self.random.choice(targets) for _ in range(self.random.randint(1, 8))
                )
                return f"(block (br_table {chosen} {self._value('i32')}))"
        if choice < 0.66:
            return self._call_statement()
        if choice < 0.68:
            _, results = self.functions[self.index]
            values = " ".join(self._value(t, 1) for t in results)
            return f"(if {self._value('i32')} (then (return {values})))"
        if choice < 0.69:
            return f"(drop (memory.grow {self._value('i32', 1)}))"
        if choice < 0.71:
            fill = self.random.choice(("memory.fill", "memory.copy"))
            count = f"(i32.const {self.random.randrange(90)})"
            return f"({fill} {self._value('i32', 1)} {self._value('i32', 1)} {count})"
        if self.depth >= 5:
            return "(nop)"
        self.depth += 1
        try:
            if choice < 0.80:
                return self._if()
            if choice < 0.90:
                return self._block()
            return self._loop()
        finally:
            self.depth -= 1

    def _label(self, prefix: str) -> str:
        return f"${prefix}{self.random.getrandbits(40)}"

    def _if(self) -> str:
        label = self._label("i")
        condition = self._value("i32")
        self.labels.append((label, []))
        then = self._statements()
        otherwise = f"(else {self._statements()})" if self.random.random() < 0.6 else ""
        self.labels.pop()
        return f"(if {label} {condition} (then {then}) {otherwise})"

    def _block(self) -> str:
        label = self._label("b")
        if self.random.random() < 0.3:
            type_ = self.random.choice(_TYPES)
            self.labels.append((label, [type_]))
            body = self._statements()
            value = self._value(type_)
            self.labels.pop()
            return f"(drop (block {label} (result {type_}) {body} {value}))"
        self.labels.append((label, []))
        body = self._statements()
        self.labels.pop()
        return f"(block {label} {body})"

    def _loop(self) -> str:
        """A loop that a counter of its own ends, whichever way it goes round."""
        if self.loops >= 3:
            return "(nop)"
        self.loops += 1
        counter = f"$c{self.counters}"
        self.counters += 1
        label, leave = self._label("l"), self._label("e")
        turns = self.random.randint(1, 9)
        check = (
            f"(br_if {leave} (i32.ge_u (local.get {counter}) (i32.const {turns})))"
            f"(local.set {counter} (i32.add (local.get {counter}) (i32.const 1)))"
        )
        self.labels += [(leave, []), (label, [])]
        body = self._statements()
        back = (
            f"(br {label})"
            if self.random.random() < 0.5
            else f"(br_if {label} {self._value('i32')})"
        )
        self.labels = self.labels[:-2]
        self.loops -= 1
        return f"(block {leave} (loop {label} {check} {body} {back}))"

    def _store(self) -> str:
        type_ = self.random.choice(_TYPES)
        name = self.random.choice(_STORES[type_])
        return f"({type_}.{name} offset={self._offset()} {self._address()} {self._value(type_)})"

    def _offset(self) -> int:
        return self.random.choice((0, 0, 0, 1, 4, 8, 100, 65530, 0xFFFFFFF8))

    def _address(self) -> str:
        value = self._value("i32", 1)
        if self.random.random() < 0.9:
            return (
                f"(i32.and {value} (i32.const {self.random.choice((0xFF, 0xFFF, 0x3FFC, 0xFFFF))}))"
            )
        return value

    def _call_statement(self) -> str:
        callee = self.random.randrange(len(self.functions))
        if callee <= self.index and self.random.random() < 0.9:
            return "(nop)"
        types, results = self.functions[callee]
        args = " ".join(self._value(t, 1) for t in types)
        drops = "(drop)" * len(results)
        if self.random.random() < 0.3:
            where = f"(i32.const {self.random.randrange(7)})"
            if self.random.random() < 0.8:
                places = [i for i, f in enumerate(self.table) if f > self.index]
                if not places:
                    return "(nop)"
                place = self.random.choice(places)
                callee = self.table[place]
                types, results = self.functions[callee]
                args = " ".join(self._value(t, 1) for t in types)
                drops = "(drop)" * len(results)
                where = f"(i32.const {place})"
            return f"(call_indirect (type $t{callee}) {args} {where}) {drops}"
        return f"(call $f{callee} {args}) {drops}"

    # -- values ------------------------------------------------------------------------------------

    def _value(self, type_: str, depth: int = 3) -> str:
        choice = self.random.random()
        if depth <= 0 or choice < 0.15:
            return self._constant(type_)
        if choice < 0.45:
            indices = [i for i, t in enumerate(self.locals) if t == type_]
            if not indices:
                return self._constant(type_)
            index = self.random.choice(indices)
            if choice < 0.20:
                return f"(local.tee {index} {self._value(type_, depth - 1)})"
            return f"(local.get {index})"
        if choice < 0.53:
            name = self.random.choice(_LOADS[type_])
            return f"({type_}.{name} offset={self._offset()} {self._address()})"
        if choice < 0.58:
            condition = self._value("i32", depth - 1)
            return (
                f"(select {self._value(type_, depth - 1)} {self._value(type_, depth - 1)} "
                f"{condition})"
            )
        if choice < 0.63:
            condition = self._value("i32", depth - 1)
            return (
                f"(if (result {type_}) {condition} (then {self._value(type_, depth - 1)}) "
                f"(else {self._value(type_, depth - 1)}))"
            )
        if choice < 0.63 + self.calls:
            callees = [
                i
                for i, (_, results) in enumerate(self.functions)
                if i > self.index and results == [type_]
            ]
            if callees:
                callee = self.random.choice(callees)
                args = " ".join(self._value(t, depth - 1) for t in self.functions[callee][0])
                return f"(call $f{callee} {args})"
        if type_ in ("f32", "f64"):
            return self._float(type_, depth - 1)
        return self._integer(type_, depth - 1)

    def _constant(self, type_: str) -> str:
        if type_ in _BORDERS:
            return f"({type_}.const {self.random.choice(_BORDERS[type_])})"
        return f"({type_}.const {self.random.choice(_FLOATS)})"

    def _integer(self, type_: str, depth: int) -> str:
        choice = self.random.random()
        if choice < 0.55:
            name = self.random.choice(_BINARY)
            if "div" in name or "rem" in name:
                odd = f"({type_}.const {self.random.choice((1, 3, 8))})"
                right = f"({type_}.or {self._value(type_, depth)} {odd})"
            else:
                right = self._value(type_, depth)
            return f"({type_}.{name} {self._value(type_, depth)} {right})"
        if choice < 0.65:
            names = ["clz", "ctz", "popcnt", "extend8_s", "extend16_s"]
            if type_ == "i64":
                names.append("extend32_s")
            return f"({type_}.{self.random.choice(names)} {self._value(type_, depth)})"
        if choice < 0.75:
            if type_ == "i32":
                return f"(i32.wrap_i64 {self._value('i64', depth)})"
            sign = self.random.choice("su")
            return f"(i64.extend_i32_{sign} {self._value('i32', depth)})"
        if choice < 0.78:
            sign, other = self.random.choice("su"), self.random.choice(("f32", "f64"))
            return f"({type_}.trunc_sat_{other}_{sign} {self._value(other, depth)})"
        if choice < 0.80:
            other = "f" + type_[1:]
            return f"({type_}.reinterpret_{other} {self._value(other, depth)})"
        if choice < 0.82:
            return "(global.get $g0)" if type_ == "i32" else "(global.get $g1)"
        if type_ == "i64":
            return f"(i64.add {self._value('i64', depth)} {self._value('i64', depth)})"
        other = self.random.choice(("i32", "i32", "i64"))
        if self.random.random() < 0.2:
            return f"({other}.eqz {self._value(other, depth)})"
        if self.random.random() < 0.15:
            kind = self.random.choice(("f32", "f64"))
            name = self.random.choice(("lt", "le", "eq", "ne", "gt", "ge"))
            return f"({kind}.{name} {self._value(kind, depth)} {self._value(kind, depth)})"
        name = self.random.choice(_COMPARE)
        return f"({other}.{name} {self._value(other, depth)} {self._value(other, depth)})"

    def _float(self, type_: str, depth: int) -> str:
        choice = self.random.random()
        if choice < 0.5:
            name = self.random.choice(["add", "sub", "mul", "div", "min", "max", "copysign"])
            return f"({type_}.{name} {self._value(type_, depth)} {self._value(type_, depth)})"
        if choice < 0.7:
            name = self.random.choice(["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"])
            return f"({type_}.{name} {self._value(type_, depth)})"
        if choice < 0.85:
            other, sign = self.random.choice(("i32", "i64")), self.random.choice("su")
            return f"({type_}.convert_{other}_{sign} {self._value(other, depth)})"
        if choice < 0.92:
            other = "i" + type_[1:]
            return f"({type_}.reinterpret_{other} {self._value(other, depth)})"
        if type_ == "f32":
            return f"(f32.demote_f64 {self._value('f64', depth)})"
        return f"(f64.promote_f32 {self._value('f32', depth)})"
