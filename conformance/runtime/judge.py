"""Plays a case on a runtime and says what is right and wrong.

Each run of a case is judged by itself, as a command of a suite file is: it passes if what was
observed is one of the outcomes that the case allows.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from refexec_conformance.backend import BackendLostError
from refexec_conformance.runtime.backend import (
    CAPABILITIES,
    UNTOLD,
    Declined,
    End,
    LogReplayer,
    Offer,
    Runtime,
    Start,
)
from refexec_conformance.runtime.case import Case, Run
from refexec_conformance.runtime.changes import Recorded, observe_replays
from refexec_conformance.runtime.content import (
    format_bytes,
    packet_text,
    parse_bytes,
    shortened,
    stream_lines,
)
from refexec_conformance.runtime.inputlog import (
    LogFormatError,
    call_text,
    end_data,
    function_imports,
    read_log,
)
from refexec_conformance.runtime.stage import Event, ScriptedStage
from refexec_conformance.verdicts import FileResult, Finding, Verdict

from refexec.snapshot import Buffers
from refexec.trap import Result, trap_text

RUN_SECONDS = 60.0
"""How long a run may take."""

Observation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunFinding(Finding):
    """A run that a runtime did not pass. `line` is the number of the run, from 1."""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return f"{self.file}, run {self.line}"

    def __str__(self) -> str:
        return (
            f"{self.place}: {self.verdict}: {self.command}\n"
            f"    expected: {_indented(self.expected)}\n"
            f"    got:      {_indented(self.got)}"
        )


def _indented(text: str) -> str:
    return text.replace("\n", "\n              ")


@dataclass(slots=True)
class Played:
    """What one run of a case has come to on one runtime."""

    end: End | None
    """None if there was no run."""

    observed: Observation
    verdict: Verdict | None
    """What is to be said without looking at what was observed; None if it has to be compared."""

    message: str = ""


def needs_of(case: Case, number: int) -> frozenset[str]:
    """What a runtime must be able to do for a run of a case."""
    run = case.runs[number]
    needs = {action.do for action in run.actions} & {"suspend", "kill"}
    if any(action.do == "cancel" for action in run.actions):
        needs.add("suspend")
    needs.update(run.builtin)
    if run.fuel is not None:
        needs.add("exact fuel" if run.exact_fuel else "fuel")
    if number:
        needs.add("resume")
    if run.buffers is not None:
        needs.add("saved buffers")
    if run.record:
        needs.add("input log")
    if case.policy.call_depth is not None:
        needs.add("call depth")
    if case.policy.memory_pages is not None:
        needs.add("memory limit")
    return frozenset(needs)


def play_case(
    case: Case, runtime: Runtime, seconds: float = RUN_SECONDS, runs: int | None = None
) -> list[Played]:
    """Play the runs of a case, or the first ones, each from where the one before has stopped."""
    played: list[Played] = []
    state: bytes | None = None
    buffers = Buffers()
    for number, run in enumerate(case.runs[:runs]):
        missing = sorted(needs_of(case, number) - runtime.capabilities)
        if missing:
            about = f"it does not offer {missing[0]!r}: {CAPABILITIES[missing[0]]}"
            played.append(Played(None, {}, Verdict.UNSUPPORTED, about))
            continue
        before = played[-1].end if played else None
        if number and (before is None or before.state is None):
            blocked = before is not None or played[-1].verdict is not Verdict.UNSUPPORTED
            verdict = Verdict.BLOCKED if blocked else Verdict.UNSUPPORTED
            played.append(Played(None, {}, verdict, "the run before left nothing to go on with"))
            continue
        if before is not None:
            state, buffers = before.state, before.buffers or Buffers()
        played.append(_play(case, run, runtime, state, run.buffers or buffers, seconds))
    return played


def _play(
    case: Case,
    run: Run,
    runtime: Runtime,
    state: bytes | None,
    buffers: Buffers,
    seconds: float,
) -> Played:
    start = Start(
        module=case.program,
        entry=run.entry,
        policy=case.policy,
        fuel=run.fuel,
        services=tuple(
            Offer(service.name, service.streams, service.discoverable)
            for service in run.services.values()
        ),
        builtin=run.builtin,
        connections=run.connections,
        state=state,
        buffers=buffers,
        record=run.record,
    )
    stage = ScriptedStage(run)
    alarm = threading.Timer(seconds, stage.stop)
    alarm.daemon = True
    alarm.start()
    try:
        end = runtime.play(start, stage)
        observed = observe(run, end, stage, runtime.capabilities)
        if run.record and not stage.overdue:
            observe_log(observed, case, run, runtime, end, stage.text)
    except Declined as declined:
        return Played(None, {}, Verdict.UNSUPPORTED, str(declined))
    except BackendLostError as lost:
        return Played(None, {}, lost.verdict, str(lost))
    except Exception as error:
        return Played(None, {}, Verdict.ERROR, f"{type(error).__name__}: {error}")
    finally:
        alarm.cancel()
    if stage.overdue:
        return Played(None, observed, Verdict.TIMEOUT, f"no end after {seconds:.0f} seconds")
    return Played(end, observed, None, end.message)


# -- what was observed -----------------------------------------------------------------------------


def observe(run: Run, end: End, stage: ScriptedStage, capabilities: frozenset[str]) -> Observation:
    """What a case may say about a run, as it says it."""
    words = {"words": [end.message]} if run.words and "words" in capabilities else {}
    seen: Observation = {}
    if end.refused is not None:
        return {"refused": end.refused, **words}
    seen["trap"] = end.trap
    if end.result is not None:
        seen["result"] = end.result
    seen["debug"] = format_bytes(stage.text)
    if run.services:
        seen["transcript"] = [event_data(event) for event in stage.events]
    if end.buffers is not None:
        seen["buffers"] = {
            "services": [[item.name, format_bytes(item.buffer)] for item in end.buffers.services],
            "input": format_bytes(end.buffers.input),
            "output": format_bytes(end.buffers.output),
        }
    if run.connections:
        seen["connections"] = [format_bytes(data) for data in end.connections]
    if run.metered and end.fuel is not None:
        seen["fuel"] = end.fuel
    seen |= words
    for name in run.ignore:
        seen.pop(name, None)
    return seen


def observe_log(
    seen: Observation, case: Case, run: Run, runtime: Runtime, end: End, debug: bytes
) -> None:
    """Add what was recorded, and what comes of running it again."""
    if end.log is None:
        return
    try:
        log = read_log(end.log)
        imports = function_imports(case.program)
        told: dict[str, Any] = {"calls": [call_text(call, imports) for call in log.calls]}
        if (ending := end_data(log)) is not None:
            told["end"] = ending
    except LogFormatError as error:
        seen["log"] = {"malformed": str(error)}
        return
    if "log" not in run.ignore:
        seen["log"] = told
    if run.replays:
        replayer = cast(LogReplayer, runtime)
        seen["replays"], words = observe_replays(
            replayer, end.log, run.replays, Recorded(end, debug)
        )
        if "words" in seen:
            seen["words"] += words


def event_data(event: Event) -> dict[str, Any]:
    """An event as cases write it."""
    data: dict[str, Any] = {event.kind: event.service}
    if event.kind == "shutdown":
        data["suspend"] = event.suspend
    else:
        name = "snapshot" if event.kind == "create" else "bytes"
        data[name] = None if event.data is None else format_bytes(event.data)
    return data


def fits(expected: Mapping[str, Any], observed: Observation) -> bool:
    """Whether all that an outcome says was observed. What a runtime cannot tell is not compared."""
    optional = {"fuel", "words"}
    if observed.get("refused") == UNTOLD:
        return "refused" in expected
    return all(
        _same(value, observed[name]) if name in observed else name in optional
        for name, value in expected.items()
    )


def _same(expected: Any, observed: Any) -> bool:
    """Whether two values are the same, however their bytes are written."""
    if isinstance(expected, str) and isinstance(observed, str):
        return parse_bytes(expected) == parse_bytes(observed)
    if isinstance(expected, Mapping) and isinstance(observed, Mapping):
        return expected.keys() == observed.keys() and all(
            _same(expected[name], observed[name]) for name in expected
        )
    if isinstance(expected, list) and isinstance(observed, list):
        return len(expected) == len(observed) and all(map(_same, expected, observed))
    return bool(expected == observed)


# -- verdicts --------------------------------------------------------------------------------------


def judge_case(
    case: Case, runtime: Runtime, seconds: float = RUN_SECONDS, only: int | None = None
) -> FileResult:
    """Play a case and judge each of its runs; or only one, after those that prepare it."""
    begun = time.monotonic()
    counts: Counter[Verdict] = Counter()
    findings: list[Finding] = []
    runs = None if only is None else only + 1
    for number, played in enumerate(play_case(case, runtime, seconds, runs)):
        run = case.runs[number]
        if only not in (None, number):
            continue
        verdict = played.verdict
        if verdict is None:
            right = any(fits(outcome, played.observed) for outcome in run.expect)
            verdict = Verdict.PASS if right else Verdict.FAIL
        counts[verdict] += 1
        if verdict in (Verdict.PASS, Verdict.UNSUPPORTED):
            continue
        expected, got = side_by_side(run.expect, played)
        findings.append(
            RunFinding(
                file=case.name,
                line=number + 1,
                index=number,
                verdict=verdict,
                command=f"{case.title} (run {number + 1} of {len(case.runs)})",
                expected=expected,
                got=got,
                does=case.does,
                must=case.must,
            )
        )
    return FileResult(case.name, counts, tuple(findings), time.monotonic() - begun)


def side_by_side(expect: Sequence[Mapping[str, Any]], played: Played) -> tuple[str, str]:
    """What was expected and what came, in so far as they differ, packets decoded."""
    if not expect:
        return "nothing is written down", _told(played.observed, played.observed)
    # The outcome that is nearest to what came.
    nearest = max(
        expect,
        key=lambda outcome: sum(
            _same(value, played.observed.get(name)) for name, value in outcome.items()
        ),
    )
    if not played.observed:
        return _told(nearest, nearest), f"{played.verdict}: {played.message}"
    names = [
        name for name in nearest if not _same(nearest[name], played.observed.get(name))
    ] or list(nearest)
    others = f"\n(or one of {len(expect) - 1} other outcomes)" if len(expect) > 1 else ""
    told = f"\n({played.message})" if played.message else ""
    # How it ended says more than what is missing.
    instead = [name for name in ("refused", "trap", "result") if name not in nearest]
    shown = [name for name in (*instead, *names) if name in played.observed]
    return _told(nearest, names) + others, _told(played.observed, shown or names) + told


def _told(outcome: Mapping[str, Any], names: Sequence[str] | Mapping[str, Any]) -> str:
    return "\n".join(
        line
        for name in names
        for line in (_lines(name, outcome[name]) if name in outcome else [f"no {name}"])
    )


def _lines(name: str, value: Any) -> list[str]:
    """One observation for people."""
    match name:
        case "trap":
            return [f"trap {value}: {trap_text(value)}" if isinstance(value, int) else str(value)]
        case "result":
            return [f"result {value}: {Result(value)}"]
        case "debug":
            return [f"debug text {shortened(value)!r}"]
        case "transcript":
            return [f"services: {len(value)} events", *(f"  {_event_line(item)}" for item in value)]
        case "buffers":
            lines = [
                f"saved service {name!r}: {shortened(data)!r}" for name, data in value["services"]
            ]
            for side in ("input", "output"):
                packets = stream_lines(parse_bytes(value[side]))
                lines += [f"{side}: {'empty' if not packets else ''}".rstrip()]
                lines += [f"  {line}" for line in packets]
            return lines
        case "log":
            ends = [f"  {word} {told}" for word, told in value.get("end", {}).items()]
            faults = [f"  {value['malformed']}"] if "malformed" in value else []
            calls = value.get("calls", [])
            return [
                f"input log: {len(calls)} calls",
                *(f"  {call}" for call in calls),
                *ends,
                *faults,
            ]
        case "replays":
            return [f"replay {number}: {came}" for number, came in enumerate(value, 1)]
        case _:
            return [f"{name} {value}"]


def _event_line(item: Mapping[str, Any]) -> str:
    if "packet" in item:
        return f"{item['packet']} gets {packet_text(parse_bytes(item['bytes']))}"
    if "create" in item:
        saved = item["snapshot"]
        return f"{item['create']} begins" + (f" with {saved!r}" if saved is not None else "")
    return f"{item['shutdown']} ends{', saving its state' if item['suspend'] else ''}"
