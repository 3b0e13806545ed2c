"""The fast engine equals the machine: hand-made programs, cut everywhere, at every limit."""

from __future__ import annotations

from typing import Any

import pytest

from assemble import assemble
from differential import ENGINES, compare, make, told
from random_programs import Program
from refexec import wasm
from refexec.errors import TrapError
from refexec.trap import TrapCause

_MANY_LOCALS = "(local i32)" * 300

CALLS = f"""
(module
  (memory 1) (global $g (mut i32) (i32.const 0)) (tag $e (param i32))
  (func $rec (export "rec") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 7))
      (else (i32.add
        (i32.mul (i32.const 3) (call $rec (i32.sub (local.get 0) (i32.const 1))))
        (local.get 0)))))
  (func $a (export "a") (param i32) (result i32)
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (if (i32.eqz (local.get 0)) (then (unreachable)))
    (i32.add (global.get $g) (call $b (i32.sub (local.get 0) (i32.const 1)))))
  (func $b (param i32) (result i32) (local v128) (call $a (local.get 0)))
  (func $inf (export "inf") (param i32) (result i32) (local i64 i64 i64 i64)
    (i32.add (call $inf (local.get 0)) (i32.const 1)))
  (func $big (export "big") (param i32) (result i32) {_MANY_LOCALS}
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
    (i32.add (call $big (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $self (export "self") (param i32 i64) (result i64) (local i32)
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call $self (i32.sub (local.get 0) (i32.const 1))
      (i64.add (local.get 1) (i64.extend_i32_u (local.get 0)))))
  (func $tail (export "tail") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (call $rec (i32.const 3)))))
    (return_call $tail2 (i32.sub (local.get 0) (i32.const 1))))
  (func $tail2 (param i32) (result i32) (return_call $tail (local.get 0)))
  (func $thrower (export "thrower") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 42))))
    (call $thrower (i32.sub (local.get 0) (i32.const 1))))
  (func $catcher (export "catcher") (param i32) (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (call $thrower (local.get 0)))))
  (func $outer (export "outer") (param i32) (result i32)
    (i32.add (call $catcher (local.get 0)) (call $rec (i32.const 4)))))
"""


def _module(text: str) -> wasm.Module:
    return wasm.Module(assemble(text))


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("rec", [30]),
        ("rec", [300]),
        ("a", [20]),
        ("self", [50, 5]),
        ("tail", [9]),
        ("thrower", [5]),
        ("catcher", [5]),
        ("outer", [6]),
    ],
)
def test_calls(name: str, args: list[int]) -> None:
    assert compare(_module(CALLS), name, args, samples=25) > 40


@pytest.mark.parametrize(
    ("name", "argument", "limits", "frames"),
    [
        ("inf", 1, wasm.Limits(call_depth=50), 50),
        ("inf", 1, wasm.Limits(call_depth=200, slots=333), 47),
        ("big", 100, wasm.Limits(call_depth=200, slots=20_000), 66),
        ("big", 10, wasm.Limits(call_depth=200, slots=20_000), None),
        ("a", 100, wasm.Limits(call_depth=40), 40),
        ("tail", 9, wasm.Limits(call_depth=5), None),
        ("outer", 60, wasm.Limits(call_depth=40), 40),
        ("rec", 39, wasm.Limits(call_depth=40), None),
        ("rec", 40, wasm.Limits(call_depth=40), 40),
    ],
)
def test_full_call_stack(name: str, argument: int, limits: wasm.Limits, frames: int | None) -> None:
    module = _module(CALLS)
    compare(module, name, [argument], samples=15, limits=limits)
    outcomes = []
    for engine in ENGINES:
        instance = make(module, engine, None, None, limits=limits)
        outcome = instance.call(name, argument)
        outcomes.append(told(instance, outcome))
        if frames is None:
            assert isinstance(outcome, wasm.Returned)
        else:
            assert isinstance(outcome, wasm.Trapped)
            assert outcome.cause is TrapCause.CALL_STACK_EXHAUSTED
            assert len(outcome.backtrace) == frames
            # With room made, it would go on: it stands before the call.
            assert instance.resume() == outcome
    assert outcomes[0] == outcomes[1]


HOST = """
(module
  (import "h" "f" (func $f (param i32) (result i32)))
  (import "h" "t" (func $t))
  (memory 1) (table 4 funcref) (elem (i32.const 0) $f $g)
  (type $s (func (param i32) (result i32)))
  (func $g (export "g") (param i32) (result i32)
    (i32.add (call $f (local.get 0)) (i32.load (i32.const 0))))
  (func $l (export "l") (param i32) (result i32) (local i32)
    (loop
      (local.set 1 (i32.add (local.get 1) (call $g (local.get 0))))
      (local.set 1 (i32.xor (local.get 1)
        (call_indirect (type $s) (local.get 0) (i32.and (local.get 0) (i32.const 1)))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "trap") (param i32) (result i32) (call $t) (i32.const 1)))
"""


def _host(mode: str) -> Any:
    """Imports whose function takes part in what is tried."""

    def imports() -> dict[tuple[str, str], Any]:
        calls = 0

        def called(x: int) -> int:
            nonlocal calls
            calls += 1
            if mode == "restart" and calls % 3 == 1:
                raise wasm.Restart
            return x * 7

        def trapping() -> None:
            raise TrapError(TrapCause.INTEGER_OVERFLOW)

        unary = wasm.FunctionType((wasm.I32,), (wasm.I32,))
        return {
            ("h", "f"): wasm.HostFunction(unary, called),
            ("h", "t"): wasm.HostFunction(wasm.FunctionType((), ()), trapping),
        }

    return imports


