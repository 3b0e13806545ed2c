"""Modules that somebody has validated already, whose functions are read when they are called."""

from __future__ import annotations

import pytest

from assemble import assemble
from refexec import wasm
from refexec.errors import InvalidModuleError, MalformedModuleError

WAT = """(module
  (type $pair (func (param i32) (result i32 i32)))
  (memory 1) (data $d "abcd") (table funcref (elem $double $twice))
  (func $double (export "double") (param i32) (result i32)
    (i32.add (local.get 0) (local.get 0)))
  (func $twice (type $pair) (local.get 0) (block (type $pair) (local.get 0)))
  (func (export "sum") (param i32) (result i32) (local i64 f32)
    (i32.add (call $twice (local.get 0))))
  (func (export "indirect") (param i32) (result i32)
    (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))
  (func (export "init") (memory.init $d (i32.const 1) (i32.const 0) (i32.const 4)))
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 7))))
  (func (export "trap") (unreachable)))"""


@pytest.mark.parametrize("engine", wasm.ENGINES)
def test_they_do_what_they_do_when_they_are_validated_first(engine: str) -> None:
    data = assemble(WAT)
    ends = []
    for proven in (False, True):
        instance = wasm.Instance(wasm.Module(data, proven=proven), engine=engine)
        outcomes = [
            instance.call("double", 21),
            instance.call("sum", 4),
            instance.call("indirect", 5),
            instance.call("deep", 50),
            instance.call("trap"),
            instance.call("init"),
            instance.call("deep", 20_000),
        ]
        ends.append(([str(o) for o in outcomes], instance.fuel_spent, instance.state_digest()))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("engine", wasm.ENGINES)
def test_a_suspended_call_goes_on_in_one(engine: str) -> None:
    data = assemble(WAT)
    first = wasm.Instance(wasm.Module(data), fuel=40)
    assert isinstance(first.call("deep", 50), wasm.Suspended)
    proven = wasm.Module(data, proven=True)
    second = wasm.Instance.thaw(proven, first.freeze(), engine=engine)
    assert second.resume() == wasm.Returned([7])


def test_functions_that_are_not_called_are_not_looked_at() -> None:
    wrong = bytearray(
        assemble('(module (func (export "good")) (func (export "bad") (drop (i32.const 0))))')
    )
    at = wrong.rindex(b"\x41\x00\x1a")
    wrong[at : at + 3] = b"\x1a\x41\x00"  # drop before anything is there
    with pytest.raises(InvalidModuleError):
        wasm.Module(bytes(wrong))
    instance = wasm.Instance(wasm.Module(bytes(wrong), proven=True))
    assert instance.call("good") == wasm.Returned([])
    with pytest.raises(InvalidModuleError):
        instance.call("bad")


def test_everything_else_is_still_checked() -> None:
    data = assemble(WAT)
    with pytest.raises(MalformedModuleError):
        wasm.Module(data[:-1], proven=True)
    code = wasm.Module(data, proven=True).valid.functions[0]
    with pytest.raises(AttributeError):
        code.other  # type: ignore[attr-defined]  # noqa: B018  # what is refused
    with pytest.raises(AttributeError):
        wasm.Module(data, proven=True).valid.syntax.codes[0].other  # type: ignore[attr-defined]  # noqa: B018
