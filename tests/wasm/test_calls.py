"""Calls: values in and out, host functions, nesting, restarts, exceptions, errors of arguments."""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable
from typing import Any

import pytest

from assemble import assemble
from refexec import wasm
from refexec.errors import (
    ConfigError,
    InputError,
    LimitError,
    LinkError,
    OutOfFuelError,
    StateError,
    TrapError,
    WasmExceptionError,
)
from refexec.trap import TrapCause

I32, I64, F32, F64, V128 = wasm.I32, wasm.I64, wasm.F32, wasm.F64, wasm.V128


def module(text: str) -> wasm.Module:
    return wasm.Module(assemble(text))


def host(
    function: Callable[..., Any], params: tuple[Any, ...] = (), results: tuple[Any, ...] = ()
) -> wasm.HostFunction:
    return wasm.HostFunction(wasm.FunctionType(params, results), function)


# Gives back what it is given, of any type.
ECHO = """(module
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "v128") (param v128) (result v128) (local.get 0))
  (func (export "externref") (param externref) (result externref) (local.get 0))
  (func (export "anyref") (param anyref) (result anyref) (local.get 0))
  (func (export "funcref") (param funcref) (result funcref) (local.get 0))
  (func (export "i31ref") (param i31ref) (result i31ref) (local.get 0))
  (func (export "exnref") (param exnref) (result exnref) (local.get 0))
  (func (export "some") (param (ref extern)) (result (ref extern)) (local.get 0))
  (func $none (export "none"))
  (func (export "two") (result i32 i64) (i32.const -1) (i64.const -2)))"""


@pytest.fixture
def echo() -> wasm.Instance:
    return wasm.Instance(module(ECHO))


# -- values --------------------------------------------------------------------------------------


def test_numbers_are_signed_unless_they_are_bits(echo: wasm.Instance) -> None:
    for given in (-1, 2**32 - 1):
        assert echo.invoke("i32", given) == [-1]
        assert echo.invoke("i32", given, bits=True) == [2**32 - 1]
    for given in (-1, 2**64 - 1):
        assert echo.invoke("i64", given) == [-1]
        assert echo.invoke("i64", given, bits=True) == [2**64 - 1]
    assert echo.invoke("two") == [-1, -2]
    assert echo.invoke("two", bits=True) == [2**32 - 1, 2**64 - 2]
    assert echo.invoke("none") == []


def test_floats_pass_with_every_bit(echo: wasm.Instance) -> None:
    assert echo.invoke("f32", 0.1) == [struct.unpack("<f", struct.pack("<f", 0.1))[0]]
    assert echo.invoke("f32", 1e300) == [math.inf]
    assert echo.invoke("f64", 0.1) == [0.1]
    assert echo.invoke("f64", 3) == [3.0]
    assert math.isnan(echo.invoke("f32", math.nan)[0])
    for bits in (0x7FA00001, 0xFFFFFFFF, 0x80000000, 1):
        assert echo.invoke("f32", bits, bits=True) == [bits]
    for bits in (0x7FF4000000000001, 0xFFFFFFFFFFFFFFFF, 1 << 63, 1):
        assert echo.invoke("f64", bits, bits=True) == [bits]
    # A NaN that went out as a float comes in again with its payload.
    (nan,) = echo.invoke("f32", echo.invoke("f32", 0.0)[0] + math.nan)
    assert echo.call("f32", nan) != wasm.Returned([0.0])


def test_vectors_are_16_bytes(echo: wasm.Instance) -> None:
    data = bytes(range(16))
    for given in (data, bytearray(data), memoryview(data)):
        assert echo.invoke("v128", given) == [data]


def test_references_keep_their_identity(echo: wasm.Instance) -> None:
    thing = object()
    assert echo.invoke("externref", thing)[0] is thing
    assert echo.invoke("anyref", thing)[0] is thing
    assert echo.invoke("some", "text") == ["text"]
    for name in ("externref", "anyref", "funcref", "i31ref", "exnref"):
        assert echo.invoke(name, None) == [None]
    function = echo.exports["none"]
    (back,) = echo.invoke("funcref", function)
    assert back == function
    assert hash(back) == hash(function)
    assert back() == []
    assert repr(back) == "<function () -> ()>"
    # A function is an object like any other where it is not asked for as a function.
    assert echo.invoke("externref", function)[0] is function


