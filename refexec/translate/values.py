"""Expressions of generated code, with the interval that an integer lies in.

An integer expression may have any value that is congruent to the wasm value modulo 2^N; the
interval says which, and `unsigned` or `signed` make it the one that an instruction needs. So
masks and sign fix-ups appear only where they change something. Texts are made of names from the
allow-list of `refexec.translate.emit` and of numbers, never of anything from the guest.
"""

from __future__ import annotations

from typing import Any

from refexec.record import record

# Binding powers of Python's operators.
ATOM, UNARY, TIMES, PLUS, SHIFT, AND, XOR, OR, COMPARE, NOT, CHOICE = range(11, 0, -1)

M32 = 0xFFFFFFFF
M64 = 0xFFFFFFFFFFFFFFFF
MASKS = {"i32": M32, "i64": M64}
WIDTHS = {"i32": 32, "i64": 64}
FLOATS = ("f32", "f64")

UNSIGNED, SIGNED, EITHER = "unsigned", "signed", "either"
"""Which representative of an integer a variable holds. Either: one of the two."""

EXACT, LOOSE, NUMBER = range(3)
"""What is known about a float: nothing, so that the bits of a NaN count; that a NaN stands for the
canonical one, whatever its bits are; that it is no NaN."""

LAZY = {"i32": 1 << 62, "i64": 1 << 70}
"""How far from zero an expression may lie before it is reduced: beyond it, big integers cost."""

DEEPEST = 24
"""Levels of an expression before it is put into a variable; CPython's parser has a limit."""


@record()
class Expr:
    """A Python expression without side effects, except that it may trap."""

    text: str
    type: str
    """i32, i64, f32, f64, v128 or ref."""
    binds: int = ATOM
    low: int = 0
    """Integers: the least value."""
    high: int = 0
    """Integers: the greatest value."""
    reads: frozenset[str] = frozenset()
    """Variables that occur in it."""
    site: Any = None
    """What traps, if evaluating it may trap."""
    depth: int = 0
    truth: str | None = None
    """The value is a Python bool, and this is the text of its negation."""
    constant: int | None = None
    shape: tuple[Any, ...] | None = None
    """How it was made, for a few rewritings."""
    zeros: int = 0
    """Lowest bits of an integer that are known to be zero; of a float, EXACT, LOOSE or NUMBER."""

    @property
    def loose(self) -> bool:
        """Whether it is a float in which any NaN stands for the canonical one."""
        return self.zeros == LOOSE and self.type in FLOATS

    def within(self, binds: int) -> str:
        """The text, in parentheses if it would not hold together beside such an operator."""
        return self.text if self.binds >= binds else f"({self.text})"


def replace(e: Expr, **changes: Any) -> Expr:
    """A copy with other values of some fields."""
    copy = Expr(
        e.text,
        e.type,
        e.binds,
        e.low,
        e.high,
        e.reads,
        e.site,
        e.depth,
        e.truth,
        e.constant,
        e.shape,
        e.zeros,
    )
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy


def variable(name: str, type_: str, low: int = 0, high: int | None = None, zeros: int = 0) -> Expr:
    """A variable."""
    if high is None:
        high = MASKS.get(type_, 0)
    result = Expr(name, type_, ATOM, low, high, frozenset((name,)))
    result.zeros = zeros
    return result


def interval(type_: str, sign: str) -> tuple[int, int]:
    """The interval of all representatives of a kind."""
    full = MASKS[type_]
    half = full + 1 >> 1
    return (0 if sign == UNSIGNED else -half), (half - 1 if sign == SIGNED else full)


def fits(e: Expr, sign: str) -> bool:
    """Whether the expression's value is a representative of a kind."""
    low, high = interval(e.type, sign)
    return low <= e.low and e.high <= high


def is_near(e: Expr) -> bool:
    """Whether the value is so close that looking whether to reduce it is cheaper than reducing."""
    limit = 8 * MASKS[e.type]
    if e.type == "i64" and " * " in e.text:
        # Who multiplies numbers of 64 bits mostly mixes them.
        return False
    return -limit <= e.low and e.high <= limit


def wrap(value: int, low: int, high: int, type_: str) -> int:
    """The number in an interval that is congruent to another, if there is one."""
    value &= MASKS[type_]
    return value - MASKS[type_] - 1 if value > high else value