@pytest.mark.parametrize("mode", ["plain", "restart"])
def test_host_functions(mode: str) -> None:
    compare(_module(HOST), "l", [9], imports=_host(mode), samples=30)


def test_trap_of_a_host_function() -> None:
    compare(_module(HOST), "trap", [9], imports=_host("plain"))


@pytest.mark.parametrize("fuel", [None, 100, 165, 240])
def test_calls_from_the_host_are_nested(fuel: int | None) -> None:
    found = []
    for engine in ENGINES:
        holder: list[wasm.Instance] = []

        def called(x: int, holder: list[wasm.Instance] = holder) -> int:
            return int(holder[0].invoke("g", x - 2)[0]) if x % 5 == 2 and x > 2 else x * 7

        imports = _host("plain")()
        unary = wasm.FunctionType((wasm.I32,), (wasm.I32,))
        imports["h", "f"] = wasm.HostFunction(unary, called)
        instance = wasm.Instance(_module(HOST), imports, engine=engine, fuel=fuel)
        holder.append(instance)
        outcome = instance.call("l", 9)
        found.append(told(instance, outcome))
    assert found[0] == found[1]


@pytest.mark.parametrize("seed", range(12))
def test_random_programs(seed: int) -> None:
    program = Program(seed, 10 + 5 * seed)
    module = _module(program.text)
    compare(module, "run", program.arguments(), samples=5, seed=seed, most=20_000)


@pytest.mark.parametrize("seed", range(100, 110))
def test_random_programs_that_mostly_call(seed: int) -> None:
    program = Program(seed, 8, calls=0.3)
    module = _module(program.text)
    # Those that call themselves for ever are told at each stop, so that a deep stack takes minutes.
    limits = wasm.Limits(call_depth=300)
    arguments = program.arguments()
    compare(module, "run", arguments, samples=5, seed=seed, most=20_000, limits=limits)


def _of_comparisons() -> str:
    """Functions that compute with what comparisons give."""
    less = "(i32.lt_s (local.get 0) (local.get 1))"
    others = ["(i32.lt_u (local.get 0) (i32.const 5))", "(i32.eqz (local.get 1))"]
    others += [f"(i32.const {number})" for number in (0, 1, 32, -1)]
    values = [
        f"(i32.{name} {pair})"
        for name in ("or", "xor", "and", "add", "sub", "mul", "shl", "shr_u", "shr_s", "rotl")
        for other in others
        for pair in (f"{less} {other}", f"{other} {less}")
    ]
    values += [
        f"(i32.{name} {less})" for name in ("extend8_s", "extend16_s", "clz", "ctz", "popcnt")
    ]
    values += [f"(i32.and (local.get 1) {value})" for value in values]
    values += [
        f"(if (result i32) {value} (then (i32.const 7)) (else (i32.const 8)))" for value in values
    ]
    functions = (
        f'(func (export "{number}") (param i32 i32) (result i32) {value})'
        for number, value in enumerate(values)
    )
    return f"(module {' '.join(functions)})"


def test_what_comparisons_give_is_a_number() -> None:
    module = _module(_of_comparisons())
    reference, translated = (wasm.Instance(module, engine=engine) for engine in ENGINES)
    translated.translate()
    assert len(module.exports) == 500
    for item in module.exports:
        for pair in ((0, 0), (0, 1), (1, 0), (3, 2**31), (7, 2**31 - 1), (2**32 - 1, 255)):
            expected = reference.invoke(item.name, *pair, bits=True)
            found = translated.invoke(item.name, *pair, bits=True)
            assert (item.name, found) == (item.name, expected)
            assert {type(value) for value in found} == {int}


def test_a_tail_call_out_of_a_loop_that_was_entered_in_the_middle() -> None:
    module = _module(
        """(module (func $within (export "run") (param $n i32) (param $a i32) (result i32)
            (local $k i32)
            (loop $turn
              (local.set $k (i32.add (local.get $k) (i32.const 1)))
              (if (i32.lt_u (local.get $n) (i32.const 3))
                (then (return (i32.add (local.get $a) (local.get $k)))))
              (br_if $turn (i32.lt_u (local.get $k) (i32.const 3))))
            (return_call $within (i32.sub (local.get $n) (i32.const 1))
              (i32.sub (local.get $a) (local.get $k)))))"""
    )
    # The local that counts begins anew with each call, also with those after a thaw.
    compare(module, "run", [9, 1000], samples=300)


@pytest.mark.parametrize(
    "inner",
    [
        "(loop (block (local.set 1 (i32.add (local.get 1) (i32.const 3)))))",
        "(loop (local.set 1 (i32.add (local.get 1) (i32.const 3))))",
        "(local.get 1) (local.get 0) (loop (param i32 i32) (result i32) nop i32.add) drop",
        "(f64.const 1.5) (f64.const 3) (loop (param f64 f64) (result f64) (f64.max)) (drop)",
    ],
)
def test_loops_to_which_nothing_goes_back(inner: str) -> None:
    module = wasm.Module(
        assemble(
            f"""(module (func (export "run") (param i32) (result i32) (local i32)
              (loop $again {inner}
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
              (local.get 1)))"""
        )
    )
    compare(module, "run", [30], samples=10)
