"""Expected values: exact ones, and patterns where the specification allows several.

The forms are those of the suite's JSON scripts: a number, `nan:canonical` and `nan:arithmetic`
(also by lane of a vector), `either` of several, and references that are null, of a kind, or a
given host object. This module does not run anything; it says whether a value fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refexec_conformance.values import NUMBER_BITS, Number, Reference, Value, number_text

from refexec.errors import InputError

LANE_BITS = {"i8": 8, "i16": 16, "i32": 32, "i64": 64, "f32": 32, "f64": 64}
"""Lane types of vectors and their widths in bits."""

_CANONICAL_NAN = {"f32": 0x7FC00000, "f64": 0x7FF8000000000000}
_SIGN = {"f32": 1 << 31, "f64": 1 << 63}

_HIERARCHY = {
    "any": "any",
    "eq": "any",
    "i31": "any",
    "struct": "any",
    "array": "any",
    "none": "any",
    "func": "func",
    "nofunc": "func",
    "extern": "extern",
    "noextern": "extern",
    "exn": "exn",
    "noexn": "exn",
}

_KINDS_OF = {
    "any": frozenset({"any", "eq", "i31", "struct", "array"}),
    "eq": frozenset({"eq", "i31", "struct", "array"}),
    "i31": frozenset({"i31"}),
    "struct": frozenset({"struct"}),
    "array": frozenset({"array"}),
    "func": frozenset({"func"}),
    "extern": frozenset({"extern"}),
    "exn": frozenset({"exn"}),
}

_NULL_TYPES = {
    "nullref": "none",
    "nullfuncref": "nofunc",
    "nullexternref": "noextern",
    "nullexnref": "noexn",
}


@dataclass(frozen=True, slots=True)
class ExactNumber:
    """Just these bits."""

    type: str
    bits: int

    def matches(self, value: Value) -> bool:
        """Tell whether `value` is this number."""
        return isinstance(value, Number) and value.type == self.type and value.bits == self.bits

    def __str__(self) -> str:
        return number_text(self.type, self.bits)


@dataclass(frozen=True, slots=True)
class AnyNaN:
    """A set of NaNs: canonical (either sign), or arithmetic (quiet, any payload, either sign)."""

    type: str
    canonical: bool

    def matches(self, value: Value) -> bool:
        """Tell whether `value` is a NaN of the set."""
        if not (isinstance(value, Number) and value.type == self.type):
            return False
        nan = _CANONICAL_NAN[self.type]
        if self.canonical:
            return value.bits & ~_SIGN[self.type] == nan
        return value.bits & nan == nan

    def __str__(self) -> str:
        return f"({self.type} nan:{'canonical' if self.canonical else 'arithmetic'})"


@dataclass(frozen=True, slots=True)
class Lanes:
    """A vector lane by lane; each lane is a pattern of its own."""

    lane_type: str
    lanes: tuple[Pattern, ...]

    def matches(self, value: Value) -> bool:
        """Tell whether `value` is a vector all of whose lanes fit."""
        if not (isinstance(value, Number) and value.type == "v128"):
            return False
        width = LANE_BITS[self.lane_type]
        mask = (1 << width) - 1
        return all(
            lane.matches(Number(self.lane_type, value.bits >> (index * width) & mask))
            for index, lane in enumerate(self.lanes)
        )

    def __str__(self) -> str:
        return f"(v128 {self.lane_type}x{len(self.lanes)} {' '.join(map(str, self.lanes))})"


@dataclass(frozen=True, slots=True)
class Either:
    """Any of several patterns."""

    choices: tuple[Pattern, ...]

    def matches(self, value: Value) -> bool:
        """Tell whether `value` fits one of the choices."""
        return any(choice.matches(value) for choice in self.choices)

    def __str__(self) -> str:
        return f"(either {' '.join(map(str, self.choices))})"


@dataclass(frozen=True, slots=True)
class NullReference:
    """A null reference, of one hierarchy if it is named."""

    kind: str
    """Heap type whose hierarchy the null must have, or empty for any."""

    def matches(self, value: Value) -> bool:
        """Tell whether `value` is such a null. A hierarchy that nobody told is no objection."""
        if not (isinstance(value, Reference) and value.null):
            return False
        if not self.kind or not value.kind:
            return True
        return _HIERARCHY[self.kind] == _HIERARCHY.get(value.kind)

    def __str__(self) -> str:
        return f"(ref.null {self.kind})" if self.kind else "(ref.null)"


@dataclass(frozen=True, slots=True)
class SomeReference:
    """A reference that is not null, of a kind."""

    kind: str

    host: int | None = None
    """The host object that it must be; None if any will do."""

    def matches(self, value: Value) -> bool:
        """Tell whether `value` is such a reference."""
        if not isinstance(value, Reference) or value.null:
            return False
        return value.kind in _KINDS_OF[self.kind] and self.host in (None, value.host)

    def __str__(self) -> str:
        return f"(ref.{self.kind})" if self.host is None else f"(ref.{self.kind} {self.host})"


Pattern = ExactNumber | AnyNaN | Lanes | Either | NullReference | SomeReference


def parse_pattern(data: Mapping[str, Any]) -> Pattern:
    """Read one item of a command's `expected` list.

    Raises `InputError` if the form is unknown: a pattern that nobody checks would be a hole.
    """
    name = data["type"]
    if name == "either":
        return Either(tuple(parse_pattern(choice) for choice in data["values"]))
    if name == "v128":
        lane_type = data["lane_type"]
        return Lanes(lane_type, tuple(_number(lane_type, lane) for lane in data["value"]))
    if name in NUMBER_BITS:
        return _number(name, data["value"])
    return _reference(name, data.get("value"))


def parse_patterns(items: Sequence[Mapping[str, Any]]) -> tuple[Pattern, ...]:
    """Read a command's `expected` list."""
    return tuple(parse_pattern(item) for item in items)