WRONG: list[tuple[str, tuple[Any, ...], bool]] = [
    *[("i32", (2**32,), False), ("i32", (-(2**31) - 1,), False), ("i32", (1.5,), False)],
    *[("i32", ("1",), False), ("i32", (None,), False), ("i32", (2**32,), True)],
    *[("i64", (2**64,), False), ("i64", (-(2**63) - 1,), False)],
    *[("f32", ("1",), False), ("f64", (None,), False), ("f64", (10**400,), False)],
    *[("f32", (0.5,), True), ("f32", (2**32,), True), ("f64", (-1,), True), ("f64", (0.5,), True)],
    *[("v128", (b"short",), False), ("v128", (1,), False), ("v128", ("x" * 16,), False)],
    *[("funcref", (object(),), False), ("i31ref", (5,), False), ("exnref", ("x",), False)],
    *[("some", (None,), False), ("i32", (), False), ("i32", (1, 2), False), ("none", (1,), False)],
]


@pytest.mark.parametrize(("name", "args", "bits"), WRONG)
def test_arguments_that_do_not_fit(
    echo: wasm.Instance, name: str, args: tuple[Any, ...], bits: bool
) -> None:
    with pytest.raises(InputError, match="expected"):
        echo.call(name, *args, bits=bits)
    assert echo.fuel_spent == 0


def test_only_exported_functions_can_be_called() -> None:
    started = wasm.Instance(module('(module (memory (export "m") 1))'))
    for name in ("m", "f", ""):
        with pytest.raises(InputError, match="no function is exported"):
            started.call(name)


def test_opaque_references() -> None:
    text = """(module (type $s (struct)) (type $a (array i8)) (tag $e)
      (func (export "i31") (param i32) (result i31ref) (ref.i31 (local.get 0)))
      (func (export "struct") (result structref) (struct.new $s))
      (func (export "array") (result arrayref) (array.new_default $a (i32.const 3)))
      (func (export "extern") (result externref)
        (extern.convert_any (struct.new $s)))
      (func (export "exn") (result exnref)
        (block $h (result exnref) (try_table (catch_all_ref $h) (throw $e)) (unreachable)))
      (func (export "get") (param i31ref) (result i32) (i31.get_s (local.get 0)))
      (func (export "same") (param eqref eqref) (result i32)
        (ref.eq (local.get 0) (local.get 1))))"""
    started = wasm.Instance(module(text))
    seven, seven_again = started.invoke("i31", 7)[0], started.invoke("i31", 7)[0]
    assert seven == seven_again
    assert hash(seven) == hash(seven_again)
    assert seven != started.invoke("i31", 8)[0]
    assert repr(seven) == "<i31 7>"
    assert started.invoke("get", seven) == [7]
    kinds = {}
    for name in ("struct", "array", "extern", "exn"):
        (reference,) = started.invoke(name)
        assert isinstance(reference, wasm.Reference)
        kinds[name] = reference.kind
        assert repr(reference) == f"<{name} reference>"
        assert reference == wasm.Reference(reference.inner)
        assert reference != started.invoke(name)[0]
        assert reference != "something else"
        assert len({reference, wasm.Reference(reference.inner)}) == 1
    assert list(kinds) == list(kinds.values())
    (struct_,) = started.invoke("struct")
    assert started.invoke("same", struct_, struct_) == [1]
    with pytest.raises(InputError):
        started.call("get", struct_)


# -- outcomes ------------------------------------------------------------------------------------


def test_invoke_raises_what_call_tells() -> None:
    text = """(module (tag $e (param i32)) (func (export "trap") (unreachable))
      (func (export "throw") (throw $e (i32.const -3))) (func (export "loop") (loop (br 0)))
      (func $inner (unreachable)) (func (export "deep") (call $inner)))"""
    started = wasm.Instance(module(text), fuel=100)
    with pytest.raises(TrapError) as trapped:
        started.invoke("deep")
    assert trapped.value.cause is TrapCause.UNREACHABLE
    assert [frame.name for frame in trapped.value.backtrace] == ["inner", "deep"]
    assert "function 3 'inner' at 0x" in str(trapped.value.backtrace[0])
    with pytest.raises(WasmExceptionError) as thrown:
        started.invoke("throw")
    assert thrown.value.values == (-3,)
    assert len(thrown.value.backtrace) == 1
    with pytest.raises(OutOfFuelError):
        started.invoke("loop")
    assert started.backtrace()[0].name == "loop"
    with pytest.raises(StateError, match="another call is suspended"):
        started.invoke("trap")
    started.add_fuel(1000)
    started.interrupt()
    assert started.resume() == wasm.Suspended()
    assert started.suspended


