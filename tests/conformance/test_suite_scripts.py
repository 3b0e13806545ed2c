"""Reading scripts, in the JSON form that converters of the suite write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from refexec_conformance.script import parse_script
from refexec_conformance.values import Number

from refexec.errors import InputError


def parse(*commands: dict[str, Any]) -> Any:
    return parse_script("case", json.dumps({"commands": commands}).encode(), {}).commands


def test_a_module_is_found_by_its_file_name() -> None:
    (command,) = parse({"type": "module", "line": 3, "name": "M", "filename": "case.0.wasm"})
    assert (command.type, command.line, command.name, command.module) == (
        "module",
        3,
        "M",
        "case.0.wasm",
    )


def test_a_valid_module_quoted_as_text_counts_as_binary() -> None:
    quoted, malformed = parse(
        {
            "type": "module",
            "line": 1,
            "module_type": "text",
            "filename": "case.0.wat",
            "binary_filename": "case.0.wasm",
        },
        {"type": "assert_malformed", "line": 2, "module_type": "text", "filename": "case.1.wat"},
    )
    assert quoted.module == "case.0.wasm"
    assert not quoted.module_is_text
    assert malformed.module_is_text


def test_an_action_carries_its_arguments() -> None:
    (command,) = parse(
        {
            "type": "assert_return",
            "line": 9,
            "action": {
                "type": "invoke",
                "module": "M",
                "field": 'odd "name"\n',
                "args": [{"type": "i32", "value": "-1"}],
            },
            "expected": [{"type": "i32", "value": "1"}],
        }
    )
    assert command.action.args == (Number("i32", 0xFFFFFFFF),)
    assert str(command) == r'assert_return invoke M."odd \"name\"\n" (i32 -1)'
    assert command.expected[0].matches(Number("i32", 1))


def test_an_instance_of_a_definition_has_two_names() -> None:
    (command,) = parse({"type": "module_instance", "line": 1, "instance": "I", "module": "M"})
    assert (command.name, command.module) == ("I", "M")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"commands": [{"type": "wonder", "line": 1}]}',
        b'{"commands": [{"type": "module"}]}',
        b'{"commands": [{"type": "action", "line": 1, "action": {"type": "set", "field": "x"}}]}',
    ],
)
def test_what_is_no_script_is_one_clear_error(data: bytes) -> None:
    with pytest.raises(InputError):
        parse_script("case", data, {})
