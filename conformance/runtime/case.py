"""A case of the runtime suite as data: what its JSON file says.

The form is `schemas/runtime-case.schema.json`, with which the tests compare every case of the kit.
This module reads files of that form, and says in one line what is wrong with others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refexec_conformance.casefile import read_as, read_binary
from refexec_conformance.runtime.content import parse_bytes

from refexec.snapshot import Buffers, Service

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """How a program may run."""

    time_resolution: int = 1000
    """Nanoseconds."""

    debug: bool = True
    """Whether anybody listens to debug text."""

    call_depth: int | None = None
    """Most activations at a time; None: what the runtime allows."""

    memory_pages: int | None = None
    """Most pages of memory; None: what the runtime allows."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a scripted service does when something happens."""

    on: str
    """`start`, `packet`, or a domain: `call`, `info`, `flow`, `data`."""

    nth: int | None = None
    """Which packet of this service in this run, from 1; None: each."""

    reply: Data | None = None
    """The answer to the packet: `{"same": true}`, `{"content": ...}` or `{"packet": ...}`."""

    send: tuple[Data, ...] = ()
    """Packets offered afterwards, in order; each may say how many `times`."""

    fail: str | None = None
    """`program` or `service`: whom the service blames for an error."""

    abort: bool = False
    """Whether the service ends the process from outside of a call."""


@dataclass(frozen=True, slots=True)
class ScriptedService:
    """A service of a case."""

    name: str
    streams: bool = False
    discoverable: bool = True
    snapshot: bytes = b""
    """What it saves when its program is stopped."""

    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """What the host does to a running program."""

    do: str
    """`suspend`, `kill` or `cancel`."""

    moment: str
    """`start` (before the program is handed over), `serve` (before it is served), `debug`,
    `packet`."""

    text: bytes = b""
    """For `debug`: done when the debug log holds this."""

    service: str = ""
    count: int = 1
    """For `packet`: done when the service has got so many packets."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the program, from its start or resumption to its end."""

    entry: str = ""
    fuel: int | None = None
    actions: tuple[Action, ...] = ()
    services: Mapping[str, ScriptedService] = field(default_factory=dict)
    builtin: tuple[str, ...] = ()
    connections: tuple[bytes, ...] = ()
    """What each connection that the host offers to `origin` gives to the program."""

    buffers: Buffers | None = None
    """What is given in place of what the run before has left."""

    ignore: tuple[str, ...] = ()
    """Observations that are not compared, because they depend on chance."""

    metered: bool = False
    """Whether the fuel that was spent is compared."""

    record: bool = False
    """Whether it is recorded, and what is recorded compared."""

    replays: tuple[Data, ...] = ()
    """How the log is then run again; see `changes`."""

    words: bool = False
    """Whether what the runtime says about the end is compared."""

    exact_fuel: bool = False
    """Whether it matters that the program stops at the very instruction."""

    expect: tuple[Data, ...] = ()
    """The outcomes that are right, each with the observations that belong to it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the runtime suite."""

    name: str
    title: str
    does: str
    must: str
    rules: tuple[str, ...]
    """The rules that it tests, in the project's own words or by chapter."""

    scenarios: tuple[int, ...]
    """Numbers of the observable scenarios that it shows."""

    tags: tuple[str, ...]
    module: str
    """File name of its program, in the folder of the case."""

    policy: Policy
    runs: tuple[Run, ...]
    witness: tuple[Data, ...]
    """Why the expectations are believed."""

    data: dict[str, Any]
    """The JSON document."""

    folder: Path

    @property
    def program(self) -> bytes:
        """The binary of its program. Raises `InputError` if it is not there."""
        return read_binary(self.folder / self.module)

    @property
    def story(self) -> str:
        """What it does and what must happen, and by which rules, for people."""
        rules = "".join(f" Rule: {rule}" for rule in self.rules)
        shown = ", ".join(map(str, self.scenarios))
        return f"{self.title}. {self.does} {self.must}{rules}" + (
            f" Scenarios: {shown}." if shown else ""
        )


def read_case(path: Path, root: Path) -> Case:
    """Read a case; its name is its path below `root`. Raises `InputError`."""
    return read_as(case_of, path, root)


def case_of(data: dict[str, Any], name: str, folder: Path) -> Case:
    """Make a case of its JSON document."""
    services = _services(data)
    return Case(
        name=name,
        title=data["title"],
        does=data["does"],
        must=data["must"],
        rules=tuple(data.get("rules", ())),
        scenarios=tuple(data.get("scenarios", ())),
        tags=tuple(data["tags"]),
        module=data["module"],
        policy=Policy(**data.get("policy", {})),
        runs=tuple(_run(item, data, services) for item in data["runs"]),
        witness=tuple(data.get("witness", ())),
        data=data,
        folder=folder,
    )


def _services(data: Data) -> dict[str, ScriptedService]:
    return {name: _service(name, item) for name, item in data.get("services", {}).items()}


def _service(name: str, data: Data) -> ScriptedService:
    return ScriptedService(
        name=name,
        streams=data.get("streams", False),
        discoverable=data.get("discoverable", True),
        snapshot=parse_bytes(data.get("snapshot", "")),
        rules=tuple(
            Rule(
                on=rule["on"],
                nth=rule.get("nth"),
                reply=rule.get("reply"),
                send=tuple(rule.get("send", ())),
                fail=rule.get("fail"),
                abort=rule.get("abort", False),
            )
            for rule in data.get("rules", ())
        ),
    )


def _run(data: Data, case: Data, services: Mapping[str, ScriptedService]) -> Run:
    return Run(
        entry=data.get("entry", ""),
        fuel=data.get("fuel"),
        actions=tuple(map(_action, data.get("actions", ()))),
        services={
            name: service
            for name, service in {**services, **_services(data)}.items()
            if name not in data.get("without", ())
        },
        builtin=tuple(case.get("builtin", ())),
        connections=tuple(map(parse_bytes, data.get("connections", ()))),
        buffers=None if data.get("buffers") is None else buffers_from_json(data["buffers"]),
        ignore=tuple(data.get("ignore", ())),
        metered=data.get("metered", False),
        record=data.get("record", False),
        replays=tuple(data.get("replays", ())),
        words=data.get("words", False),
        exact_fuel=data.get("exact_fuel", False),
        expect=tuple(data.get("expect", ())),
    )


def _action(data: Data) -> Action:
    at = data["at"]
    if isinstance(at, str):
        return Action(data["do"], at)
    if "debug" in at:
        return Action(data["do"], "debug", text=parse_bytes(at["debug"]))
    return Action(data["do"], "packet", service=at["packet"], count=at.get("count", 1))


def buffers_from_json(data: Data) -> Buffers:
    """Read buffers as cases and the protocol write them."""
    return Buffers(
        [Service(name, parse_bytes(buffer)) for name, buffer in data.get("services", ())],
        parse_bytes(data.get("input", "")),
        parse_bytes(data.get("output", "")),
    )