def parse_argument(data: Mapping[str, Any]) -> Value:
    """Read one item of an action's `args` list. Raises `InputError` if the form is unknown."""
    name = data["type"]
    if name == "v128":
        width = LANE_BITS[data["lane_type"]]
        bits = 0
        for index, lane in enumerate(data["value"]):
            bits |= _unsigned(lane, width) << (index * width)
        return Number("v128", bits)
    if name in NUMBER_BITS:
        return Number(name, _unsigned(data["value"], NUMBER_BITS[name]))
    pattern = _reference(name, data.get("value"))
    if isinstance(pattern, NullReference):
        return Reference(pattern.kind, null=True)
    if pattern.host is None:
        raise InputError(f"unknown argument in a script: {dict(data)!r}")
    return Reference(pattern.kind, host=pattern.host)


def _number(type_name: str, text: str) -> ExactNumber | AnyNaN:
    if text in ("nan:canonical", "nan:arithmetic"):
        if type_name not in _CANONICAL_NAN:
            raise InputError(f"a script expects a NaN of type {type_name}")
        return AnyNaN(type_name, canonical=text == "nan:canonical")
    width = LANE_BITS[type_name] if type_name in LANE_BITS else NUMBER_BITS[type_name]
    return ExactNumber(type_name, _unsigned(text, width))


def _unsigned(text: str, width: int) -> int:
    """Read a decimal number, signed or not, as its bits."""
    number = int(text)
    if not -(1 << (width - 1)) <= number < 1 << width:
        raise InputError(f"a script holds the number {text}, which has more than {width} bits")
    return number & ((1 << width) - 1)


def _reference(name: str, value: str | None) -> NullReference | SomeReference:
    if name == "refnull":
        return NullReference("")
    if name in _NULL_TYPES:
        return NullReference(_NULL_TYPES[name])
    kind = name.removesuffix("ref")
    if name == kind or kind not in _KINDS_OF:
        raise InputError(f"a script names the unknown type {name!r}")
    if value == "null":
        return NullReference(kind)
    return SomeReference(kind, None if value is None else int(value))
