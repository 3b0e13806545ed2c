"""Write the sources and the cases of all families, or compare them.

What cases already say must come of their steps is kept as long as the steps are the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from refexec_conformance.features import FUEL_PROMISES
from refexec_conformance.filled import document_text
from refexec_conformance.own import suite
from refexec_conformance.own.families import (
    again,
    chance,
    counting,
    guards,
    lanes,
    nans,
    order,
    ranges,
    reach,
    turning,
    warming,
)
from refexec_conformance.own.families.texts import EXACT, METERED, PLAIN, Family

_COSTS = "The kit's table of costs (PROTOCOL.md)"
_STOPS = (
    "Before a paid instruction, and before entering a function, the program stops if no fuel is left "
    "(PROTOCOL.md)"
)


def all_families() -> list[Family]:
    """Every module of every family."""
    rooms = (ranges, guards, reach, counting, turning, lanes, nans, order, again, warming, chance)
    return [family for room in rooms for family in room.families()]


def files(folder: Path) -> dict[Path, str]:
    """What must be in the folder of cases."""
    found = {}
    for family in all_families():
        area = family.name.split("_")[0]
        found[folder / f"{family.name}.wat"] = family.source()
        for kind in (PLAIN, METERED, EXACT):
            if (kind == METERED and not family.metered) or (
                kind == EXACT and not family.exact_calls
            ):
                continue
            name = family.name + ("_stops" if kind == EXACT else "")
            path = folder / (area if kind == PLAIN else "fuel") / f"{name}.json"
            found[path] = document_text(_case(family, path, kind))
    return found


def _case(family: Family, path: Path, kind: str) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    steps: list[dict[str, Any]] = family.steps(kind)
    told = known.get("steps", ())
    if [{k: v for k, v in step.items() if k != "expect"} for step in told] == steps:
        steps = [dict(step) for step in told]
    else:
        known = {}
    before, must, rule = {
        PLAIN: ("", family.must, family.rule),
        METERED: ("What is charged: ", "Each sweep is charged what its instructions cost.", _COSTS),
        EXACT: ("Where it stops: ", "What was done before stays, and nothing else.", _STOPS),
    }[kind]
    data: dict[str, Any] = {
        "title": before + family.title,
        "does": family.does,
        "must": must,
        "rules": [rule],
        "tags": [path.parent.name],
    }
    fuel = {PLAIN: (), METERED: FUEL_PROMISES[:1], EXACT: FUEL_PROMISES}[kind]
    features = (*family.features, *fuel)
    if features:
        data["features"] = [*features]
    data["steps"] = steps
    if "witness" in known:
        data["witness"] = known["witness"]
    elif kind == EXACT or (kind == PLAIN and family.derivation and not family.exact_calls):
        data["witness"] = [{"kind": "derivation", "text": family.derivation}]
    return data


def main(arguments: list[str]) -> int:
    """Write or compare; the exit status."""
    status = 0
    for path, text in files(suite.folder()).items():
        if path.exists() and path.read_text("utf-8") == text:
            continue
        if "--check" in arguments:
            print(f"{path}: not what the families say")
            status = 1
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
            print(f"{path}: written")
    return status
