"""Feature profiles: what lies outside is refused by the feature's name, what lies inside is not."""

from __future__ import annotations

import itertools

import pytest

from assemble import assemble
from refexec import wasm
from refexec.errors import ConfigError, InvalidModuleError, UnsupportedFeatureError
from refexec.interp.opcodes import OPCODES

NEEDS = {
    "mutable-globals": [
        '(module (import "m" "g" (global (mut i32))))',
        '(module (global (mut i32) (i32.const 0)) (export "g" (global 0)))',
        (
            '(module (import "m" "g" (global i32)) (global (mut i32) (i32.const 0))'
            ' (export "g" (global 1)))'
        ),
    ],
    "sign-extension": ["(module (func (drop (i32.extend8_s (i32.const 0)))))"],
    "saturating-float-to-int": ["(module (func (drop (i32.trunc_sat_f32_s (f32.const 0)))))"],
    "bulk-memory-opt": [
        "(module (memory 1) (func (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))))",
        "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))",
    ],
    "bulk-memory": [
        '(module (memory 1) (data "x"))',
        '(module (memory 1) (data "x") (func (data.drop 0)))',
        "(module (table 1 funcref) (elem func))",
        "(module (table 1 funcref) (func (table.copy (i32.const 0) (i32.const 0) (i32.const 0))))",
    ],
    "multi-value": [
        "(module (func (result i32 i32) unreachable))",
        "(module (func (i32.const 0) (block (param i32) drop)))",
        "(module (type (func (result i32 i32))) (func (block (type 0) unreachable) drop drop))",
    ],
    "reference-types": [
        "(module (func (param externref)))",
        "(module (func (local funcref)))",
        "(module (table 1 externref))",
        "(module (table 1 funcref) (table 1 funcref))",
        "(module (func (block (result funcref) unreachable) drop))",
        "(module (global funcref (ref.null func)))",
        "(module (func) (elem declare func 0))",
        "(module (table 1 funcref) (elem (i32.const 0) funcref (ref.null func)))",
        "(module (func (drop (select (result i32) (i32.const 0) (i32.const 0) (i32.const 0)))))",
        "(module (table 1 funcref) (func (drop (table.size 0))))",
    ],
    "simd": [
        "(module (func (param v128)))",
        "(module (func (drop (v128.const i32x4 0 0 0 0))))",
        "(module (func (block (result v128) unreachable) drop))",
    ],
    "relaxed-simd": [
        "(module (func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))))"
    ],
    "tail-call": ["(module (func (return_call 0)))"],
    "extended-const": ["(module (global i32 (i32.add (i32.const 1) (i32.const 2))))"],
    "multi-memory": ["(module (memory 1) (memory 1))"],
    "memory64": ["(module (memory i64 1))", "(module (table i64 1 funcref))"],
    "function-references": [
        "(module (func (param (ref func))))",
        "(module (type $t (func)) (func (param (ref null $t))))",
        "(module (type $t (func)) (func (call_ref $t (ref.null $t))))",
        '(module (func) (table 1 (ref func) (ref.func 0)) (export "f" (func 0)))',
    ],
    "gc": [
        "(module (type (struct)))",
        "(module (type (array i8)))",
        "(module (rec (type (func)) (type (func))))",
        "(module (type (sub (func))))",
        "(module (func (param anyref)))",
        "(module (global i32 (i32.const 0)) (global i32 (global.get 0)))",
    ],
    "exceptions": [
        "(module (tag))",
        '(module (import "m" "t" (tag)))',
        "(module (func (param exnref)))",
        "(module (func (try_table)))",
    ],
    "custom-page-sizes": ["(module (memory 1 (pagesize 1)))"],
    "wide-arithmetic": [
        "(module (func (param i64 i64) (drop (i64.mul_wide_u (local.get 0) (local.get 1))) drop))"
    ],
}
CASES = [(feature, text) for feature, texts in NEEDS.items() for text in texts]


@pytest.mark.parametrize(("feature", "text"), CASES)
def test_module_is_refused_without_its_feature_and_taken_with_it(feature: str, text: str) -> None:
    data = assemble(text)
    everything = wasm.PROFILES["all"]
    wasm.Module(data, features=everything)
    with pytest.raises(UnsupportedFeatureError, match=feature) as caught:
        wasm.Module(data, features=everything - {feature})
    assert caught.value.feature == feature


def test_every_feature_of_a_profile_is_tried() -> None:
    assert set(NEEDS) | {"mvp"} == wasm.PROFILES["all"]
    assert {opcode.feature for opcode in OPCODES.values()} <= wasm.PROFILES["all"]


def test_profiles_grow() -> None:
    names = ("mvp", "wasm1", "gate", "wasm2", "wasm3", "all")
    profiles = [wasm.PROFILES[name] for name in names]
    assert all(small < large for small, large in itertools.pairwise(profiles))


@pytest.mark.parametrize("profile", wasm.PROFILES)
def test_every_profile_takes_a_module_of_the_first_release(profile: str) -> None:
    text = """(module (memory 1) (table 1 funcref) (global i32 (i32.const 1))
      (func $f (param i32) (result i32)
        (block (result i32) (if (result i32) (local.get 0)
          (then (call $f (i32.const 0))) (else (i32.load (i32.const 0))))))
      (elem (i32.const 0) $f) (data (i32.const 0) "x") (export "f" (func $f)))"""
    wasm.Module(assemble(text), features=profile)


@pytest.mark.parametrize("choice", ["wasm9", ["simd", "time-travel"]])
def test_unknown_names_are_refused(choice: str | list[str]) -> None:
    with pytest.raises(ConfigError, match="unknown feature"):
        wasm.Module(b"\0asm\1\0\0\0", features=choice)


def test_gate_takes_filling_and_copying_but_not_the_rest_of_bulk_memory() -> None:
    wasm.Module(assemble(NEEDS["bulk-memory-opt"][0]), features="gate")
    with pytest.raises(UnsupportedFeatureError, match="bulk-memory"):
        wasm.Module(assemble(NEEDS["bulk-memory"][0]), features="gate")


def test_an_invalid_module_is_invalid_in_any_profile() -> None:
    data = assemble("(module (func (result i32)))")
    for profile in wasm.PROFILES:
        with pytest.raises(InvalidModuleError):
            wasm.Module(data, features=profile)


def test_the_error_says_where() -> None:
    data = assemble("(module (func nop (drop (i32.extend8_s (i32.const 0)))))")
    with pytest.raises(UnsupportedFeatureError) as caught:
        wasm.Module(data, features="wasm1")
    assert caught.value.where == "function 0"
    assert data[caught.value.offset or 0] == 0xC0
