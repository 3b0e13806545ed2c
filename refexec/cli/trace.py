"""`refexec trace`: everything that a program does, as JSON lines; and where two traces part."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import IO, Any

import click

from refexec import wasm
from refexec.cli import files, subjects
from refexec.cli.backtrace import lines_of
from refexec.cli.text import escape
from refexec.errors import InputError
from refexec.observe.trace import FORMAT, KINDS, Filter, Record, Tracer
from refexec.observe.tracediff import Activation, Difference, first_difference

DIFFERENT = 1
"""Exit status for traces that differ."""

_MAX_MEMORY = 8


class _Span(click.ParamType[tuple[int, int]]):
    """A first and a last number, as in `100-200`, `0x1f-`, `-50` or `7`."""

    name = "A-B"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read it."""
        if isinstance(value, tuple):
            return value
        first, dash, last = str(value).partition("-")
        try:
            low = int(first or "0", 0)
            high = (int(last, 0) if last else 1 << 64) if dash else low
        except ValueError:
            self.fail(f"{value!r} is not a range like 100-200", param, ctx)
        return low, high


@click.command(context_settings={"ignore_unknown_options": True})
@subjects.options
@click.option("--function", "functions", multiple=True, metavar="F", help="Only this function.")
@click.option("--range", "fuel_range", type=_Span(), help="Only from fuel A to fuel B.")
@click.option("--offsets", type=_Span(), help="Only instructions at byte offsets A to B.")
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only this kind of records."
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="OUT",
    help="Write the trace to OUT; to standard output otherwise.",
)
@click.option("--diff", is_flag=True, help="Compare the traces FILE and ARGS.")
def trace(
    file: Path,
    args: tuple[str, ...],
    invoke: str | None,
    entry: str,
    fuel: int | None,
    functions: tuple[str, ...],
    fuel_range: tuple[int, int] | None,
    offsets: tuple[int, int] | None,
    kinds: tuple[str, ...],
    output: Path | None,
    diff: bool,
) -> int:
    """Write everything that a program does, one JSON record a line.

    FILE is a module whose export is called with --invoke FUNC and ARGS, an input log that
    --record has written, or a program or snapshot, which is run and recorded first. The trace is
    the same to the byte whenever and wherever it is made. --function, --range, --offsets and
    --kind leave records out.

    With --diff A B, two traces are compared: what is printed is the first difference, and the
    state around it. Exit status 0 if there is none, 1 if there is one.
    """
    if diff:
        if len(args) != 1 or invoke is not None:
            raise InputError("--diff: expected the names of two traces")
        return _diff(file, Path(args[0]))
    subject = subjects.open_subject(file, args, invoke, entry, fuel)
    wanted = Filter(
        frozenset(kinds),
        frozenset(index for name in functions for index in functions_named(subject.module, name)),
        fuel_range,
        offsets,
    )
    with _output(output) as out:

        def write(item: Record) -> None:
            out.write(encode(item))

        if subject.machine is not None:
            write(
                {
                    "kind": "begin",
                    "format": FORMAT,
                    "module": subject.module.digest,
                    "fuel": subject.fuel_spent,
                }
            )
            lines = lines_of(subject.module)
            at_place = None if lines is None else lines.at_place
            subject.watch(wasm.REFERENCE_ENGINE, Tracer(write, wanted, at_place))
        subject.run()
        write({"kind": "end", "fuel": subject.fuel_spent, "ending": subject.ending or None})
    return 0


def encode(item: Record) -> str:
    """A record as a line. What is in it depends on nothing but the record."""
    return json.dumps(item, separators=(",", ":"), ensure_ascii=True) + "\n"


def functions_named(module: wasm.Module, name: str) -> list[int]:
    """The functions that an index, a name or the name of an export means."""
    if name.isdecimal():
        if int(name) >= len(module.valid.context.functions):
            raise InputError(f"{name}: there is no function with this index")
        return [int(name)]
    found = [index for index, known in module.function_names.items() if known == name]
    exports = module.valid.syntax.exports
    found += [e.index for e in exports if e.name == name and e.kind == "function"]
    if not found:
        raise InputError(f"{escape(name)}: no function has this name")
    return found


@contextlib.contextmanager
def _output(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    files.check_writable(path)
    with path.open("w", encoding="ascii", newline="\n") as out:
        yield out


# -- two traces ----------------------------------------------------------------------------------


def _records(path: Path) -> Iterator[Record]:
    try:
        with path.open("r", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    item = json.loads(line)
                except ValueError:
                    item = None
                if not isinstance(item, dict) or "kind" not in item:
                    raise InputError(f"{path}: line {number} is no record of a trace")
                yield item
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {files.reason(error)}") from None


def _diff(one: Path, other: Path) -> int:
    try:
        found = first_difference(_records(one), _records(other))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise InputError(f"{one}: has records that are not those of a trace") from None
    if found is None:
        click.echo("the traces are the same")
        return 0
    for line in _report(found, one, other):
        click.echo(line)
    return DIFFERENT


def _report(found: Difference, one: Path, other: Path) -> Iterator[str]:
    yield f"the traces differ at record {found.number}, in {', '.join(found.fields)}"
    if found.common:
        yield "\nbefore, on both sides:"
        yield from (f"  {_short(item)}" for item in found.common)
    for path, item in zip((one, other), found.items, strict=True):
        yield f"\n{path}:"
        yield "  ends here" if item is None else f"  {_short(item)}"
        if item is not None:
            for name in found.fields:
                yield f"    {name}: {escape(json.dumps(item.get(name)))}"
            after = deepcopy(found.state)
            after.apply(item)
            yield f"  then: {_activation(after.activations[-1])}"
    yield "\nstate before that, as far as the traces tell:"
    for level, activation in enumerate(reversed(found.state.activations)):
        if activation.function is not None:
            yield f"  #{level} {_activation(activation)}"
    for index, value in sorted(found.state.globals.items()):
        yield f"  global {index} = {value}"
    for (memory, address), data in list(found.state.memory.items())[-_MAX_MEMORY:]:
        yield f"  memory {memory} at 0x{address:x}: {data}"


def _activation(activation: Activation) -> str:
    known = sorted(activation.locals.items())
    values = " ".join(f"{index}={value}" for index, value in known)
    return f"function {activation.function}  locals [{values}]  stack {activation.stack}"


def _short(item: Record) -> str:
    """A record for people."""
    place = "" if item.get("offset") is None else f" at 0x{item['offset']:x}"
    where = f"fuel {item.get('fuel')} {item['kind']}{place}"
    if item["kind"] != "instruction":
        return escape(where)
    taken, given = " ".join(item["take"]), " ".join(item["give"])
    return escape(f"{where}  {item['instruction']}  ({taken}) -> ({given})")