def integer(value: int, type_: str) -> Expr:
    """A constant."""
    text = str(value) if -1000000 < value < 1000000 else hex(value)
    result = Expr(text, type_, ATOM if value >= 0 else UNARY, value, value, constant=value)
    result.zeros = (value & -value).bit_length() - 1 if value else 64
    return result


def combine(
    text: str, type_: str, binds: int, low: int, high: int, *parts: Expr, truth: str | None = None
) -> Expr:
    """An expression made of others, of which at most one may trap."""
    reads: frozenset[str] = frozenset()
    site = None
    depth = 0
    for part in parts:
        reads = reads | part.reads if reads else part.reads
        site = site or part.site
        if part.depth > depth:
            depth = part.depth
    return Expr(text, type_, binds, low, high, reads, site, depth + 1, truth)


def number(e: Expr) -> Expr:
    """The expression as an int, if it is a bool."""
    if e.truth is None:
        return e
    text = f"1 if {e.within(NOT)} else 0"
    return replace(e, text=text, binds=CHOICE, truth=None, shape=None)


def arithmetic(e: Expr) -> Expr:
    """As an operand of arithmetic, for which a bool is as good as an int; not as a result."""
    return e if e.truth is None else replace(e, truth=None, shape=None)


def mask(e: Expr) -> Expr:
    """Reduce to the unsigned value, without looking at the interval."""
    m = MASKS[e.type]
    if e.constant is not None:
        return integer(e.constant & m, e.type)
    result = combine(f"{e.within(AND)} & {m:#x}", e.type, AND, 0, m, e)
    result.zeros = e.zeros
    return result


def unsigned(e: Expr) -> Expr:
    """The value as an unsigned number."""
    full = MASKS[e.type]
    if e.low >= 0 and e.high <= full:
        return e
    if e.text in e.reads and -full <= e.low and e.high <= full:
        # Mostly it is small and positive, which is quick to see.
        text = f"{e.text} if {e.text} >= 0 else {e.text} + {full + 1:#x}"
        result = combine(text, e.type, CHOICE, 0, full, e)
        result.zeros = e.zeros
        return result
    return mask(e)


def is_signed(e: Expr) -> bool:
    """Whether the expression's value is the signed one."""
    half = 1 << WIDTHS[e.type] - 1
    return -half <= e.low and e.high < half


def signed(e: Expr) -> Expr:
    """The value as a signed number."""
    if is_signed(e):
        return e
    half = 1 << WIDTHS[e.type] - 1
    if e.constant is not None:
        value = e.constant & MASKS[e.type]
        return integer(value - 2 * half if value >= half else value, e.type)
    if e.text in e.reads and -half <= e.low and e.high < 2 * half:
        text = f"{e.text} if {e.text} < {half:#x} else {e.text} - {2 * half:#x}"
        return combine(text, e.type, CHOICE, -half, half - 1, e)
    e = unsigned(e)
    if half <= e.low:
        return combine(f"{e.within(PLUS)} - {2 * half:#x}", e.type, PLUS, -half, -1, e)
    text = f"({e.within(XOR)} ^ {half:#x}) - {half:#x}"
    return combine(text, e.type, PLUS, -half, half - 1, e)


def biased(e: Expr) -> Expr:
    """The signed value plus 2^(N-1): in the order of signed numbers, and cheaper to get."""
    half = 1 << WIDTHS[e.type] - 1
    if e.constant is not None:
        return integer((e.constant & MASKS[e.type]) ^ half, e.type)
    if is_signed(e):
        return combine(
            f"{e.within(PLUS)} + {half:#x}", e.type, PLUS, e.low + half, e.high + half, e
        )
    e = unsigned(e)
    return combine(f"{e.within(XOR)} ^ {half:#x}", e.type, XOR, 0, 2 * half - 1, e)


def bounded(e: Expr) -> Expr:
    """Keep far from numbers with many digits."""
    limit = LAZY[e.type]
    return e if -limit <= e.low and e.high <= limit else mask(e)


def shapeless(low: int, high: int) -> tuple[int, int]:
    """The smallest interval closed under `|` and `^` around another."""
    if low >= 0:
        return 0, (1 << high.bit_length()) - 1
    bits = max((-low - 1).bit_length(), max(high, 0).bit_length())
    return -(1 << bits), (1 << bits) - 1


# -- vectors -------------------------------------------------------------------------------------


def from_bytes(text: str, *reads: str) -> Expr:
    """A vector that the machine has at hand, as an int."""
    result = Expr(f"from_bytes({text}, little)", "v128", reads=frozenset(reads), depth=1)
    result.shape = ("bytes", text)
    return result


