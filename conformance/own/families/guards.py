"""Numbers of which a branch has shown something.

Behind `if (x < 128)` engines know a range of `x`, on both ways, until it changes. Here each
comparison, with constants and with another number, written as `if`, as `br_if` and as the test of a
loop, stands before instructions that profit.
"""

from __future__ import annotations

from refexec_conformance.own.families.texts import Family, Function, boundaries, inputs

_OPERATORS = ("eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u")

_CONSTANTS = ("0", "1", "-1", "127", "128", "255", "-128", "{HALF}", "{TOP}", "0xffff")

_USES = """
(call $T (T.shr_s {X} (T.const 1)))
(call $T (T.shr_u {X} (T.const 1)))
(call $T (T.add {X} {C}))
(call $T (T.sub {C} {X}))
(call $T (T.mul {X} (T.const -3)))
(call $T (T.div_s {X} (T.const 3)))
(call $T (T.rem_u {X} (T.const 5)))
(call $T (T.extend8_s {X}))
(call $T (T.and {X} (T.const 255)))
(call $T (T.xor {X} (T.const -1)))
(call $T (T.shl {X} (T.const 3)))
(call $i32 (T.lt_s {X} {Y}))
(call $i32 (T.gt_u {Y} {X}))
(call $i32 (T.ge_s {X} {C}))
(call $i32 (T.lt_u {X} {C}))
(call $i64 (i64.reinterpret_f64 (f64.convert_T_s {X})))
(call $i64 (i64.reinterpret_f64 (f64.convert_T_u {X})))
(call $T (T.rotl {X} (T.const 7)))
(T.store (i32.const 64) {X})
(call $T (T.popcnt {X}))
(call $T {X})
"""


class _Text:
    """Fills in the type."""

    def __init__(self, type_: str) -> None:
        half = (1 << int(type_[1:]) - 1) - 1
        small = type_ == "i32"
        self._values = {
            "{X}": "(local.get $x)" if small else "(local.get $z)",
            "{Y}": "(local.get $y)" if small else "(local.get $w)",
            "{HALF}": hex(half),
            "{TOP}": hex(half + 1),
            "$T": f"${type_}",
            "(T.": f"({type_}.",
            "convert_T": f"convert_{type_}",
        }

    def __call__(self, text: str, **more: str) -> str:
        for name, value in {**{f"{{{k}}}": v for k, v in more.items()}, **self._values}.items():
            text = text.replace(name, value)
        return text


class _Uses:
    """Gives the uses one after the other, round and round."""

    def __init__(self, text: _Text) -> None:
        self._text = text
        self._lines = [*filter(None, _USES.splitlines())]
        self._next = 0

    def some(self, constant: str, count: int = 4) -> str:
        """The next uses."""
        found = []
        for _ in range(count):
            found.append(self._text(self._lines[self._next % len(self._lines)], C=constant))
            self._next += 1
        return " ".join(found)


def _functions(type_: str) -> list[Function]:
    text = _Text(type_)
    uses = _Uses(text)
    small = type_ == "i32"
    before = "" if small else "(local.set $w (i64.extend_i32_s (local.get $y)))\n"
    locals_ = "" if small else " (local $w i64)"
    found = []
    for operator in _OPERATORS:
        body = []
        for number, constant in enumerate(_CONSTANTS):
            c = text(f"(T.const {constant})")
            test = text(f"(T.{operator} {{X}} {{C}})", C=c)
            if number % 3 == 1:
                test = text(f"(T.{operator} {{C}} {{X}})", C=c)
            if number % 4 == 2:
                test = f"(i32.eqz {test})"
            if number % 2:
                body.append(f"(block $over (br_if $over {test})\n  {uses.some(c)})\n{uses.some(c)}")
            else:
                body.append(f"(if {test}\n  (then {uses.some(c)})\n  (else {uses.some(c)}))")
        c = text("{Y}")
        test = text(f"(T.{operator} {{X}} {{Y}})")
        body.append(f"(if {test}\n  (then {uses.some(c)})\n  (else {uses.some(c)}))")
        body.append(text("(T.store (i32.const 72) {X}) (i64.load (i32.const 64))"))
        found.append(Function(f"{type_}.{operator}", before + "\n".join(body), locals_))
    return found + _others(type_, text, before, locals_)