def test_an_interrupted_invoke_can_be_resumed() -> None:
    started = wasm.Instance(module('(module (func (export "f")))'))
    started.interrupt()
    with pytest.raises(LimitError, match="interrupted"):
        started.invoke("f")
    assert started.resume() == wasm.Returned([])
    with pytest.raises(StateError, match="no call is suspended"):
        started.resume()
    assert started.backtrace() == ()


def test_settings_out_of_range() -> None:
    empty = module("(module)")
    with pytest.raises(ConfigError, match="unknown engine"):
        wasm.Instance(empty, engine="warp")
    with pytest.raises(ConfigError, match="fuel"):
        wasm.Instance(empty, fuel=-1)
    with pytest.raises(ConfigError, match="fuel"):
        wasm.Instance(empty, fuel=1).add_fuel(-1)
    with pytest.raises(ConfigError, match="those of its store"):
        wasm.Instance(empty, store=wasm.Store(), limits=wasm.Limits(slots=5))
    unlimited = wasm.Instance(empty)
    unlimited.add_fuel(5)
    assert unlimited.fuel is None
    limits = wasm.Limits(slots=7)
    assert wasm.Instance(empty, store=wasm.Store(limits), limits=limits).store.limits is limits


# -- functions of the host -----------------------------------------------------------------------


def test_host_functions_take_and_give_values() -> None:
    text = """(module
      (import "h" "f" (func $f (param i32 i64 f32 v128 externref) (result f64 i32)))
      (func (export "f") (param externref) (result f64 i32)
        (call $f (i32.const -1) (i64.const -2) (f32.const 1.5) (v128.const i64x2 1 0)
          (local.get 0))))"""
    given: list[Any] = []

    def function(*args: Any) -> tuple[int, int]:
        given.extend(args)
        return 2, 2**32 - 1

    made = host(function, (I32, I64, F32, V128, wasm.EXTERNREF), (F64, I32))
    started = wasm.Instance(module(text), {("h", "f"): made})
    assert started.invoke("f", "x") == [2.0, -1]
    assert given == [-1, -2, 1.5, b"\1" + bytes(15), "x"]


@pytest.mark.parametrize(
    ("results", "value", "expected"),
    [
        ((), None, []),
        ((), [], []),
        ((I32,), 7, [7]),
        ((I32,), [7], [7]),
        ((I32,), (7,), [7]),
        ((V128,), bytes(16), [bytes(16)]),
        ((wasm.EXTERNREF,), None, [None]),
        ((I32, I32), [1, 2], [1, 2]),
        ((I32,), None, None),
        ((I32,), "7", None),
        ((I32, I32), 7, None),
        ((I32, I32), [7], None),
        ((), 7, None),
        ((), [7], None),
    ],
)
def test_results_of_host_functions(
    results: tuple[Any, ...], value: Any, expected: list[Any] | None
) -> None:
    types = " ".join(map(str, results))
    text = f"""(module (import "h" "f" (func $f (result {types})))
      (func (export "f") (result {types}) (call $f)))"""
    started = wasm.Instance(module(text), {("h", "f"): host(lambda: value, (), results)})
    if expected is None:
        with pytest.raises(InputError, match="result"):
            started.invoke("f")
    else:
        assert started.invoke("f") == expected


CALLS = """(module (import "h" "f" (func $f (result i32))) (tag $e (export "e") (param i32))
  (func (export "call") (result i32) (i32.add (i32.const 1) (call $f)))
  (func (export "tail") (result i32) (return_call $f))
  (func (export "caught") (result i32)
    (block $h (result i32) (try_table (catch $e $h) (drop (call $f))) (i32.const -1)))
  (func $tail_caught (result i32)
    (block $h (try_table (catch_all $h) (return_call $f))) (i32.const -2))
  (func (export "tail caught") (result i32)
    (block $h (result i32) (try_table (catch $e $h) (drop (call $tail_caught))) (i32.const -1)))
  (export "reexported" (func $f)))"""


