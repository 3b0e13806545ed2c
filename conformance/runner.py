"""Carry out one script on one backend, and judge every command of it.

The rules:

* Modules are linked by name. Before a script begins that imports from `spectest`, the module of
  that name is registered: it is a plain module, so that a backend needs no host functions.
* `module` makes the latest instance, which later commands mean when they name none. Names and
  registrations live until the end of the script.
* A module whose bytes are not given is absent, and so is a command whose answer depends on what
  such a module would have done (`Script.dependent`).
* After a module that should have been instantiated and was not, commands that mean it are
  blocked: they are counted, and never as passed.
* Messages of traps are compared when the backend says that it speaks the suite's words. Messages
  about invalid, malformed and unlinkable modules are not compared: they are prose.
* Where outcomes may legitimately differ, and do, comparing ends: see `leniency`. From there on
  commands that mean an instance of the script so far, or one that is linked to it, are carried out
  and counted as incomparable; only that a backend breaks is still a verdict.
* What a backend declines it does not do, and may miss later: see `omission`.
* A command that takes longer than the deadline is interrupted if the backend can be.
* When the backend is lost, with all that lived in it, it starts anew at the next command, and what
  needs the lost instances is blocked. After `LOSSES` of that, the rest of the script is.

It looks at the backend through `refexec_conformance.backend` only.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from refexec_conformance.backend import (
    Backend,
    BackendLostError,
    Declined,
    Instantiated,
    Interrupted,
    Loaded,
    Meters,
    Outcome,
    Rejected,
    Returned,
    Stops,
    Threw,
    Trapped,
)
from refexec_conformance.leniency import Leniency, Oracle, imported_modules
from refexec_conformance.omission import Omission
from refexec_conformance.prose import what_it_does, what_must_happen
from refexec_conformance.script import Action, Command, Script
from refexec_conformance.verdicts import FileResult, Finding, Verdict
from refexec_conformance.wanted import any_of, match_all, same_words
from refexec_conformance.watchdog import Watchdog

from refexec.errors import InputError

COMMAND_SECONDS = 60.0
"""Deadline of one command. The slowest of the suite takes a few seconds on an interpreter."""

CUT_SECONDS = 900.0
"""The same when a command is cut everywhere: each cut may carry a deep stack along."""

LOSSES = 3
"""How often a backend may be lost in one script before the script is given up."""


@dataclass(frozen=True, slots=True)
class _Judgement:
    """A verdict with its grounds, before it is tied to a place."""

    verdict: Verdict
    expected: str = ""
    got: str = ""


_PASS = _Judgement(Verdict.PASS)


class _Blocked(Exception):
    """The instance or definition that a command means was never made."""


@dataclass(slots=True)
class _Names:
    """Instances or definitions of a script, by name; None stands for one that was not made."""

    what: str
    latest: Any = None
    named: dict[str, Any] = field(default_factory=dict)
    made: list[Any] = field(default_factory=list)

    def add(self, name: str | None, item: Any) -> None:
        self.latest = item
        if item is not None:
            self.made.append(item)
        if name is not None:
            self.named[name] = item

    def find(self, name: str | None) -> Any:
        item = self.latest if name is None else self.named.get(name)
        if item is None:
            raise _Blocked(f"{self.what} {name or '(latest)'} was not made")
        return item

    def forget(self) -> None:
        """Nothing of what was made is there any more."""
        self.latest = None
        self.named.clear()
        self.made.clear()


def run_script(
    script: Script,
    backend: Backend,
    spectest: bytes,
    *,
    seconds: float = COMMAND_SECONDS,
    on_command: Callable[[Command], None] | None = None,
    lenient: bool = True,
) -> FileResult:
    """Carry out a script.

    `spectest` is the assembled module of that name. `seconds` is the deadline of each command.
    `on_command` is told of each command before it begins. Without `lenient`, nothing excuses an
    unexpected outcome. No exception of the backend's leaves.
    """
    run = _Run(
        script,
        backend,
        _leniency(script, spectest) if lenient and script.lenient else None,
        _omission(script, spectest, seconds) if lenient else None,
    )
    counts: Counter[Verdict] = Counter()
    findings: list[Finding] = []
    begun = time.monotonic()
    run.begin(spectest)
    with Watchdog(backend, seconds) as watchdog:
        for command in script.commands:
            if on_command is not None:
                on_command(command)
            with watchdog.command():
                judgement = run.judge(command)
            judgement = run.settle(judgement, command)
            if script.only is not None and command.index != script.only:
                continue
            counts[judgement.verdict] += 1
            if judgement.verdict not in (Verdict.PASS, Verdict.ABSENT, Verdict.TEXT):
                findings.append(
                    script.finding(
                        script.name,
                        command.line,
                        command.index,
                        judgement.verdict,
                        str(command),
                        judgement.expected,
                        judgement.got,
                        what_it_does(command),
                        what_must_happen(command),
                    )
                )
    return FileResult(script.name, counts, tuple(findings), time.monotonic() - begun)


def _leniency(script: Script, spectest: bytes) -> Leniency:
    def run(shortened: Script, oracle: Backend) -> FileResult:
        return run_script(shortened, oracle, spectest, lenient=False)

    return Leniency(script, run)


def _omission(script: Script, spectest: bytes, seconds: float) -> Omission:
    def begin(oracle: Oracle) -> _Run:
        run = _Run(script, oracle)
        run.begin(spectest)
        return run

    return Omission(script.commands, begin, seconds)


class _Run:
    """One script on one backend."""

    def __init__(
        self,
        script: Script,
        backend: Backend,
        leniency: Leniency | None = None,
        omission: Omission | None = None,
    ) -> None:
        self._script = script
        self._backend = backend
        self._instances = _Names("instance")
        self._definitions = _Names("module definition")
        self._spectest = b""
        self._spectest_fault: str | None = None
        self._lost = False
        self._losses = 0
        self._registered: dict[str, Any] = {}
        self.outcome: Outcome | None = None
        """What the action of the last command came to; None if it had none, or broke."""
        self._leniency = leniency
        self._omission = omission
        self._declined: dict[int, int] = {}
        """The lines of the commands that were declined, by number."""
        self._parted: list[Any] = []
        """Instances that cannot be compared any more."""

    def begin(self, spectest: bytes) -> None:
        """Reset the backend and register `spectest`; a failure is reported by each command."""
        self._spectest = spectest
        self._lost = False
        try:
            self._backend.reset()
            if not _imports_spectest(self._script):
                return
            outcome = self._instantiate(spectest)
            if isinstance(outcome, Instantiated):
                self._backend.register(outcome.instance, "spectest")
            else:
                self._spectest_fault = f"the module spectest: {outcome}"
        except Exception as error:
            self._spectest_fault = f"the module spectest: {_error_text(error)}"

    def judge(self, command: Command) -> _Judgement:
        """Carry out one command. The verdict is about the backend, whatever it does."""
        self.outcome = None
        verdict = unjudged(self._script, command)
        if verdict is not None:
            self.leave_out(command)
            return _Judgement(verdict)
        if self._losses >= LOSSES:
            return _Judgement(Verdict.BLOCKED, "a backend that goes on", "it was lost too often")
        if self._lost:
            self._instances.forget()
            self._definitions.forget()
            self.begin(self._spectest)
        if self._spectest_fault is not None:
            return _Judgement(Verdict.ERROR, "a module to import from", self._spectest_fault)
        try:
            return _JUDGES[command.type](self, command)
        except _Blocked as reason:
            return _Judgement(Verdict.BLOCKED, "an instance to act on", str(reason))
        except BackendLostError as lost:
            self._lost = True
            self._losses += 1
            return _Judgement(lost.verdict, expectation(command), str(lost))
        except Exception as error:
            return _Judgement(Verdict.ERROR, expectation(command), _error_text(error))

    def settle(self, judgement: _Judgement, command: Command) -> _Judgement:
        """The judgement, if what it is about can be compared."""
        if judgement.verdict is Verdict.UNSUPPORTED:
            self._declined[command.index] = command.line
        if judgement.verdict not in (Verdict.PASS, Verdict.FAIL):
            return judgement
        if self._means_parted(command):
            return _Judgement(Verdict.INCOMPARABLE, judgement.expected, judgement.got)
        outcome = self.outcome
        if judgement.verdict is Verdict.PASS or outcome is None:
            return judgement
        why = None if self._leniency is None else self._leniency.excuse(command, outcome)
        if why is not None:
            self._parted += self._instances.made
        elif self._declined and self._omitted(command, outcome):
            why = f"as without {_lines(self._declined.values())} declined"
        if why is None:
            return judgement
        return _Judgement(Verdict.INCOMPARABLE, judgement.expected, f"{judgement.got} ({why})")

    def _omitted(self, command: Command, outcome: Outcome) -> bool:
        """Whether an outcome comes of what was declined."""
        omission = self._omission
        return omission is not None and omission.explains(command, outcome, self._declined)

    def _means_parted(self, command: Command) -> bool:
        """Tell whether a command acts on an instance that cannot be compared any more.

        A new instance that imports from one becomes such an instance.
        """
        if not self._parted:
            return False
        if command.action is not None:
            return _is_among(self._instances.find(command.action.module), self._parted)
        if command.type not in ("module", "module_instance"):
            return False
        made = self._instances.latest
        names = imported_modules(self._script, command)
        linked = any(_is_among(self._registered.get(name), self._parted) for name in names)
        if linked and made is not None:
            self._parted.append(made)
        return linked

    def leave_out(self, command: Command) -> None:
        """What the command would have made is not there."""
        if command.type == "module_definition":
            self._definitions.add(command.name, None)
        elif command.type in ("module", "module_instance") or _observes_module(command):
            self._instances.add(command.name, None)

    # -- steps that several commands share ---------------------------------------------------------

    def _bytes(self, command: Command) -> bytes:
        if command.module is None:
            raise InputError(f"the command in line {command.line} names no module")
        return self._script.modules[command.module]

    def _instantiate(self, data: bytes) -> Outcome:
        outcome = self._backend.load(data)
        if isinstance(outcome, Loaded):
            return self._backend.instantiate(outcome.module)
        return outcome

    def _act(self, command: Command) -> Outcome:
        action = command.action
        if action is None:
            raise InputError(f"the command in line {command.line} has no action")
        return self._perform(action)

    def _perform(self, action: Action) -> Outcome:
        instance = self._instances.find(action.module)
        if action.type == "get":
            self.outcome = self._backend.get(instance, action.field)
        else:
            self.outcome = self._backend.invoke(instance, action.field, action.args)
        return self.outcome

    # -- one method for each kind of command -------------------------------------------------------

    def _module(self, command: Command) -> _Judgement:
        self._instances.add(command.name, None)
        outcome = self._instantiate(self._bytes(command))
        if isinstance(outcome, Instantiated):
            self._instances.add(command.name, outcome.instance)
        return _expect(outcome, isinstance(outcome, Instantiated), command)

    def _module_definition(self, command: Command) -> _Judgement:
        self._definitions.add(command.name, None)
        outcome = self._backend.load(self._bytes(command))
        if isinstance(outcome, Loaded):
            self._definitions.add(command.name, outcome.module)
        return _expect(outcome, isinstance(outcome, Loaded), command)

    def _module_instance(self, command: Command) -> _Judgement:
        self._instances.add(command.name, None)
        outcome = self._backend.instantiate(self._definitions.find(command.module))
        if isinstance(outcome, Instantiated):
            self._instances.add(command.name, outcome.instance)
        return _expect(outcome, isinstance(outcome, Instantiated), command)

    def _register(self, command: Command) -> _Judgement:
        if command.registered_as is None:
            raise InputError(f"the command in line {command.line} registers under no name")
        instance = self._instances.find(command.name)
        self._registered[command.registered_as] = instance
        self._backend.register(instance, command.registered_as)
        return _PASS

    def _action(self, command: Command) -> _Judgement:
        outcome = self._act(command)
        return _expect(outcome, isinstance(outcome, Returned), command)

    def _assert_return(self, command: Command) -> _Judgement:
        outcome = self._act(command)
        fits = isinstance(outcome, Returned) and match_all(command.expected, outcome.values)
        return _expect(outcome, fits, command)

    def _assert_trap(self, command: Command) -> _Judgement:
        outcome = self._act(command)
        return _expect(outcome, self._is_trap(outcome, command), command)

    def _assert_exhaustion(self, command: Command) -> _Judgement:
        outcome = self._act(command)
        return _expect(outcome, isinstance(outcome, Trapped) and outcome.exhausted, command)

    def _assert_exception(self, command: Command) -> _Judgement:
        outcome = self._act(command)
        return _expect(outcome, isinstance(outcome, Threw), command)

    def _assert_fuel(self, command: Command) -> _Judgement:
        action = command.action
        assert action is not None
        if not isinstance(self._backend, Meters):
            return _expect(Declined("it does not tell what it charges"), False, command)
        instance = self._instances.find(action.module)
        outcome, fuel = self._backend.invoke_metered(instance, action.field, action.args)
        if not isinstance(outcome, Returned):
            return _expect(outcome, False, command)
        if fuel is None:
            return _expect(Declined("it does not tell what it charges"), False, command)
        if fuel >= int(command.text):
            return _PASS
        return _Judgement(Verdict.FAIL, expectation(command), f"{fuel:,} fuel")

    def _assert_outcome(self, command: Command) -> _Judgement:
        outcome, fuel = self._observe(command)
        self.outcome = outcome
        asked = any(wanted.fuel is not None for wanted in command.wanted)
        if asked and fuel is None and not isinstance(outcome, Interrupted | Declined):
            outcome = Declined("it does not tell what it charges")
        official = self._backend.official_trap_messages
        fits = any(wanted.fits(outcome, fuel, official=official) for wanted in command.wanted)
        judgement = _expect(outcome, fits, command)
        if judgement.verdict is Verdict.FAIL and asked:
            return _Judgement(Verdict.FAIL, judgement.expected, f"{outcome}, {fuel:,} fuel")
        return judgement

    def _observe(self, command: Command) -> tuple[Outcome, int | None]:
        """Carry out a command of which any outcome may be right."""
        action, backend = command.action, self._backend
        if action is None:
            self._instances.add(command.name, None)
            outcome = self._instantiate(self._bytes(command))
            if isinstance(outcome, Instantiated):
                self._instances.add(command.name, outcome.instance)
            return outcome, None
        instance = self._instances.find(action.module)
        if command.fuel is not None:
            if not isinstance(backend, Stops):
                return Declined("it does not stop calls"), None
            return backend.invoke_within(instance, action.field, action.args, command.fuel)
        if any(wanted.fuel is not None for wanted in command.wanted):
            if not isinstance(backend, Meters):
                return Declined("it does not tell what it charges"), None
            return backend.invoke_metered(instance, action.field, action.args)
        return self._perform(action), None

    def _assert_uninstantiable(self, command: Command) -> _Judgement:
        outcome = self._instantiate(self._bytes(command))
        return _expect(outcome, self._is_trap(outcome, command), command)

    def _assert_unlinkable(self, command: Command) -> _Judgement:
        outcome = self._instantiate(self._bytes(command))
        return _expect(outcome, _is_rejection(outcome, "unlinkable"), command)

    def _assert_invalid(self, command: Command) -> _Judgement:
        outcome = self._backend.load(self._bytes(command))
        return _expect(outcome, _is_rejection(outcome, "invalid"), command)

    def _assert_malformed(self, command: Command) -> _Judgement:
        outcome = self._backend.load(self._bytes(command))
        return _expect(outcome, _is_rejection(outcome, "malformed"), command)

    def _is_trap(self, outcome: Outcome, command: Command) -> bool:
        if not isinstance(outcome, Trapped) or outcome.exhausted:
            return False
        return not self._backend.official_trap_messages or same_words(command.text, outcome.message)


_JUDGES: dict[str, Callable[[_Run, Command], _Judgement]] = {
    "module": _Run._module,
    "module_definition": _Run._module_definition,
    "module_instance": _Run._module_instance,
    "register": _Run._register,
    "action": _Run._action,
    "assert_return": _Run._assert_return,
    "assert_trap": _Run._assert_trap,
    "assert_exhaustion": _Run._assert_exhaustion,
    "assert_exception": _Run._assert_exception,
    "assert_fuel": _Run._assert_fuel,
    "assert_outcome": _Run._assert_outcome,
    "assert_uninstantiable": _Run._assert_uninstantiable,
    "assert_unlinkable": _Run._assert_unlinkable,
    "assert_invalid": _Run._assert_invalid,
    "assert_malformed": _Run._assert_malformed,
}


def _expect(outcome: Outcome, fits: bool, command: Command) -> _Judgement:
    if fits:
        return _PASS
    if isinstance(outcome, Declined):
        verdict = Verdict.UNSUPPORTED
    elif isinstance(outcome, Interrupted):
        verdict = Verdict.TIMEOUT
    else:
        verdict = Verdict.FAIL
    return _Judgement(verdict, expectation(command), str(outcome))


def _imports_spectest(script: Script) -> bool:
    """Whether a module of the script may import from the module of that name."""
    return any(b"\x08spectest" in data for data in script.modules.values())


def _lines(numbers: Iterable[int]) -> str:
    """What these lines are called in a sentence, with the verb that goes with it."""
    match [str(number) for number in numbers]:
        case [line]:
            return f"line {line}, which was"
        case [*lines, last] if len(lines) < 3:
            return f"lines {', '.join(lines)} and {last}, which were"
        case [*lines]:
            return f"lines {', '.join(lines[:3])} and {len(lines) - 3} more, which were"


def _observes_module(command: Command) -> bool:
    """Whether it makes an instance, and any outcome may be right."""
    return command.type == "assert_outcome" and command.action is None


def unjudged(script: Script, command: Command) -> Verdict | None:
    """The verdict on a command that no backend is asked about; None if they are."""
    if command.module_is_text or command.type.endswith("_custom"):
        return Verdict.TEXT
    needs_bytes = command.module is not None and command.type != "module_instance"
    if needs_bytes and command.module not in script.modules:
        return Verdict.ABSENT
    return Verdict.ABSENT if command.line in script.dependent else None


def expectation(command: Command) -> str:
    """What the suite demands, for people."""
    match command.type:
        case "assert_return":
            return " ".join(map(str, command.expected)) if command.expected else "nothing"
        case "assert_trap" | "assert_uninstantiable" | "assert_exhaustion":
            return f"trap: {command.text}"
        case "assert_exception":
            return "uncaught exception"
        case "assert_fuel":
            return f"at least {command.text} fuel"
        case "assert_outcome":
            return any_of(command.wanted)
        case "assert_invalid" | "assert_malformed" | "assert_unlinkable":
            return f"{command.type.removeprefix('assert_')}: {command.text}"
        case "action":
            return "a normal return"
        case "module_definition":
            return "module accepted"
        case _:
            return "module instantiated"


def _is_rejection(outcome: Outcome, kind: str) -> bool:
    return isinstance(outcome, Rejected) and outcome.kind in (kind, None)


def _is_among(item: Any, items: Iterable[Any]) -> bool:
    """Whether it is one of the very objects, or an equal handle of a program's."""
    return item is not None and any(
        item is other or (isinstance(item, str) and item == other) for other in items
    )


def _error_text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
