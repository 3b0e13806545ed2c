"""Loops that count.

Up and down, by one and by more, with numbers that are signed or not, to a constant, to a local, to
one that changes; tested at the top, at the bottom or while counting; left early by a branch, by a
return or by a trap; through no turn, through one, and across the ends of the numbers. Each of them
uses its counter in the loop and behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from refexec_conformance.own.families.texts import (
    Family,
    Function,
    Step,
    call,
    get,
    inputs,
    unsigned,
)

_LONGEST = 40
"""Turns. A loop that takes more with some input is not given that one."""

_UP = ("lt_s", "lt_u", "le_s", "le_u", "ne")
_DOWN = ("gt_s", "gt_u", "ge_s", "ge_u", "ne", "nonzero")
_FORMS = ("top", "bottom", "tee", "middle")
_INVERSE = {
    "lt": "ge",
    "ge": "lt",
    "gt": "le",
    "le": "gt",
    "ne": "eq",
}

_BODIES = (
    # Add up the counter.
    "(local.set $h (i64.add (i64.mul (local.get $h) (i64.const 3)) {WIDE}))",
    # Write and read memory at it.
    "(i32.store8 offset=64 (i32.and {SMALL} (i32.const 15)) {SMALL})\n"
    "(local.set $h (i64.add (local.get $h) (i64.load offset=60 (i32.and {SMALL} (i32.const 15)))))",
    # Leave early.
    "(br_if $early (i64.eq {WIDE} (local.get $z)))\n"
    "(local.set $h (i64.add (local.get $h) (i64.const 7)))",
    # Return from the middle.
    "(if (i32.eq (i32.and {SMALL} (i32.const 7)) (i32.and (i32.wrap_i64 (local.get $z)) (i32.const 15)))\n"
    "  (then (global.set $g {SMALL}) (return (i64.add (local.get $h) (i64.const 1)))))\n"
    "(local.set $h (i64.add (local.get $h) {WIDE}))",
    # Two ways through.
    "(if (i32.and {SMALL} (i32.const 1))\n"
    "  (then (local.set $h (i64.xor (local.get $h) (i64.const 0x55))))\n"
    "  (else (local.set $m (T.add (local.get $m) {I}))))",
    # Another loop within.
    "(local.set $j (i32.and {SMALL} (i32.const 3)))\n"
    "(block $none (loop $inner (br_if $none (i32.eqz (local.get $j)))\n"
    "  (local.set $h (i64.add (i64.shl (local.get $h) (i64.const 1)) (i64.extend_i32_u (local.get $j))))\n"
    "  (local.set $j (i32.sub (local.get $j) (i32.const 1))) (br $inner)))",
    # A call.
    "(call $T {I})",
    # As a signed number and as an unsigned one.
    "(local.set $m (T.add (local.get $m) (T.shr_s {I} (T.const 1))))\n"
    "(local.set $h (i64.add (local.get $h) (i64.extend_i32_u (T.lt_s {I} (T.const 3)))))\n"
    "(local.set $h (i64.sub (local.get $h) (i64.extend_i32_u (T.gt_u {I} (T.const 3)))))",
    # The number before.
    "(local.set $h (i64.add (local.get $h) (i64.extend_i32_u (T.lt_u (local.get $m) {I}))))\n"
    "(local.set $m {I})",
    # Skip one now and then.
    "(if (i32.eq (i32.and {SMALL} (i32.const 3)) (i32.const 2))\n"
    "  (then (local.set $i (T.add {I} {STEP}))))\n"
    "(local.set $h (i64.add (local.get $h) {WIDE}))",
    # A global in each turn.
    "(global.set $g (i32.add (global.get $g) {SMALL}))",
    # A floating-point sum.
    "(local.set $f (f64.add (local.get $f) (f64.convert_T_u {I})))",
    # A trap, if it comes so far: then earlier turns have been counted.
    "(global.set $g (i32.add (global.get $g) (i32.const 1)))\n"
    "(local.set $h (i64.add (local.get $h) (i64.load offset=65500 (i32.and {SMALL} (i32.const 31)))))",
)

_SKIPS = 9
"""The body that skips numbers."""

_LIMITS = ("(local.get $stop)", "{TEN}", "changing")

_BEHIND = (
    "(call $T {I})",
    "(call $T (T.shr_s {I} (T.const 2)))",
    "(call $T (T.add {I} (T.const 1)))",
    "(call $i32 (T.lt_s {I} (T.const 0)))",
    "(call $i32 (T.eq {I} (local.get $stop)))",
    "(call $T (T.sub (T.const 5) {I}))",
)


@dataclass(frozen=True)
class _Loop:
    """A kind of loop."""

    type: str
    step: int
    by_local: bool
    test: str
    form: str
    limit: str
    body: int
    number: int

    @property
    def bits(self) -> int:
        """Of its counter."""
        return int(self.type[1:])

    @property
    def name(self) -> str:
        """For people."""
        step = f"{self.step:+}{' in a local' if self.by_local else ''}"
        limit = {"{TEN}": " constant", "changing": " changing"}.get(self.limit, "")
        return f"{self.number} {self.type} {step} {self.test}{limit} {self.form} {self.body}"

    @property
    def constant(self) -> int:
        """Where it stops, if that is a constant."""
        return 10 if self.step > 0 else -10 if self.test.endswith("_s") else 3

    def ends(self, start: int, stop: int) -> bool:
        """Whether it is over soon."""
        full = (1 << self.bits) - 1
        i, stop = start & full, stop & full
        if self.limit == "{TEN}":
            stop = self.constant & full
        turns = 0
        while True:
            if self.form in ("top", "middle") and not self._goes_on(i, stop):
                return True
            if self.body == _SKIPS and i & 3 == 2:
                i = i + self.step & full
            i = i + self.step & full
            if self.limit == "changing":
                stop = stop + (self.step < 0) * 1 - (self.step > 0) * 1 & full
            if self.form in ("bottom", "tee") and not self._goes_on(i, stop):
                return True
            turns += 1
            if turns > _LONGEST:
                return False

    def _goes_on(self, i: int, stop: int) -> bool:
        name, _, sign = self.test.partition("_")
        if sign == "s":
            half = 1 << self.bits - 1
            i, stop = i ^ half, stop ^ half
        results = {
            "lt": i < stop,
            "le": i <= stop,
            "gt": i > stop,
            "ge": i >= stop,
            "ne": i != stop,
            "nonzero": i != 0,
        }
        return results[name]

    def function(self) -> Function:
        """As text."""
        own = "(local.get $i)"
        small = self.type == "i32"
        step = "(local.get $by)" if self.by_local else f"(T.const {abs(self.step)})"
        limit = f"(T.const {self.constant})" if self.limit == "{TEN}" else "(local.get $stop)"
        operation = "sub" if self.step < 0 and not self.by_local else "add"
        counted = f"(T.{operation} {own} {step})"
        count = f"(local.set $i {counted})"
        body = _BODIES[self.body]
        if self.limit == "changing":
            change = "add" if self.step < 0 else "sub"
            body += f"\n(local.set $stop (T.{change} (local.get $stop) (T.const 1)))"
        if self.form == "tee":
            count = ""
        goes_on = self._test(
            f"(local.tee $i {counted})" if self.form == "tee" else own, limit, True
        )
        done = self._test(own, limit, False)
        if self.form == "top":
            loop = f"(br_if $early {done})\n{body}\n{count}\n(br $turn)"
        elif self.form == "middle":
            first, _, rest = body.partition("\n(")
            rest = f"({rest}\n" if rest else ""
            if body.startswith(("(if", "(block")) or "\n  " in first:
                first, rest = body, ""
            loop = f"{first}\n(br_if $early {done})\n{rest}{count}\n(br $turn)"
        else:
            loop = f"{body}\n{count}\n(br_if $turn {goes_on})"
        start = "(local.get $x)" if small else "(i64.extend_i32_s (local.get $x))"
        stop = "(local.get $y)" if small else "(i64.extend_i32_s (local.get $y))"
        text = f"(local.set $i {start}) (local.set $stop {stop})\n"
        if self.by_local:
            text += f"(local.set $by (T.const {self.step}))\n"
        text += f"(block $early\n(loop $turn\n{loop}))\n"
        behind = [_BEHIND[(self.number + k) % len(_BEHIND)] for k in (0, 1, 3)]
        text += "\n".join(behind) + "\n(call $T (local.get $m))\n"
        text += "(call $i64 (i64.reinterpret_f64 (local.get $f)))\n(local.get $h)"
        values = {
            "{STEP}": f"(T.const {self.step})",
            "{WIDE}": "(i64.extend_i32_u {I})" if small else "{I}",
            "{SMALL}": "{I}" if small else "(i32.wrap_i64 {I})",
            "{I}": own,
            "$T": f"${self.type}",
            "(T.": f"({self.type}.",
            "convert_T": f"convert_{self.type}",
        }
        for name, value in values.items():
            text = text.replace(name, value)
        text = "\n".join(line for line in text.splitlines() if line.strip())
        locals_ = "".join(f" (local ${n} {self.type})" for n in ("i", "stop", "by", "m"))
        return Function(self.name, text, f"{locals_} (local $h i64) (local $j i32) (local $f f64)")

    def _test(self, counter: str, limit: str, positive: bool) -> str:
        if self.test == "nonzero":
            if self.type == "i32" and positive:
                return counter
            return f"(T.ne {counter} (T.const 0))" if positive else f"(T.eqz {counter})"
        name, _, sign = self.test.partition("_")
        name = name if positive else _INVERSE[name]
        return f"(T.{name}{'_' if sign else ''}{sign} {counter} {limit})"


def _loops(type_: str) -> Iterator[_Loop]:
    number = 0
    steps = [(1, False), (4, False), (3, False), (2, True), (-1, False), (-4, False), (-3, True)]
    for step, by_local in steps:
        for test in _UP if step > 0 else _DOWN:
            for form in _FORMS:
                for _ in range(2 if type_ == "i32" and form != "middle" else 1):
                    limit = _LIMITS[(number // 3) % 7 % 3]
                    body = number % len(_BODIES)
                    if form == "middle":
                        # Which part of a body comes before the test is not foreseen here.
                        limit = limit.replace("changing", "{TEN}")
                        body = 0 if body == _SKIPS else body
                    yield _Loop(type_, step, by_local, test, form, limit, body, number)
                    number += 1


_INPUTS = [
    *((0, n, 5) for n in (0, 1, 2, 3, 12, 24)),
    *((5, 5, 6), (6, 5, 0), (-3, 3, 1), (-12, -1, 3), (-8, 4, 0)),
    *((12, 0, 4), (24, 0, 3), (3, -3, 2), (4, 4, 4), (8, -4, 0), (-1, -12, 5)),
    *((0x7FFFFFF8, 0x7FFFFFFF, 9), (0x7FFFFFFC, -0x80000000, 3), (0x7FFFFFF0, -0x7FFFFFF8, 1)),
    *((-16, -1, 0), (-8, 0, 2), (-4, 4, 11), (-0x80000000, -0x7FFFFFF4, 7)),
    *(
        (-0x7FFFFFF8, 0x7FFFFFFC, 2),
        (-0x7FFFFFF4, -0x80000000, 6),
        (100, 72, 0),
        (0x10000, 0xFFF4, 1),
    ),
]


def _sweeps(loops: list[_Loop]) -> list[tuple[int, int, int]]:
    """Each function with those inputs with which it ends."""
    found = []
    for number, loop in enumerate(loops):
        start = None
        for position in range(len(_INPUTS) + 1):
            fits = position < len(_INPUTS) and loop.ends(*_INPUTS[position][:2])
            if fits and start is None:
                start = position
            elif not fits and start is not None:
                found.append((number, start, position))
                start = None
    return found


def _stops(loops: list[_Loop]) -> list[Step]:
    """Calls that are cut short at many places, each followed by what was done."""
    chosen: list[_Loop] = []
    for body in (10, 12):
        for form in _FORMS:
            chosen += [loop for loop in loops if (loop.body, loop.form) == (body, form)][:2]
    found: list[Step] = []
    for loop in chosen:
        start, stop = (1, 7) if loop.step > 0 else (7, 1)
        if not loop.ends(start, stop):
            continue
        args = (f"i32:{start}", f"i32:{stop}", "i64:3")
        found += [call("reset"), call(loop.name, *args)]
        for fuel in (2, 9, 17, 18, 19, 20, 21, 22, 23, 24, 25, 31, 47):
            found += [call("reset"), call(loop.name, *args, fuel=fuel), get("i32")]
    return found


def _traps(loops: list[_Loop], fuel: int | None = None) -> list[Step]:
    """Calls that trap in some turn, each followed by what was done."""
    found = []
    for loop in loops:
        start, stop = (22, 44) if loop.step > 0 else (44, 22)
        if loop.body == len(_BODIES) - 1 and loop.ends(start, stop):
            args = (f"i32:{start}", f"i32:{stop}", f"i64:{unsigned(-1, 64)}")
            found += [call("reset"), call(loop.name, *args, fuel=fuel), get("i32")]
    return found


def families() -> list[Family]:
    """The modules."""
    found = []
    for type_ in ("i32", "i64"):
        loops = [*_loops(type_)]
        found.append(
            Family(
                name=f"counting_{type_}",
                title=f"Loops that count ({type_})",
                does="Goes through loops that count up and down to something, in many forms, and "
                "uses the counter within and behind them.",
                must="They turn as often as their tests say, and leave the counter where it is.",
                rule="Execution: Control Instructions: loop, br_if",
                about=f"Loops that count with an {type_}.",
                functions=[loop.function() for loop in loops],
                inputs=inputs(_INPUTS),
                sweeps=_sweeps(loops),
                calls=_traps(loops),
                metered=True,
                exact_calls=_stops(loops) + _traps(loops, fuel=100_000),
                derivation="Each turn stops before the very instruction that it cannot pay; what "
                "earlier instructions wrote stays. The global counts the turns whose write was paid: "
                "the costs of PROTOCOL.md, added up along the loop.",
            )
        )
    return found
