"""What an engine of refexec does with a call, told stop by stop, so that engines can be compared.

A stop is told by its outcome with the backtrace, the fuel spent, the digest of the state, and where
the call stands. Only what the public interface of `refexec.wasm` gives is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from refexec import wasm
from refexec.errors import RefexecError

ENGINES = ("reference", "translated")

Imports = Callable[[], dict[tuple[str, str], Any]]
"""Makes the imports of an instance; each instance gets its own."""

Stop = tuple[Any, ...]


def make(
    module: wasm.Module, engine: str, fuel: int | None, imports: Imports | None, **more: Any
) -> wasm.Instance:
    """An instance on one of the engines."""
    made = wasm.Instance(
        module, imports() if imports is not None else {}, engine=engine, fuel=fuel, **more
    )
    if engine == "translated":
        # What is called once is to be judged too.
        made.translate()
    return made


def told(instance: wasm.Instance, outcome: Any) -> Stop:
    """All that can be told of how a call ended and what it left behind."""
    match outcome:
        case wasm.Threw(tag, values, backtrace):
            outcome = ("threw", str(tag.type), _told(values), backtrace)
        case wasm.Returned(values):
            outcome = ("returned", _told(values))
    try:
        digest = instance.state_digest()
    except RefexecError as error:
        digest = str(error)
    return outcome, instance.fuel_spent, digest, instance.backtrace()


def _told(values: Sequence[Any]) -> str:
    """Values in words: no NaN equals another, and no reference one of another instance."""
    plain = int | float | bytes | None
    return repr([item if isinstance(item, plain) else type(item) for item in values])


def call(
    module: wasm.Module,
    engine: str,
    name: str,
    args: Sequence[Any],
    cuts: Iterable[int] = (),
    imports: Imports | None = None,
    thaw: bool = False,
    finish: bool = True,
    **more: Any,
) -> list[Stop]:
    """Call a function with so much fuel at a time; then with no limit. Tell every stop.

    With `thaw` the instance is frozen and thawed at every stop. Without `finish` the last stop is
    the last one that the fuel brings.
    """
    cuts = list(cuts)
    instance = make(module, engine, cuts[0] if cuts else None, imports, **more)
    outcome = instance.call(name, *args, bits=True)
    stops = [told(instance, outcome)]
    for cut in [*cuts[1:], *([None] if finish else [])]:
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
                limits=more.get("limits"),
            )
            assert instance.fuel_spent == spent
        else:
            instance.add_fuel(cut if cut is not None else 1 << 50)
        outcome = instance.resume()
        stops.append(told(instance, outcome))
    return stops
