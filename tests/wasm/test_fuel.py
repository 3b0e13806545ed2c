"""What is spent through traps, tail calls, exceptions, bulk instructions and calls of the host.

Every number is derived by hand from the table of costs: a function entry and most instructions
cost 1, structure costs nothing, an instruction that traps has paid its fixed part. Each program
also runs with one unit of fuel at a time, moved to another store in between, and costs the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assemble import assemble
from refexec import wasm
from refexec.errors import TrapError, WasmExceptionError
from refexec.trap import TrapCause

FIELDS = """
  (type $t (func)) (type $a (array (mut i32)))
  (import "h" "nothing" (func $nothing))
  (import "h" "trap" (func $trap))
  (import "h" "throw" (func $throw))
  (memory 1) (table $tab 2 funcref) (tag $e) (tag $v (param i32))
  (elem (table $tab) (i32.const 1) func $empty) (elem $passive func $empty $empty)
  (data $data "abcd")
  (func $empty (type $t))
  (func $unreachable (unreachable))
  (func $thrower (throw $v (i32.const 7)))
  (func $caller (call $thrower))
  (func $tail_thrower (return_call $thrower))
  (func $endless (call $endless))
"""

# The body of a function, what it costs after its entry, and how it ends.
CASES: dict[str, tuple[str, int, str]] = {
    # Traps. What stands behind them is neither executed nor paid.
    "division by zero": (
        "(drop (i32.div_u (i32.const 1) (i32.const 0))) (drop (i32.const 5))",
        3,
        "integer divide by zero",
    ),
    "unreachable costs nothing": ("(drop (i32.const 1)) (unreachable)", 1, "unreachable"),
    "a trap in a callee": ("(call $unreachable)", 1 + 1, "unreachable"),
    "a trap behind a loop of 10 turns": (
        """(local $i i32) (loop $l
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
            (i32.const 10)))) (unreachable)""",
        10 * 7,
        "unreachable",
    ),
    "a load outside of memory": ("(drop (i32.load (i32.const -1)))", 2, "out of bounds memory"),
    "a store outside of memory": (
        "(i64.store (i32.const 65529) (i64.const 1))",
        3,
        "out of bounds memory",
    ),
    "a call of null does not enter": (
        "(call_indirect $tab (type $t) (i32.const 0))",
        2,
        "uninitialized element",
    ),
    "a call beyond the table": (
        "(call_indirect $tab (type $t) (i32.const 9))",
        2,
        "undefined element",
    ),
    "a tail call of null": ("(return_call_ref $t (ref.null $t))", 2, "null function"),
    # Nine more entries fit; the tenth call is paid, and its function is not entered.
    "a full call stack": ("(call $endless)", 1 + 8 * 2 + 1 + 1, "call stack exhausted"),
    # Bulk instructions that trap pay nothing for what they do not do.
    "a fill that traps": (
        "(memory.fill (i32.const 65530) (i32.const 0) (i32.const 100))",
        4,
        "out of bounds memory",
    ),
    "a copy that traps": (
        "(memory.copy (i32.const 0) (i32.const 65530) (i32.const 100))",
        4,
        "out of bounds memory",
    ),
    "an initialisation that traps": (
        "(memory.init $data (i32.const 0) (i32.const 0) (i32.const 5))",
        4,
        "out of bounds memory",
    ),
    "a table fill that traps": (
        "(table.fill $tab (i32.const 1) (ref.null func) (i32.const 2))",
        4,
        "out of bounds table",
    ),
    "a new array that cannot be": (
        "(drop (array.new_default $a (i32.const -1)))",
        2,
        "gc heap",
    ),
    "a fill of an array that traps": (
        """(array.fill $a (array.new_default $a (i32.const 3)) (i32.const 1) (i32.const 0)
          (i32.const 3))""",
        (1 + 1 + 3) + 3 + 1,
        "out of bounds array",
    ),
    # Bulk instructions that do not, and those of length 0.
    "a fill of nothing": ("(memory.fill (i32.const 0) (i32.const 0) (i32.const 0))", 4, "returned"),
    "a fill of 60000 bytes": (
        "(memory.fill (i32.const 0) (i32.const 1) (i32.const 60000))",
        4 + 60000,
        "returned",
    ),
    "growth by 3 pages, then a trap": (
        "(drop (memory.grow (i32.const 3))) (unreachable)",
        2 + 3,
        "unreachable",
    ),
    "a table filled from a segment": (
        "(table.init $tab $passive (i32.const 0) (i32.const 0) (i32.const 2))",
        4 + 2,
        "returned",
    ),
    # Tail calls: an entry each, as other calls.
    "a tail call": ("(return_call $empty)", 1 + 1, "returned"),
    "a tail call through a table": (
        "(return_call_indirect $tab (type $t) (i32.const 1))",
        2 + 1,
        "returned",
    ),
    "a tail call through a reference": (
        "(return_call_ref $t (ref.func $empty))",
        2 + 1,
        "returned",
    ),
    "a tail call of the host": ("(return_call $nothing)", 1, "returned"),
    "a tail call of the host through a table": (
        """(table.set $tab (i32.const 0) (ref.func $nothing))
          (return_call_indirect $tab (type $t) (i32.const 0))""",
        3 + 2,
        "returned",
    ),
    # Exceptions: throwing costs 1, being caught nothing, however far away.
    "thrown and caught in place": (
        "(block $h (try_table (catch_all $h) (throw $e)) (unreachable)) (drop (i32.const 1))",
        1 + 1 + 1,
        "returned",
    ),
    "thrown two calls away": (
        """(block $h (result i32) (try_table (catch $v $h) (call $caller)) (unreachable))
          (drop)""",
        1 + 1 + (1 + 1) + (1 + 2),
        "returned",
    ),
    "thrown behind a tail call": (
        """(block $h (result i32) (try_table (catch $v $h) (call $tail_thrower)) (unreachable))
          (drop)""",
        1 + 1 + (1 + 1) + (1 + 2),
        "returned",
    ),
    "caught and thrown again": (
        """(block $out (block $h (result exnref)
            (try_table (result exnref) (catch_all_ref $h) (throw $e)))
          (try_table (param exnref) (catch_all $out) (throw_ref)) (unreachable))""",
        1 + 1 + 1 + 1,
        "returned",
    ),
    "not caught by a handler for another tag": (
        "(block $h (try_table (catch $e $h) (call $thrower)))",
        1 + 1 + (1 + 2),
        "threw",
    ),
    "a null exception": ("(throw_ref (ref.null exn))", 2, "null exception"),
    # The host: the call instruction costs 1, what the host does nothing.
    "a call of the host": ("(call $nothing) (call $nothing)", 2, "returned"),
    "a trap of the host": ("(drop (i32.const 1)) (call $trap) (drop (i32.const 1))", 2, "unreach"),
    "an exception of the host": ("(call $throw)", 1, "threw"),
    "an exception of the host that is caught": (
        "(block $h (try_table (catch_all $h) (call $throw)) (unreachable)) (drop (i32.const 1))",
        1 + 1 + 1,
        "returned",
    ),
}

LIMITS = wasm.Limits(call_depth=10)


def trap() -> None:
    raise TrapError(TrapCause.UNREACHABLE)


def throw() -> None:
    raise WasmExceptionError(wasm.Tag(wasm.FunctionType()), [])


def imports() -> dict[tuple[str, str], wasm.HostFunction]:
    given: dict[str, Callable[[], None]] = {"nothing": lambda: None, "trap": trap, "throw": throw}
    kind = wasm.FunctionType()
    return {("h", name): wasm.HostFunction(kind, call) for name, call in given.items()}


def module(body: str) -> wasm.Module:
    return wasm.Module(
        assemble(
            f'(module {FIELDS} (func (export "f") {body}) (elem declare func $nothing $empty))'
        )
    )


def ending(outcome: wasm.Outcome) -> str:
    match outcome:
        case wasm.Trapped():
            return outcome.message
        case wasm.Threw():
            return "threw"
        case _:
            return "returned" if outcome == wasm.Returned([]) else "suspended"


@pytest.mark.parametrize("engine", wasm.ENGINES)
@pytest.mark.parametrize("case", CASES)
def test_fuel_of_a_call(case: str, engine: str) -> None:
    body, cost, expected = CASES[case]
    given: dict[str, Any] = {"imports": imports(), "engine": engine, "limits": LIMITS}
    code = module(body)
    whole = wasm.Instance(code, **given)
    outcome = whole.call("f")
    assert ending(outcome).startswith(expected)
    assert whole.fuel_spent == 1 + cost

    # Exactly that much is enough, and it is not lost by being spent in small pieces.
    enough = wasm.Instance(code, fuel=1 + cost, **given)
    assert ending(enough.call("f")) == ending(outcome)
    assert (enough.fuel, enough.fuel_spent) == (0, 1 + cost)

    pieces = wasm.Instance(code, fuel=0, **given)
    piece = pieces.call("f")
    while piece == wasm.Suspended():
        assert pieces.fuel_spent < 1 + cost
        pieces = wasm.Instance.thaw(code, pieces.freeze(), fuel=1, **given)
        piece = pieces.resume()
    assert ending(piece) == ending(outcome)
    assert pieces.fuel_spent == 1 + cost


def test_what_was_spent_before_a_trap_counts_for_later_calls() -> None:
    started = wasm.Instance(module("(call $unreachable)"), imports(), fuel=5)
    assert ending(started.call("f")) == "unreachable"
    assert (started.fuel, started.fuel_spent) == (2, 3)
    assert started.call("f") == wasm.Suspended()
    assert (started.fuel, started.fuel_spent) == (0, 5)