def as_bytes(e: Expr) -> Expr:
    """A vector as the machine has it."""
    if e.shape is not None and e.shape[0] in ("bytes", "lanes", "load"):
        text = e.shape[1]
    else:
        text = f"{e.within(ATOM) if e.constant is None else f'({e.text})'}.to_bytes(16, little)"
    return combine(text, "v128", ATOM, 0, 0, e)


def received(name: str, type_: str) -> Expr:
    """A variable that holds what the machine or another function has given."""
    return from_bytes(name, name) if type_ == "v128" else variable(name, type_)


# -- integer operators ---------------------------------------------------------------------------


def add(a: Expr, b: Expr) -> Expr:
    """`a + b`, not reduced."""
    if a.constant is not None and b.constant is not None:
        return integer(a.constant + b.constant & MASKS[a.type], a.type)
    if a.constant is not None:
        a, b = b, a
    if b.constant is not None:
        width = WIDTHS[a.type]
        value = b.constant
        if value >= 1 << width - 1:
            value -= 1 << width
        if a.shape is not None and a.shape[0] == "add" and a.shape[2] + value != 0:
            # (x + c) + d
            inner, constant = a.shape[1], a.shape[2]
            return _add_constant(inner, constant + value)
        return _add_constant(a, value)
    a, b = arithmetic(a), arithmetic(b)
    text = f"{a.within(PLUS)} + {b.within(TIMES)}"
    result = combine(text, a.type, PLUS, a.low + b.low, a.high + b.high, a, b)
    result.zeros = min(a.zeros, b.zeros)
    return bounded(result)


def _add_constant(a: Expr, value: int) -> Expr:
    if value == 0:
        return a
    a = arithmetic(a)
    magnitude = integer(abs(value), a.type).text
    sign = "+" if value > 0 else "-"
    result = combine(
        f"{a.within(PLUS)} {sign} {magnitude}", a.type, PLUS, a.low + value, a.high + value, a
    )
    result.shape = ("add", a, value)
    result.zeros = min(a.zeros, integer(value, a.type).zeros)
    return bounded(result)


def sub(a: Expr, b: Expr) -> Expr:
    """`a - b`, not reduced."""
    if b.constant is not None:
        return add(a, integer(-b.constant & MASKS[a.type], a.type))
    a, b = arithmetic(a), arithmetic(b)
    text = f"{a.within(PLUS)} - {b.within(TIMES)}"
    if a.constant == 0:
        text, binds = f"-{b.within(UNARY)}", UNARY
    else:
        binds = PLUS
    result = combine(text, a.type, binds, a.low - b.high, a.high - b.low, a, b)
    result.zeros = min(a.zeros, b.zeros)
    return bounded(result)


def mul(a: Expr, b: Expr) -> Expr:
    """`a * b`, not reduced unless it is large."""
    if a.constant is not None and b.constant is not None:
        return integer(a.constant * b.constant & MASKS[a.type], a.type)
    a, b = arithmetic(a), arithmetic(b)
    if a.constant is not None:
        a, b = b, a
    if b.constant is not None and b.constant >= 1 << WIDTHS[a.type] - 1:
        small = b.constant - (1 << WIDTHS[a.type])
        if small > -1024:
            b = integer(small, a.type)
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    text = f"{a.within(TIMES)} * {b.within(UNARY)}"
    result = combine(text, a.type, TIMES, min(ends), max(ends), a, b)
    result.zeros = a.zeros + b.zeros
    return bounded(result)


def and_(a: Expr, b: Expr) -> Expr:
    """`a & b`: it is enough that one side is unsigned."""
    if a.constant is not None and b.constant is not None:
        return integer(a.constant & b.constant, a.type)
    if a.constant is not None:
        a, b = b, a
    if a.truth is not None and b.truth is not None:
        return _of_bools("&", AND, a, b)
    contiguous = b.constant is not None and b.constant + 1 & b.constant == 0
    if contiguous and a.low >= 0 and a.high <= b.high:
        return a
    a, b = arithmetic(a), arithmetic(b)
    if b.shape is not None and b.shape[0] == "not":
        a, b = b, a
    if a.shape is not None and a.shape[0] == "not" and fits(b, UNSIGNED):
        # Without its higher bits set, the number inverted is small if it was.
        a = combine(f"~{a.shape[1].within(UNARY)}", a.type, UNARY, -MASKS[a.type] - 1, -1, a)
    if not fits(b, UNSIGNED):
        if fits(a, UNSIGNED):
            a, b = b, a
        else:
            b = unsigned(b)
    high = min(b.high, a.high) if a.low >= 0 else b.high
    result = combine(f"{a.within(AND)} & {b.within(SHIFT)}", a.type, AND, 0, high, a, b)
    result.zeros = max(a.zeros, b.zeros)
    return result