def _others(type_: str, text: _Text, before: str, locals_: str) -> list[Function]:
    uses = _Uses(text)
    c = text("(T.const 100)")
    limits = [("lt_u", 64), ("lt_u", 256), ("le_s", 1000), ("gt_s", -20), ("ge_u", 0x8000)]
    # Two tests, one within or beside the other.
    both = []
    for first, low in limits:
        for second, high in limits:
            one, two = (
                text(f"(T.{o} {{X}} (T.const {n}))") for o, n in ((first, low), (second, high))
            )
            both.append(f"(if {one}\n  (then (if {two} (then {uses.some(c, 3)}))))")
            both.append(
                f"(if (i32.and {one} {two})\n  (then {uses.some(c, 2)}) (else {uses.some(c, 2)}))"
            )
            both.append(
                f"(if (i32.or {one} {two})\n  (then {uses.some(c, 1)}) (else {uses.some(c, 1)}))"
            )
    # What was shown is forgotten when the local changes, and at places that other ways lead to.
    changed = []
    for operator, limit in limits:
        test = text(f"(T.{operator} {{X}} (T.const {limit}))")
        x = text("{X}").removeprefix("(local.get ").removesuffix(")")
        changed.append(
            text(
                f"(if {test} (then (local.set {x} (T.sub {{X}} (T.const 70))) {uses.some(c)}))\n"
                f"{uses.some(c)}\n"
                f"(block $out (br_if $out {test})\n"
                f"  (loop $turn\n"
                f"    {uses.some(c, 3)}\n"
                f"    (local.set {x} (T.add {{X}} (T.const 50)))\n"
                f"    (local.set $turns (i32.add (local.get $turns) (i32.const 1)))\n"
                f"    (br_if $out (i32.gt_u (local.get $turns) (i32.const 12)))\n"
                f"    (br_if $turn {test})\n"
                f"    {uses.some(c, 3)}))\n"
                f"{uses.some(c, 3)}"
            )
        )
    # A byte that was read, or written, shows where the address is.
    x = "(local.get $x)"
    address = [
        f"(if (i32.le_u {x} (i32.const 0x8000))\n"
        f"  (then (call $i32 (i32.load8_u {x})) (call $i32 (i32.add {x} (i32.const 0x7fffffff)))\n"
        f"    (call $i32 (i32.shr_s (i32.shl {x} (i32.const 16)) (i32.const 16)))\n"
        f"    (call $i32 (i32.load16_u offset=0x7000 {x})) (call $i32 (i32.load offset=7 {x}))\n"
        f"    (call $i64 (i64.load offset=1 {x})) (call $i32 (i32.mul {x} (i32.const 0x10001)))\n"
        f"    (call $i32 (i32.lt_s {x} (i32.const 0))) (call $i32 (i32.sub {x} (i32.const 0x8000)))\n"
        f"    (call $i64 (i64.extend_i32_s {x})))\n"
        f"  (else (local.set $x (i32.and {x} (i32.const 0xfffc)))\n"
        f"    (call $i32 (i32.load8_s {x})) (call $i32 (i32.sub {x} (i32.const 0xffff)))\n"
        f"    (call $i64 (i64.extend_i32_s (i32.sub {x} (i32.const 0xffff))))\n"
        f"    (call $i32 (i32.shr_u {x} (i32.const 2))) (call $i32 (i32.load {x}))))\n"
        f"(call $i32 (i32.extend16_s {x})) (call $i32 (i32.shr_s {x} (i32.const 3)))"
    ]
    end = text("\n{X}") if type_ == "i64" else "\n(i64.extend_i32_s (local.get $x))"
    turns = locals_ + " (local $turns i32)"
    return [
        Function(f"{type_} two tests", before + "\n".join(both) + end, locals_),
        Function(f"{type_} changed", before + "\n".join(changed) + end, turns),
        Function(f"{type_} addresses", before + "\n".join(address) + end, locals_),
    ]


def families() -> list[Family]:
    """The modules."""
    near = [a + d for a in (0, 128, 256, 0xFFFF, 1000) for d in (-1, 0, 1)]
    pairs = [(a, (0, -1, 200)[i % 3], 7) for i, a in enumerate([*boundaries(32), *near])]
    wide = [
        (a & 0xFFFFFFFF, (0, -1, 200)[i % 3], a) for i, a in enumerate([*boundaries(64), *near])
    ]
    return [
        Family(
            name=f"guards_{type_}",
            title=f"Numbers of which a branch has shown something ({type_})",
            does="Compares numbers, branches, and uses them on both ways in instructions for which "
            "engines may rely on what the comparison has shown.",
            must="The results are those of instructions that know nothing of each other.",
            rule="Execution: Integer Operations",
            about=f"Instructions behind comparisons of {type_} that show the range of a number.",
            functions=_functions(type_),
            inputs=inputs(numbers),
        )
        for type_, numbers in (("i32", pairs), ("i64", wide))
    ]
