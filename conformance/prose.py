"""What a command of a script does and what must happen, in sentences for people."""

from __future__ import annotations

import json

from refexec_conformance.script import Action, Command
from refexec_conformance.wanted import any_of


def what_it_does(command: Command) -> str:
    """A sentence about what the command does."""
    match command.type:
        case "module" | "assert_uninstantiable" | "assert_unlinkable":
            return "Loads a module and instantiates it."
        case "module_definition" | "assert_invalid" | "assert_malformed":
            return "Loads a module."
        case "module_instance":
            return "Instantiates a module that was loaded before."
        case "register":
            return f"Lets later modules import from an instance as {_quoted(command)}."
        case _ if command.action is not None:
            limit = "" if command.fuel is None else f" It may spend {command.fuel:,} fuel."
            return _acts(command.action) + limit
        case "assert_outcome":
            return "Loads a module and instantiates it."
        case _:
            return "Reads the text of a module."


def _quoted(command: Command) -> str:
    return json.dumps(command.registered_as)


def _acts(action: Action) -> str:
    name = json.dumps(action.field)
    whose = "the latest instance" if action.module is None else f"the instance {action.module}"
    if action.type == "get":
        return f"Reads the global {name} of {whose}."
    given = f" with {' '.join(map(str, action.args))}" if action.args else ""
    return f"Calls the function {name} of {whose}{given}."


def what_must_happen(command: Command) -> str:
    """A sentence about what must come of it."""
    match command.type:
        case "assert_return" if command.expected:
            return f"It must give {' '.join(map(str, command.expected))}."
        case "assert_return":
            return "It must return, without results."
        case "action":
            return "It must return."
        case "assert_trap" | "assert_uninstantiable":
            return f"It must trap: {command.text}."
        case "assert_exhaustion":
            return "It must trap because the call stack is exhausted."
        case "assert_fuel":
            return f"It must be charged at least {command.text} fuel."
        case "assert_outcome":
            return f"It must come to this: {any_of(command.wanted)}."
        case "assert_exception":
            return "An exception must leave it uncaught."
        case "assert_invalid":
            return f"The module is invalid and must be refused: {command.text}."
        case "assert_malformed":
            return f"The bytes are no module and must be refused: {command.text}."
        case "assert_unlinkable":
            return f"It cannot be linked and must be refused: {command.text}."
        case _:
            return "It must succeed."