@pytest.mark.parametrize("name", ["call", "tail", "reexported"])
def test_traps_and_exceptions_of_host_functions(name: str) -> None:
    error: list[Exception] = [TrapError(TrapCause.DIVIDE_BY_ZERO)]

    def function() -> int:
        raise error[0]

    started = wasm.Instance(module(CALLS), {("h", "f"): host(function, (), (I32,))})
    outcome = started.call(name)
    assert isinstance(outcome, wasm.Trapped)
    assert outcome.cause is TrapCause.DIVIDE_BY_ZERO
    tag = started.exports["e"]
    error[0] = WasmExceptionError(tag, [-5])
    outcome = started.call(name)
    assert isinstance(outcome, wasm.Threw)
    assert outcome.tag == tag
    assert outcome.values == [-5]
    error[0] = ZeroDivisionError("mine")
    with pytest.raises(ZeroDivisionError, match="mine"):
        started.call(name)
    assert not started.suspended


def test_the_guest_catches_what_host_functions_throw() -> None:
    tag: list[Any] = []

    def function() -> int:
        raise WasmExceptionError(tag[0], [6])

    started = wasm.Instance(module(CALLS), {("h", "f"): host(function, (), (I32,))})
    tag.append(started.exports["e"])
    assert started.invoke("caught") == [6]
    # A tail call has left the handlers of its function.
    assert started.invoke("tail caught") == [6]
    tag[0] = wasm.Tag(wasm.FunctionType((I32,)))
    assert isinstance(started.call("caught"), wasm.Threw)
    tag[0] = wasm.Tag(wasm.FunctionType((I64, I64)))
    with pytest.raises(InputError, match="exception value"):
        started.call("caught")


def test_exceptions_of_the_host_count_towards_the_heap() -> None:
    tag = wasm.Tag(wasm.FunctionType((I32,)))

    def function() -> int:
        raise WasmExceptionError(tag, [6])

    imports = {("h", "f"): host(function, (), (I32,))}
    for name in ("call", "tail"):
        started = wasm.Instance(module(CALLS), imports, limits=wasm.Limits(gc_heap=39))
        outcome = started.call(name)
        assert isinstance(outcome, wasm.Trapped)
        assert outcome.cause is TrapCause.GC_HEAP_EXHAUSTED
        started = wasm.Instance(module(CALLS), imports, limits=wasm.Limits(gc_heap=40))
        assert isinstance(started.call(name), wasm.Threw)


@pytest.mark.parametrize("name", ["call", "tail", "reexported"])
def test_restart_makes_the_call_again(name: str) -> None:
    attempts: list[int] = []

    def function() -> int:
        attempts.append(1)
        if len(attempts) < 4:
            raise wasm.Restart
        return 40

    started = wasm.Instance(module(CALLS), {("h", "f"): host(function, (), (I32,))})
    outcome = started.call(name)
    fuel = started.fuel_spent
    for _ in range(2):
        assert outcome == wasm.Suspended()
        assert started.suspended
        # What is made again is paid once.
        assert started.fuel_spent == fuel
        outcome = started.resume()
    assert outcome == wasm.Suspended()
    assert started.resume() == wasm.Returned([41 if name == "call" else 40])
    straight = wasm.Instance(module(CALLS), {("h", "f"): host(lambda: 40, (), (I32,))})
    straight.call(name)
    assert started.fuel_spent == straight.fuel_spent


def test_a_start_function_of_the_host_can_restart() -> None:
    attempts: list[int] = []

    def function() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise wasm.Restart

    started = wasm.Instance(
        module('(module (import "h" "f" (func $f)) (start $f))'),
        {("h", "f"): host(function)},
        start=False,
    )
    assert started.start() == wasm.Suspended()
    assert started.resume() == wasm.Returned([])


NESTED = """(module (import "h" "f" (func $f (param i32) (result i32)))
  (func (export "call") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))))
      (else (i32.const 100))))
  (func (export "trap") (unreachable)))"""


def nested(function: Callable[[wasm.Instance, int], Any], **more: Any) -> wasm.Instance:
    made = host(lambda n: function(started, n), (I32,), (I32,))
    started = wasm.Instance(module(NESTED), {("h", "f"): made}, **more)
    return started


def test_nested_calls_are_charged_to_the_call_below() -> None:
    started = nested(lambda instance, n: instance.invoke("call", n)[0] + 1)
    assert started.invoke("call", 3) == [103]
    assert started.fuel_spent == 7 + 7 + 7 + 4
    # With little fuel the nested calls still come to their end; then the lowest one stops.
    short = nested(lambda instance, n: instance.invoke("call", n)[0] + 1, fuel=8)
    assert short.call("call", 3) == wasm.Returned([103])
    assert short.fuel == 0
    assert short.fuel_spent == started.fuel_spent


