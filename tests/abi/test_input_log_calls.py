"""One call in an input log: its bytes, to the letter, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refexec.abi.inputlog.calls import (
    CHECK_SIZE,
    MAX_ARGUMENTS,
    MAX_TEXT,
    Call,
    Effect,
    EffectKind,
    Outcome,
    OutcomeKind,
    check_of,
    decode_call,
    encode_effect,
    encode_head,
    encode_outcome,
    varint,
)
from refexec.errors import InputLogError

CHECK = check_of(b"hello")

WORDS = st.integers(0, 2**64 - 1)


def encode(call: Call) -> bytes:
    return (
        encode_head(call.function, call.fuel, call.arguments)
        + b"".join(encode_effect(e.kind, e.address, e.size, e.data) for e in call.effects)
        + encode_outcome(call.outcome)
    )


@st.composite
def effects(draw: st.DrawFn) -> Effect:
    kind = draw(st.sampled_from(EffectKind))
    address = 0 if kind is EffectKind.SENT_ARGUMENT else draw(WORDS)
    if kind in (EffectKind.SENT, EffectKind.LOGGED):
        return Effect(kind, address, draw(WORDS), draw(st.binary(min_size=8, max_size=8)))
    data = draw(st.binary(max_size=300))
    return Effect(kind, address, len(data), data)


OUTCOMES = st.one_of(
    st.lists(WORDS, max_size=2).map(lambda v: Outcome(OutcomeKind.RETURNED, tuple(v))),
    st.text(max_size=30).map(lambda t: Outcome(OutcomeKind.TRAPPED, text=t)),
    st.text(max_size=30).map(lambda t: Outcome(OutcomeKind.DEFICIENT, text=t)),
    st.just(Outcome(OutcomeKind.SUSPENDED)),
    WORDS.map(lambda v: Outcome(OutcomeKind.EXITED, (v,))),
)
CALLS = st.builds(
    Call,
    WORDS,
    WORDS,
    st.lists(WORDS, max_size=MAX_ARGUMENTS).map(tuple),
    st.lists(effects(), max_size=5).map(tuple),
    OUTCOMES,
)


def test_the_bytes_of_a_call() -> None:
    call = Call(
        function=3,
        fuel=300,
        arguments=(1, 0xFFFF_FFFF),
        effects=(
            Effect(EffectKind.SENT, 16, 5, CHECK),
            Effect(EffectKind.RECEIVED, 1000, 2, b"ab"),
            Effect(EffectKind.SENT_ARGUMENT, 0, 1, b"x"),
            Effect(EffectKind.WROTE, 0, 1, b"\0"),
            Effect(EffectKind.LOGGED, 200, 5, CHECK),
        ),
        outcome=Outcome(OutcomeKind.RETURNED, (6,)),
    )
    assert CHECK.hex() == "2cf24dba5fb0a30e"
    assert encode(call).hex(" ") == (
        "03 ac 02 02 01 ff ff ff ff 0f"
        " 03 10 05 2c f2 4d ba 5f b0 a3 0e"
        " 02 e8 07 02 61 62"
        " 04 01 78"
        " 01 00 01 00"
        " 05 c8 01 05 2c f2 4d ba 5f b0 a3 0e"
        " 10 01 06"
    )
    assert decode_call(encode(call)) == call


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome(OutcomeKind.RETURNED), "10 00"),
        (
            Outcome(OutcomeKind.TRAPPED, text="unreachable"),
            "11 0b 75 6e 72 65 61 63 68 61 62 6c 65",
        ),
        (Outcome(OutcomeKind.SUSPENDED), "12"),
        (Outcome(OutcomeKind.DEFICIENT, text="é"), "13 02 c3 a9"),
        (Outcome(OutcomeKind.EXITED, (2,)), "14 02"),
    ],
)
def test_the_bytes_of_an_outcome(outcome: Outcome, expected: str) -> None:
    assert encode_outcome(outcome).hex(" ") == expected


@given(CALLS)
def test_a_call_survives(call: Call) -> None:
    assert decode_call(encode(call)) == call


@given(CALLS, st.data())
def test_what_is_cut_or_changed_is_refused_or_is_another_call(
    call: Call, data: st.DataObject
) -> None:
    good = encode(call)
    cut = data.draw(st.integers(0, len(good) - 1))
    with pytest.raises(InputLogError, match=r"is cut short|has"):
        decode_call(good[:cut])
    bad = bytearray(good)
    bad[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        other = decode_call(bytes(bad))
    except InputLogError:
        return
    # One call, one encoding.
    assert other != call
    assert encode(other) == bad


@given(st.binary(max_size=100))
def test_any_bytes_are_a_call_or_are_refused(data: bytes) -> None:
    try:
        call = decode_call(data)
    except InputLogError:
        return
    assert encode(call) == data


HEAD = encode_head(0, 0, ())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is cut short at byte 0"),
        (b"\x80\0" + HEAD, "has a number that is too long at byte 2"),
        (b"\xff" * 9 + b"\x02" + HEAD, "has a number that is too long at byte 10"),
        (b"\xff" * 30, "has a number that is too long"),
        (b"\0\0" + varint(MAX_ARGUMENTS + 1), "has 17 arguments or results"),
        (HEAD, "is cut short at byte 3"),
        (HEAD + b"\x06", "has an unknown item 0x06 at byte 4"),
        (HEAD + b"\x01\0\xff\xff\xff\xff\x7fabc", "is cut short"),
        (HEAD + b"\x12\0", "goes on after its end at byte 4"),
        (HEAD + b"\x11\x01\xff", "has a text that is not UTF-8"),
        (HEAD + b"\x11" + varint(MAX_TEXT + 1), "has a text of 4097 bytes"),
    ],
)
def test_faults_are_told_with_their_place(data: bytes, message: str) -> None:
    with pytest.raises(InputLogError) as caught:
        decode_call(data)
    assert message in str(caught.value)


def test_a_text_that_is_too_long_is_cut_between_characters() -> None:
    encoded = encode_outcome(Outcome(OutcomeKind.DEFICIENT, text="ä" * MAX_TEXT + "x"))
    outcome = decode_call(HEAD + encoded).outcome
    assert outcome.text == "ä" * (MAX_TEXT // 2)


def test_a_check_is_the_beginning_of_a_sha256() -> None:
    assert len(check_of(b"")) == CHECK_SIZE
    assert check_of(b"").hex() == "e3b0c44298fc1c14"
