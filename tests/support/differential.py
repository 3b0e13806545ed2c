"""The reference machine against the fast engine: one module, both engines, every kind of cut."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from refexec_conformance.judges.stops import ENGINES, Imports, make, told
from refexec_conformance.judges.stops import call as run

from refexec import wasm

__all__ = ["ENGINES", "compare", "make", "run", "told"]


def compare(
    module: wasm.Module,
    name: str,
    args: Sequence[Any],
    imports: Imports | None = None,
    samples: int = 60,
    seed: int = 0,
    most: int = 10**7,
    **more: Any,
) -> int:
    """Compare the engines uncut, cut once anywhere, and cut into slices. Gives the whole fuel."""
    uncut = run(module, "reference", name, args, [most], imports, **more)
    assert run(module, "translated", name, args, [most], imports, **more) == uncut, "uncut"
    total = uncut[0][1]
    chance = random.Random(seed)
    if total <= samples:
        places = list(range(total + 2))
    else:
        places = sorted(
            {chance.randrange(total + 2) for _ in range(samples)}
            | set(range(min(12, total)))
            | set(range(max(0, total - 12), total + 2))
        )
    for place in places:
        expected = run(module, "reference", name, args, [place], imports, **more)
        found = run(module, "translated", name, args, [place], imports, **more)
        assert found == expected, ("cut", place)
    for size in (1, 7, 50, 333):
        if total // size > 200:
            cuts = [size] * 60
        else:
            cuts = [size] * (total // size + 1)
        expected = run(module, "reference", name, args, cuts, imports, **more)
        assert run(module, "translated", name, args, cuts, imports, **more) == expected, size
        if imports is None:
            expected = run(module, "reference", name, args, cuts, thaw=True, **more)
            again = run(module, "translated", name, args, cuts, thaw=True, **more)
            assert again == expected, ("thawed", size)
    return total