def _of_bools(operator: str, binds: int, a: Expr, b: Expr) -> Expr:
    """What `&`, `|` or `^` make of two bools, which is one."""
    text = f"({a.text}) {operator} ({b.text})"
    result = combine(text, a.type, binds, 0, 1, a, b, truth=f"not ({text})")
    if operator != "^" and result.site is None:
        # What cannot fail need not be evaluated.
        result.shape = ("logic", "and" if operator == "&" else "or", a, b)
    return result


def or_(a: Expr, b: Expr, operator: str = "|") -> Expr:
    """`a | b` or `a ^ b`, on any representatives."""
    if a.constant is not None and b.constant is not None:
        value = a.constant | b.constant if operator == "|" else a.constant ^ b.constant
        return integer(value & MASKS[a.type], a.type)
    binds, right = (OR, XOR) if operator == "|" else (XOR, AND)
    if a.truth is not None and b.truth is not None:
        return _of_bools(operator, binds, a, b)
    inverts = operator == "^" and a.truth is None and b.truth is None
    a, b = arithmetic(a), arithmetic(b)
    if a.constant is not None:
        a, b = b, a
    if b.constant is not None and a.low < 0 and is_signed(a):
        # A constant of the same kind keeps the result small.
        b = signed(b)
    low, high = shapeless(min(a.low, b.low), max(a.high, b.high))
    result = combine(
        f"{a.within(binds)} {operator} {b.within(right)}", a.type, binds, low, high, a, b
    )
    result.zeros = min(a.zeros, b.zeros)
    if inverts and b.constant == MASKS[a.type] and fits(a, UNSIGNED):
        result.shape = ("not", a)
    return bounded(result)


def shl(a: Expr, b: Expr) -> Expr:
    """`a << b`, not reduced unless it is large."""
    width = WIDTHS[a.type]
    if b.constant is not None:
        count = b.constant % width
        if a.constant is not None:
            return integer(a.constant << count & MASKS[a.type], a.type)
        if count == 0:
            return a
        a = arithmetic(a)
        result = combine(
            f"{a.within(SHIFT)} << {count}", a.type, SHIFT, a.low << count, a.high << count, a
        )
        result.shape = ("shl", a, count)
        result.zeros = a.zeros + count
        return bounded(result)
    a = arithmetic(a)
    if a.type == "i64" and a.high > M32:
        a = unsigned(a)
    count_ = _count(b, width)
    low = a.low << count_.high if a.low < 0 else 0
    high = a.high << count_.high if a.high > 0 else 0
    text = f"{a.within(SHIFT)} << {count_.within(PLUS)}"
    return bounded(combine(text, a.type, SHIFT, low, high, a, count_))


def _count(b: Expr, width: int) -> Expr:
    b = arithmetic(b)
    if b.low >= 0 and b.high < width:
        return b
    return combine(f"{b.within(AND)} & {width - 1}", b.type, AND, 0, width - 1, b)


def shr_u(a: Expr, b: Expr) -> Expr:
    """`a >> b` of unsigned numbers."""
    width = WIDTHS[a.type]
    if b.constant is not None and b.constant % width == 0:
        return a
    a = unsigned(arithmetic(a))
    if b.constant is not None:
        count = b.constant % width
        if a.constant is not None:
            return integer(a.constant >> count, a.type)
        return combine(
            f"{a.within(SHIFT)} >> {count}", a.type, SHIFT, a.low >> count, a.high >> count, a
        )
    count_ = _count(b, width)
    text = f"{a.within(SHIFT)} >> {count_.within(PLUS)}"
    return combine(text, a.type, SHIFT, 0, a.high, a, count_)


