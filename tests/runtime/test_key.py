"""Process keys: identity, order, and how they travel in a context."""

from __future__ import annotations

import pytest

from refexec.context import background
from refexec.errors import StateError
from refexec.runtime.key import (
    ProcessKey,
    context_with_dummy_process_key,
    must_context_process_key,
    with_process_key,
)


def test_s040_keys_are_distinct_and_totally_ordered() -> None:
    keys = [ProcessKey() for _ in range(20)]
    assert len(set(keys)) == 20
    assert sorted([*keys[10:], *keys[:10]]) == keys
    for a in keys:
        assert a.compare(a) == 0
        for b in keys:
            assert a.compare(b) == -b.compare(a)
            assert (a.compare(b) < 0) == (a < b)
            assert (a == b) == (a is b)
            assert (a >= b) == (not a < b)


def test_a_key_is_not_comparable_with_anything_else() -> None:
    with pytest.raises(TypeError):
        assert ProcessKey() < 1  # type: ignore[operator]  # that is the point
    assert ProcessKey() != 1


def test_s069_without_a_process_there_is_no_key() -> None:
    with pytest.raises(StateError, match="context carries no process key"):
        must_context_process_key(background())


def test_a_dummy_key_stays_the_same_in_its_context() -> None:
    ctx = context_with_dummy_process_key(background())
    other = context_with_dummy_process_key(background())
    key = must_context_process_key(ctx)
    assert must_context_process_key(ctx.with_value("x", 1)) == key
    assert must_context_process_key(other) != key
    assert repr(key).startswith("<ProcessKey ")


def test_the_innermost_key_counts() -> None:
    key = ProcessKey()
    ctx = with_process_key(context_with_dummy_process_key(background()), key)
    assert must_context_process_key(ctx) is key
