"""Requests to a program on trial and its answers, one at a time, by either half of the protocol.

Everything that a program may do wrong on the line is a verdict here. What is asked, and what an
answer means, is in `command` for engines and in `runtime.command` for runtimes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from refexec_conformance.backend import BackendLostError
from refexec_conformance.lines import LINE_LIMIT, LineProcess, LineTooLongError
from refexec_conformance.messages import MessageError, parse_message
from refexec_conformance.verdicts import Verdict

from refexec.errors import UnavailableError

START_SECONDS = 60.0
"""How long a program may take until it has said what it is."""


class Conversation:
    """A program that can be asked, until it is lost; it may then be started anew."""

    def __init__(
        self, command: Sequence[str], kind: str, environment: Mapping[str, str] | None = None
    ) -> None:
        """`kind`: what to call it when it cannot be started."""
        self._command = command
        self._kind = kind
        self._environment = dict(environment or {})
        self._process: LineProcess | None = None
        self._overdue = False
        self.number = 0
        """Id of the next request."""

    @property
    def is_running(self) -> bool:
        """Whether the program is there to be asked."""
        return self._process is not None

    def start(self) -> None:
        """Start the program. Raises `UnavailableError` if that cannot be done."""
        self.number = 0
        self._overdue = False
        try:
            self._process = LineProcess(self._command, self._environment)
        except (OSError, ValueError, IndexError) as error:
            raise UnavailableError(
                f"the {self._kind} {' '.join(self._command)!r} cannot be started: {error}"
            ) from error

    def ask(
        self,
        request: Mapping[str, Any],
        seconds: float | None = None,
        number: int | None = None,
        about: str = "",
    ) -> dict[str, Any]:
        """Write a message and read one. Raises `BackendLostError`.

        `number` is that of a request that is not answered yet, `about` what errors begin with.
        """
        process = self._process
        if process is None:
            raise BackendLostError(Verdict.ERROR, "it is not running")
        if number is None:
            number, self.number = self.number, self.number + 1
        text = json.dumps({"id": number, **request}, separators=(",", ":"))
        try:
            line = process.ask(text.encode(), seconds)
            if line is None:
                if self._overdue:
                    raise TimeoutError
                raise self.lose(Verdict.CRASH, about=about)
            answer = parse_message(line)
        except TimeoutError as error:
            raise self.lose(Verdict.TIMEOUT, "no answer before the deadline", about) from error
        except LineTooLongError as error:
            raise self.lose(Verdict.ERROR, f"a line of over {LINE_LIMIT:,} bytes", about) from error
        except MessageError as error:
            raise self.lose(Verdict.ERROR, str(error), about) from error
        if answer.get("id") != number:
            told = answer.get("id")
            wrong = f"the answer has id {told!r:.40}, not {number}"
            raise self.lose(Verdict.ERROR, wrong, about)
        return answer

    def lose(
        self, verdict: Verdict, message: str | None = None, about: str = ""
    ) -> BackendLostError:
        """End the program, and say what is to be said: the message, or how it has ended by itself.

        `about` stands before that.
        """
        process, self._process = self._process, None
        assert process is not None
        if message is not None:
            process.kill()
        process.close()
        return BackendLostError(
            verdict, about + (process.obituary() if message is None else message)
        )

    def kill(self) -> None:
        """Kill the program, because it takes too long: it could ignore anything else."""
        process = self._process
        if process is not None:
            self._overdue = True
            process.kill()

    def close(self) -> str:
        """End the program. Gives how it took that, if not well."""
        process, self._process = self._process, None
        if process is None:
            return ""
        if not process.close():
            return "it goes on when its standard input has ended, and had to be killed"
        return process.obituary() if process.status != 0 else ""