def test_a_trap_of_a_nested_call_traps_the_call_below() -> None:
    started = nested(lambda instance, n: instance.invoke("trap"))
    outcome = started.call("call", 1)
    assert isinstance(outcome, wasm.Trapped)
    assert outcome.cause is TrapCause.UNREACHABLE
    assert [frame.function for frame in outcome.backtrace] == [2, 1]


def test_a_nested_call_cannot_be_suspended() -> None:
    def function(instance: wasm.Instance, n: int) -> Any:
        if n == 0:
            raise wasm.Restart
        return instance.invoke("call", n)[0]

    started = nested(function)
    with pytest.raises(StateError, match="cannot be suspended"):
        started.call("call", 2)
    assert not started.suspended
    assert started.call("call", 0) == wasm.Returned([100])


def test_an_interrupt_during_a_nested_call_waits_for_its_end() -> None:
    def function(instance: wasm.Instance, n: int) -> Any:
        instance.interrupt()
        return instance.invoke("call", 0)[0]

    started = nested(function)
    outcome = started.call("call", 1)
    # Where it stops depends on the slice; that the nested call was whole does not.
    assert outcome in (wasm.Returned([100]), wasm.Suspended())
    if started.suspended:
        assert started.resume() == wasm.Returned([100])


def test_the_limit_of_pythons_own_stack_is_restored() -> None:
    before = sys.getrecursionlimit()
    started = nested(lambda instance, n: instance.invoke("call", n)[0])
    assert started.invoke("call", 60) == [100]
    assert sys.getrecursionlimit() == before


def test_references_to_functions_given_to_the_host() -> None:
    text = """(module (import "h" "f" (func $f (param funcref))) (elem declare func $own)
      (func $own (export "own")) (func (export "f") (call $f (ref.func $own))))"""
    given: list[Any] = []
    started = wasm.Instance(module(text), {("h", "f"): host(given.append, (wasm.FUNCREF,))})
    started.invoke("f")
    assert given == [started.exports["own"]]
    with pytest.raises(InputError, match="cannot be called from here"):
        given[0]()


# -- linking -------------------------------------------------------------------------------------


def test_missing_and_unfit_imports() -> None:
    text = module('(module (import "a" "b" (func (param i32))))')
    with pytest.raises(LinkError, match=r"unknown import 'a' 'b'"):
        wasm.Instance(text)
    with pytest.raises(LinkError, match="found int"):
        wasm.Instance(text, {("a", "b"): 5})
    with pytest.raises(LinkError, match=r"expected function \(i32\) -> \(\), found function"):
        wasm.Instance(text, {("a", "b"): host(lambda: None)})
    with pytest.raises(LinkError, match="found memory"):
        wasm.Instance(text, {("a", "b"): wasm.Memory(wasm.MemoryType(wasm.SizeLimits(1)))})


FITS = {
    "(memory 1 3)": [("(memory 1 3)", True), ("(memory 2 2)", True), ("(memory 1)", False)],
    "(memory 2)": [("(memory 1)", False), ("(memory i64 2)", False), ("(memory 2)", True)],
    "(table 1 3 funcref)": [("(table 2 3 funcref)", True), ("(table 1 4 funcref)", False)],
    "(table 1 anyref)": [("(table 1 eqref)", False), ("(table i64 1 anyref)", False)],
    "(global anyref)": [
        ("(global eqref (ref.null eq))", True),
        ("(global (mut anyref) (ref.null any))", False),
        ("(global externref (ref.null extern))", False),
    ],
    "(global (mut anyref))": [
        ("(global (mut anyref) (ref.null any))", True),
        ("(global (mut eqref) (ref.null eq))", False),
    ],
    "(tag (param i32))": [("(tag (param i32))", True), ("(tag)", False)],
    "(func (result i32))": [("(func (result i32) (i32.const 1))", True), ("(func)", False)],
}


def exporting(field: str) -> wasm.Module:
    kind, _, rest = field[1:-1].partition(" ")
    return module(f'(module ({kind} (export "x") {rest}))')


