"""Outcomes that a case allows: one, or several where the specification leaves the choice.

The forms are those of the kit's own cases. Values in them are patterns, as scripts have them.
This module runs nothing; it says whether an outcome fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from refexec_conformance.backend import (
    Instantiated,
    Loaded,
    Outcome,
    OutOfFuel,
    Rejected,
    Returned,
    Threw,
    Trapped,
)
from refexec_conformance.patterns import ExactNumber, Pattern, parse_patterns
from refexec_conformance.values import NUMBER_BITS, Number, Value

from refexec.errors import InputError

PLAIN: dict[str, type[Outcome]] = {
    "loaded": Loaded,
    "instantiated": Instantiated,
    "throws": Threw,
    "out_of_fuel": OutOfFuel,
}
"""Outcomes that hold nothing more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One outcome that is right."""

    kind: str
    """`returns`, `trap`, `exhausted`, `refused`, or one of `PLAIN`."""

    values: tuple[Pattern, ...] = ()
    """For `returns`: what the results must fit."""

    text: str = ""
    """For `trap`: the official suite's words for it. For `refused`: the kind of refusal."""

    fuel: int | None = None
    """What it must be charged; None if that is not asked."""

    def fits(self, outcome: Outcome, fuel: int | None, *, official: bool) -> bool:
        """Tell whether this is what came. `official`: traps are told in the suite's words."""
        if self.fuel is not None and fuel != self.fuel:
            return False
        match outcome:
            case Returned(values):
                return self.kind == "returns" and match_all(self.values, values)
            case Trapped(exhausted=True):
                return self.kind == "exhausted"
            case Trapped(message):
                return self.kind == "trap" and (not official or same_words(self.text, message))
            case Rejected(kind):
                return self.kind == "refused" and kind in (self.text, None)
            case _:
                return isinstance(outcome, PLAIN.get(self.kind, ()))

    @property
    def exact(self) -> bool:
        """Whether it allows one thing only, so that it may have been derived."""
        return all(isinstance(value, ExactNumber) for value in self.values)

    def __str__(self) -> str:
        told = {
            "returns": " ".join(map(str, self.values)) or "nothing",
            "trap": f"trap: {self.text}",
            "exhausted": "an exhausted call stack",
            "refused": f"refused: {self.text}",
            "throws": "uncaught exception",
            "out_of_fuel": "out of fuel",
            "loaded": "module accepted",
            "instantiated": "module instantiated",
        }[self.kind]
        return told if self.fuel is None else f"{told}, {self.fuel:,} fuel"


def match_all(patterns: tuple[Pattern, ...], values: tuple[Value, ...]) -> bool:
    """Tell whether there are as many values as patterns, and each fits its own."""
    return len(patterns) == len(values) and all(
        pattern.matches(value) for pattern, value in zip(patterns, values, strict=True)
    )


def same_words(text: str, message: str) -> bool:
    """Whether a trap is the one that the suite's words name.

    Some texts of the suite go on to name the element or type that they are about.
    """
    return text.startswith(message) or message.startswith(text)


def any_of(wanted: Iterable[Wanted]) -> str:
    """All that is right, for people."""
    return ", or ".join(map(str, wanted))


def parse_wanted(data: Mapping[str, Any]) -> Wanted:
    """Read an outcome of a case. Raises `InputError` if its form is unknown."""
    fuel = data.get("fuel")
    kinds = [key for key in data if key != "fuel"]
    match kinds:
        case ["returns"]:
            return Wanted("returns", parse_patterns(data["returns"]), fuel=fuel)
        case ["trap" | "refused" as kind]:
            return Wanted(kind, text=data[kind], fuel=fuel)
        case ["exhausted"]:
            return Wanted("exhausted", fuel=fuel)
        case [kind] if kind in PLAIN:
            return Wanted(kind, fuel=fuel)
        case _:
            raise InputError(f"expected an outcome, found {dict(data)!r:.80}")


def observed(outcome: Outcome, fuel: int | None) -> dict[str, Any] | None:
    """What came, in the form of an outcome of a case; None if there is no such form."""
    charged = {} if fuel is None else {"fuel": fuel}
    match outcome:
        case Returned(values):
            written = [_number(value) for value in values]
            return None if None in written else {"returns": written, **charged}
        case Trapped(exhausted=True):
            return {"exhausted": True, **charged}
        case Trapped(message):
            return {"trap": message, **charged}
        case Rejected(str() as kind):
            return {"refused": kind}
        case _:
            kinds = [kind for kind, made in PLAIN.items() if isinstance(outcome, made)]
            return {kinds[0]: True, **charged} if kinds else None


def _number(value: Value) -> dict[str, Any] | None:
    """A number as scripts write it. References are patterns, and written by hand."""
    if not isinstance(value, Number):
        return None
    if value.type == "v128":
        lanes = [str(value.bits >> 32 * lane & 0xFFFFFFFF) for lane in range(4)]
        return {"type": "v128", "lane_type": "i32", "value": lanes}
    assert value.type in NUMBER_BITS
    return {"type": value.type, "value": str(value.bits)}