def shr_s(a: Expr, b: Expr) -> Expr:
    """`a >> b` of signed numbers."""
    width = WIDTHS[a.type]
    if b.constant is not None and b.constant % width == 0:
        return a
    a = arithmetic(a)
    if b.constant is not None:
        count = b.constant % width
        if a.shape is not None and a.shape[0] == "shl" and a.shape[2] == count:
            # Sign extension of the lower bits.
            return extend(a.shape[1], width - count)
        a = signed(a)
        if a.constant is not None:
            return integer(a.constant >> count & MASKS[a.type], a.type)
        return combine(
            f"{a.within(SHIFT)} >> {count}", a.type, SHIFT, a.low >> count, a.high >> count, a
        )
    a = signed(a)
    count_ = _count(b, width)
    low, high = min(a.low, 0), max(a.high, 0)
    text = f"{a.within(SHIFT)} >> {count_.within(PLUS)}"
    return combine(text, a.type, SHIFT, low, high, a, count_)


def extend(a: Expr, bits: int) -> Expr:
    """Sign-extend the lower bits."""
    half = 1 << bits - 1
    if -half <= a.low and a.high < half:
        return a
    a = arithmetic(a)
    if not (a.low >= 0 and a.high < 2 * half):
        a = combine(f"{a.within(AND)} & {2 * half - 1:#x}", a.type, AND, 0, 2 * half - 1, a)
    text = f"({a.within(XOR)} ^ {half:#x}) - {half:#x}"
    return combine(text, a.type, PLUS, -half, half - 1, a)


def rotl(a: Expr, count: int) -> Expr:
    """Rotate a variable or constant by a constant."""
    width = WIDTHS[a.type]
    a = unsigned(a)
    count %= width
    if a.constant is not None:
        value = a.constant << count | a.constant >> width - count
        return integer(value & MASKS[a.type], a.type)
    if count == 0:
        return a
    text = f"{a.within(SHIFT)} << {count} | {a.within(SHIFT)} >> {width - count}"
    high = max(a.high, 1) << count
    return bounded(combine(text, a.type, OR, 0, (1 << high.bit_length()) - 1, a))


# -- comparisons ---------------------------------------------------------------------------------

INVERSE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
OTHER = {"and": "or", "or": "and"}
MIRROR = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def compare(operator: str, a: Expr, b: Expr) -> Expr:
    """A comparison of ints that are already the right representatives."""
    left, right = a.within(OR), b.within(OR)
    result = combine(
        f"{left} {operator} {right}",
        "i32",
        COMPARE,
        0,
        1,
        a,
        b,
        truth=f"{left} {INVERSE[operator]} {right}",
    )
    result.shape = ("compare", operator, a, b)
    return result


def equal(operator: str, a: Expr, b: Expr) -> Expr:
    """`a == b` or `a != b` of integers."""
    if b.constant == 0:
        return truth_of(a, operator == "!=")
    a, b = arithmetic(a), arithmetic(b)
    if a.constant is not None:
        a, b = b, a
    if is_signed(a) and (is_signed(b) or b.constant is not None):
        return compare(operator, a, signed(b))
    return compare(operator, unsigned(a), unsigned(b))


def truth_of(e: Expr, positive: bool = True) -> Expr:
    """Whether an integer is not zero (or, not `positive`, whether it is)."""
    if e.truth is not None and positive:
        return e
    if e.truth is not None:
        shape = e.shape
        if shape is not None and shape[0] == "compare":
            shape = ("compare", INVERSE[shape[1]], *shape[2:])
        elif shape is not None and shape[0] == "logic":
            shape = ("logic", OTHER[shape[1]], *(truth_of(part, False) for part in shape[2:]))
        else:
            shape = None
        return replace(e, text=e.truth, truth=e.text, binds=NOT, constant=None, shape=shape)
    if not -MASKS[e.type] <= e.low <= e.high <= MASKS[e.type]:
        # Every multiple of 2^N is zero.
        e = mask(e)
    yes, no = f"{e.within(OR)} != 0", f"{e.within(OR)} == 0"
    if not positive:
        yes, no = no, yes
    result = combine(yes, "i32", COMPARE, 0, 1, e, truth=no)
    result.shape = ("compare", "!=" if positive else "==", e, integer(0, e.type))
    return result


def less(operator: str, a: Expr, b: Expr, sign: bool) -> Expr:
    """An ordering of integers."""
    a, b = arithmetic(a), arithmetic(b)
    if not sign:
        return compare(operator, unsigned(a), unsigned(b))
    if is_signed(a) and is_signed(b):
        return compare(operator, a, b)
    if all(is_signed(e) or e.constant is not None or e.text in e.reads for e in (a, b)):
        return compare(operator, signed(a), signed(b))
    return compare(operator, biased(a), biased(b))