@pytest.mark.parametrize("wanted", FITS)
def test_exports_fit_imports_by_their_types(wanted: str) -> None:
    importer = module(f'(module (import "a" "x" {wanted}))')
    for offered, fits in FITS[wanted]:
        imports = {("a", "x"): wasm.Instance(exporting(offered)).exports["x"]}
        if fits:
            wasm.Instance(importer, imports)
        else:
            with pytest.raises(LinkError, match="incompatible import type"):
                wasm.Instance(importer, imports)


def test_sizes_grow_into_what_is_wanted() -> None:
    memory = wasm.Memory(wasm.MemoryType(wasm.SizeLimits(1, 5)))
    importer = module('(module (import "a" "m" (memory 2 5)))')
    with pytest.raises(LinkError):
        wasm.Instance(importer, {("a", "m"): memory})
    assert memory.grow(1)
    started = wasm.Instance(importer, {("a", "m"): memory})
    assert started.memory == memory


def test_instances_share_what_they_import() -> None:
    text = """(module (memory (export "m") 1) (global (export "g") (mut i32) (i32.const 1))
      (table (export "t") 2 funcref) (tag (export "e") (param i32))
      (func (export "throw") (throw 0 (i32.const 9)))
      (func (export "load") (result i32) (i32.load (i32.const 0))))"""
    store = wasm.Store()
    first = wasm.Instance(module(text), store=store)
    importing = """(module (import "a" "m" (memory 1)) (import "a" "g" (global $g (mut i32)))
      (import "a" "t" (table $t 1 funcref)) (import "a" "e" (tag $e (param i32)))
      (import "a" "throw" (func $throw)) (import "a" "load" (func $load (result i32)))
      (elem declare func $mine) (func $mine (result i32) (i32.const 77))
      (func (export "run") (result i32)
        (i32.store (i32.const 0) (i32.const 5)) (global.set $g (i32.const 6))
        (table.set $t (i32.const 0) (ref.func $mine))
        (i32.add (call $load) (block $h (result i32)
          (try_table (catch $e $h) (call $throw)) (i32.const 0)))))"""
    imports = {("a", name): export for name, export in first.exports.items()}
    second = wasm.Instance(module(importing), imports, store=store)
    assert second.invoke("run") == [14]
    assert first.invoke("load") == [5]
    exported = first.exports["g"]
    assert isinstance(exported, wasm.Global)
    assert exported.get() == 6
    table = first.exports["t"]
    assert isinstance(table, wasm.Table)
    assert table.get(0)() == [77]


def test_failed_instantiation_leaves_what_it_wrote() -> None:
    memory = wasm.Memory(wasm.MemoryType(wasm.SizeLimits(1)))
    text = """(module (import "a" "m" (memory 1)) (data (i32.const 0) "ok")
      (data (i32.const 65535) "no"))"""
    with pytest.raises(TrapError) as caught:
        wasm.Instance(module(text), {("a", "m"): memory})
    assert caught.value.cause is TrapCause.MEMORY_OUT_OF_BOUNDS
    assert memory.read(0, 2) == b"ok"
    text = "(module (table 1 funcref) (elem (i32.const 1) func $f) (func $f))"
    with pytest.raises(TrapError) as caught:
        wasm.Instance(module(text))
    assert caught.value.cause is TrapCause.TABLE_OUT_OF_BOUNDS


def test_backtraces_name_functions_of_all_modules_and_skip_constant_expressions() -> None:
    callee = wasm.Instance(module('(module (func $bottom (export "f") (unreachable)))'))
    caller = module('(module (import "a" "f" (func $f)) (func $top (export "f") (call $f)))')
    started = wasm.Instance(caller, {("a", "f"): callee.exports["f"]})
    outcome = started.call("f")
    assert isinstance(outcome, wasm.Trapped)
    assert [frame.name for frame in outcome.backtrace] == ["bottom", "top"]
    large = """(module (type $a (array i64))
      (global (ref $a) (array.new $a (i64.const 0) (i32.const -1))))"""
    with pytest.raises(TrapError) as caught:
        wasm.Instance(module(large))
    assert caught.value.cause is TrapCause.GC_HEAP_EXHAUSTED


def test_a_generous_recursion_limit_is_left_alone() -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(5000)
    try:
        assert wasm.Instance(module(ECHO)).invoke("none") == []
        assert sys.getrecursionlimit() == 5000
    finally:
        sys.setrecursionlimit(before)
