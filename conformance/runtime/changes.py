"""Replays of a case: what a recorded log is changed to, and what comes of running it again.

A replay is written as an object: the changes that are made to the log, one after the other, each
with right checks unless it is about damage, and the fuel to stop at. An empty object is the log as
it was recorded. With `every` there is a family of logs, each with one change at another place, and
what is observed is told in order, for places that are always as many with their number:
`refused*12, diverged*3, same`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from refexec_conformance.runtime.backend import End, LogReplayer, Replayed
from refexec_conformance.runtime.content import PREFIX, format_bytes, parse_bytes
from refexec_conformance.runtime.inputlog import (
    BEGIN,
    CALL,
    END,
    GREATEST,
    MAGIC,
    PART,
    PLACES,
    Log,
    change_fields,
    read_log,
    record_borders,
    write_log,
)

Data = Mapping[str, Any]

_HEADER = 12
"""Bytes of a file before its first record."""


def observe_replays(
    runtime: LogReplayer, log: bytes, specs: tuple[Data, ...], run: Recorded
) -> tuple[list[str | dict[str, Any]], list[str]]:
    """What comes of each replay of a case, as the case says it, and what the runtime says."""
    told: list[str | dict[str, Any]] = []
    words = []
    for spec in specs:
        if "every" in spec:
            told.append(_observe_family(runtime, log, spec, run))
            continue
        again = runtime.replay(changed(log, spec), spec.get("fuel"))
        told.append(_told(again, run))
        words.append(again.message)
    return told, words


class Recorded:
    """The run that was recorded, as far as a replay has to be the same."""

    def __init__(self, end: End, debug: bytes) -> None:
        self._end = end
        self._debug = debug

    def differences(self, again: Replayed) -> list[str]:
        """In what a replay to the end is not the same."""
        end = self._end
        text = again.debug
        # The host ends the last line.
        text += b"\n" if text and not text.endswith(b"\n") else b""
        pairs = {
            "trap": (end.trap, again.trap),
            "result": (end.result, again.result),
            "fuel": (end.fuel, again.fuel),
            "debug text": (self._debug, text),
            "state": (end.state, again.state),
        }
        return [name for name, (wanted, found) in pairs.items() if wanted != found]


def _observe_family(runtime: LogReplayer, log: bytes, spec: Data, run: Recorded) -> str:
    told = [_word(runtime.replay(data, spec.get("fuel")), run) for data in _family(log, spec)]
    groups = [(word, len(list(same))) for word, same in groupby(told)]
    # How long a file is depends on chance, how many bytes its calls have does not.
    counted = spec["every"] not in ("bit", "cut")
    return ", ".join(f"{word}*{count}" if counted and count > 1 else word for word, count in groups)


def _told(again: Replayed, run: Recorded) -> str | dict[str, Any]:
    word = _word(again, run)
    moved = {"sent": again.sent, "received": again.received}
    if word in ("refused", "diverged") or not any(moved.values()):
        return word if again.call is None else f"{word} at call {again.call}"
    at = {} if again.call is None else {"call": again.call}
    return {"came": word, **at, **{name: format_bytes(data) for name, data in moved.items()}}


def _word(again: Replayed, run: Recorded) -> str:
    if again.outcome != "ended":
        return again.outcome
    differences = run.differences(again)
    return f"other {' and '.join(differences)}" if differences else "same"


# -- one log ---------------------------------------------------------------------------------------


def changed(data: bytes, spec: Data) -> bytes:
    """The log that a replay is given."""
    magic = parse_bytes(spec["magic"]) if "magic" in spec else MAGIC
    written = write_log(_changed(read_log(data), spec), magic)
    for at in spec.get("flip", ()):
        written = _flip(written, at % len(written), 1)
    if "cut" in spec:
        written = written[: spec["cut"]]
    return written + parse_bytes(spec.get("more", ""))


def _changed(log: Log, spec: Data) -> Log:
    if "version" in spec:
        log = replace(log, version=spec["version"])
    for place in PLACES:
        if place in spec:
            log = change_fields(log, place, {name: _plain(v) for name, v in spec[place].items()})
    for index, call in spec.get("calls", {}).items():
        log = _with_call(log, int(index), parse_bytes(call))
    if "split" in spec:
        log = _split(log, spec["split"])
    if "records" in spec:
        log = replace(log, records=tuple(_record(log, item) for item in spec["records"]))
    return log


def _plain(value: Any) -> Any:
    """A field as plain data: JSON, with bytes as cases write them."""
    if isinstance(value, str) and value.startswith(PREFIX):
        return parse_bytes(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _with_call(log: Log, index: int, call: bytes) -> Log:
    calls = [*log.calls]
    calls[index] = call
    return _with_calls(log, [(CALL, data) for data in calls])


def _with_calls(log: Log, records: list[tuple[int, bytes]]) -> Log:
    begin = [record for record in log.records if record[0] == BEGIN]
    end = [record for record in log.records if record[0] == END]
    return replace(log, records=(*begin, *records, *end))


def _split(log: Log, size: int) -> Log:
    """Calls in pieces of a size."""
    records = []
    for call in log.calls:
        starts = range(0, len(call), size)
        records += [(CALL if at == starts[-1] else PART, call[at : at + size]) for at in starts]
    return _with_calls(log, records)


def _record(log: Log, item: Any) -> tuple[int, bytes]:
    """A record by its number, or one that is written out as kind and payload."""
    if isinstance(item, int):
        return log.records[item]
    kind, payload = item
    return kind, parse_bytes(payload)


# -- families --------------------------------------------------------------------------------------


def _family(data: bytes, spec: Data) -> Iterator[bytes]:
    """Logs with one change each, at one place after the other."""
    data = changed(data, {name: value for name, value in spec.items() if name != "every"})
    log = read_log(data)
    match spec["every"]:
        case "bit":
            # The lowest bit of each byte: what the checks are for.
            for at in range(len(data)):
                yield _flip(data, at, 1)
        case "cut":
            # Within the header, and before, within and behind the check of each record.
            yield from (data[:at] for at in range(_HEADER + 2))
            for border in record_borders(log):
                yield from (data[: border - less] for less in (12, 8, 7, 1, 0))
        case "bit of calls":
            for index, call in enumerate(log.calls):
                for at in range(len(call)):
                    for mask in (0x01, 0x80):
                        yield write_log(_with_call(log, index, _flip(call, at, mask)))
        case _:
            yield from map(write_log, _other_fields(log))


def _other_fields(log: Log) -> Iterator[Log]:
    """Each field missing, of other types, too small and too great; and one too many."""
    for place, (kind, inner) in PLACES.items():
        tree = log.plain(kind)
        fields = tree if tree is None or inner is None else tree[inner]
        if fields is None:
            continue
        yield change_fields(log, place, {"more": 0})
        for name, value in fields.items():
            yield change_fields(log, place, {}, (name,))
            yield change_fields(log, place, {name: 1.5})
            if name not in GREATEST[place]:
                continue
            greatest = GREATEST[place][name]
            for other in (None, True, -1, greatest, greatest + 1):
                # Plain data hold no longer ones.
                if other != value and (other is None or other.bit_length() <= 128):
                    yield change_fields(log, place, {name: other})


def _flip(data: bytes, at: int, mask: int) -> bytes:
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
