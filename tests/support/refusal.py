"""Modules that must be refused, and how."""

from __future__ import annotations

import pytest

from refexec import wasm
from refexec.errors import InvalidModuleError, MalformedModuleError, ModuleError


def refused(data: bytes) -> ModuleError:
    with pytest.raises(ModuleError) as caught:
        wasm.Module(data)
    return caught.value


def assert_malformed(data: bytes, words: str = "") -> MalformedModuleError:
    error = refused(data)
    assert type(error) is MalformedModuleError, error
    assert words in str(error)
    assert error.offset is not None
    assert 0 <= error.offset <= len(data)
    return error


def assert_invalid(data: bytes) -> None:
    error = refused(data)
    assert type(error) is InvalidModuleError, error
