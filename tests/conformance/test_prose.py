"""Sentences about commands and areas, for the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from refexec_conformance.areas import OTHER, all_areas, area_of
from refexec_conformance.features import listed_files
from refexec_conformance.prose import what_it_does, what_must_happen

from suite_folder import write_suite

SCRIPT = """(module $m (func (export "f") (param i32) (result i32) (local.get 0))
  (func (export "g")) (global (export "c") i32 (i32.const 1)) (tag $t) (export "t" (tag $t)))
(register "other" $m)
(assert_return (invoke $m "f" (i32.const 1)) (i32.const 1))
(assert_return (get "c") (i32.const 1))
(assert_return (invoke "g"))
(invoke "g")
(assert_trap (invoke "g") "unreachable")
(assert_exhaustion (invoke "g") "call stack exhausted")
(assert_exception (invoke "g"))
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_malformed (module binary "") "unexpected end")
(assert_unlinkable (module (import "x" "y" (func))) "unknown import")
(module definition $d)
(module instance $i $d)
(assert_malformed (module quote "(") "unexpected token")"""

LATEST = "the latest instance"
LOADS = "Loads a module and instantiates it."
SENTENCES = [
    "Loads a module and instantiates it. It must succeed.",
    'Lets later modules import from an instance as "other". It must succeed.',
    'Calls the function "f" of the instance m with (i32 1). It must give (i32 1).',
    'Reads the global "c" of the latest instance. It must give (i32 1).',
    'Calls the function "g" of the latest instance. It must return, without results.',
    'Calls the function "g" of the latest instance. It must return.',
    'Calls the function "g" of the latest instance. It must trap: unreachable.',
    f'Calls the function "g" of {LATEST}. It must trap because the call stack is exhausted.',
    'Calls the function "g" of the latest instance. An exception must leave it uncaught.',
    "Loads a module. The module is invalid and must be refused: type mismatch.",
    "Loads a module. The bytes are no module and must be refused: unexpected end.",
    "Loads a module and instantiates it. It cannot be linked and must be refused: unknown import.",
    "Loads a module. It must succeed.",
    "Instantiates a module that was loaded before. It must succeed.",
]


def test_every_command_is_told_in_sentences(tmp_path: Path) -> None:
    commands = write_suite(tmp_path, case=SCRIPT).load("case").commands
    told = [f"{what_it_does(command)} {what_must_happen(command)}" for command in commands]
    assert told[:-1] == SENTENCES


@pytest.mark.parametrize("name", listed_files())
def test_every_file_of_the_suite_has_an_area(name: str) -> None:
    area = area_of(name)
    assert area.title != OTHER
    assert area.title in all_areas()
    assert area.about
    assert area.chapter


def test_what_is_not_listed_is_in_no_area() -> None:
    assert area_of("wonder").title == OTHER
    assert area_of("custom/name_annot").title == "binary format"
