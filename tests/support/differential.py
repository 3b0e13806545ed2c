"""The reference machine against the fast engine: one module, both engines, every kind of cut."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from refexec import wasm
from refexec.errors import RefexecError

ENGINES = ("reference", "translated")

Imports = Callable[[], dict[tuple[str, str], Any]]


def make(
    module: wasm.Module, engine: str, fuel: int | None, imports: Imports | None, **more: Any
) -> wasm.Instance:
    """An instance on one of the engines."""
    return wasm.Instance(
        module, imports() if imports is not None else {}, engine=engine, fuel=fuel, **more
    )


def told(instance: wasm.Instance, outcome: Any) -> tuple[Any, ...]:
    """All that can be told of how a call ended and what it left behind."""
    match outcome:
        case wasm.Threw(tag, values, backtrace):
            outcome = ("threw", str(tag.type), repr(values), backtrace)
        case wasm.Returned(values):
            # No NaN equals another.
            outcome = ("returned", repr(values))
    try:
        digest = instance.state_digest()
    except RefexecError as error:
        digest = str(error)
    return outcome, instance.fuel_spent, digest, instance.backtrace()


def run(
    module: wasm.Module,
    engine: str,
    name: str,
    args: Sequence[Any],
    cuts: Iterable[int] = (),
    imports: Imports | None = None,
    thaw: bool = False,
    **more: Any,
) -> list[tuple[Any, ...]]:
    """Call a function with so much fuel at a time; then with no limit. Tell every stop."""
    cuts = list(cuts)
    instance = make(module, engine, cuts[0] if cuts else None, imports, **more)
    stops = []
    outcome = instance.call(name, *args, bits=True)
    stops.append(told(instance, outcome))
    for cut in [*cuts[1:], None]:
        if not isinstance(outcome, wasm.Suspended):
            break
        if thaw:
            spent = instance.fuel_spent
            instance = wasm.Instance.thaw(
                module,
                instance.freeze(),
                imports() if imports is not None else {},
                engine=engine,
                fuel=cut,
            )
            assert instance.fuel_spent == spent
        else:
            instance.add_fuel(cut if cut is not None else 1 << 50)
        outcome = instance.resume()
        stops.append(told(instance, outcome))
    return stops


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
