"""The public surface as a whole: every name is there once, and is what its documents say."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import re
import textwrap
from pathlib import Path

import pytest

import refexec

ROOT = Path(__file__).parent.parent
FRONT_DOOR = Path(inspect.getfile(refexec))


def promised() -> dict[str, str]:
    """Names that type checkers see, and the module that each is imported from."""
    tree = ast.parse(FRONT_DOOR.read_text())
    block = next(
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    names: dict[str, str] = {}
    for statement in block.body:
        assert isinstance(statement, ast.ImportFrom)
        for alias in statement.names:
            assert alias.asname == alias.name, "without `as` it is not public to type checkers"
            assert alias.name not in names, "promised twice"
            assert statement.module is not None
            names[alias.name] = statement.module
    return names


def test_type_checkers_and_the_interpreter_see_the_same_names() -> None:
    own = {"annotations", "importlib", "Any", "TYPE_CHECKING"}
    names = {name for name in dir(refexec) if not name.startswith("_")} - own
    assert names >= set(promised())
    # Rooms that are not public become attributes when something imports them.
    for name in names - set(promised()):
        assert inspect.ismodule(getattr(refexec, name)), f"{name} is hidden from type checkers"


@pytest.mark.parametrize(("name", "home"), promised().items())
def test_a_public_name_is_that_of_its_room(name: str, home: str) -> None:
    if home == "refexec":
        assert getattr(refexec, name) is importlib.import_module(f"refexec.{name}")
    else:
        assert getattr(refexec, name) is getattr(importlib.import_module(home), name)


@pytest.mark.parametrize("name", promised())
def test_a_public_name_has_a_docstring(name: str) -> None:
    value = getattr(refexec, name)
    if inspect.ismodule(value) or inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'refexec' has no attribute 'nonsense'"):
        refexec.nonsense  # noqa: B018  # looking it up is the test


GO_NAMES = """
    MaxProcs ResultSuccess DefaultConfig ErrDuplicateService
    ContextWithDummyProcessKey DistributeGroupProcesses DistributeProcesses MustContextProcessKey
    NewExecutor OpenCgroup PrepareProcesses
    Config Config.ConnFile Config.Container Config.DaemonSocket Config.ErrorLog Config.MaxProcs
    Executor.Close Executor.Dead Executor.Group Executor.NewGroupProcess Executor.NewProcess
    GroupExecutor GroupExecutor.Executor GroupExecutor.NewGroupProcess GroupExecutor.NewProcess
    GroupExecutor.ProcessGroup
    GroupProcessFactory GroupProcessFactory.NewGroupProcess
    InstanceServer InstanceServer.Discover InstanceServer.Handle InstanceServer.Shutdown
    InstanceServer.Start
    Logger
    Process Process.Close Process.Kill Process.Serve Process.Start Process.Suspend
    ProcessChan ProcessChan.NewProcess
    ProcessFactory ProcessFactory.NewProcess
    ProcessGroup ProcessGroup.Close
    ProcessKey ProcessKey.Compare
    ProcessPolicy ProcessPolicy.DebugLog ProcessPolicy.TimeResolution
    ProgramCode ProgramCode.PageSize ProgramCode.Random ProgramCode.Text ProgramCode.TextSize
    ProgramState ProgramState.BeginMutation ProgramState.EntryAddr ProgramState.GlobalsSize
    ProgramState.MaxMemorySize ProgramState.MemorySize ProgramState.MonotonicTime
    ProgramState.StackSize ProgramState.StackUsage ProgramState.StartAddr ProgramState.TextAddr
    Result Result.String Result.Terminated Result.Value
    ResultProcess ResultProcess.Err ResultProcess.Process
    ServiceConfig ServiceConfig.MaxSendSize
    ServiceRegistry ServiceRegistry.CreateServer
    ServiceState ServiceState.SetAvail
    snapshot.Buffers snapshot.Service packet.Buf packet.Thunk trap.ID context.Context
"""
"""The names of the Go package, of their fields and methods, and of what signatures mention."""

ABSENT = {"Config.ConnFile", "Config.DaemonSocket"}
"""Names that have no counterpart; the page says why."""


def api_rows() -> list[tuple[list[str], list[str]]]:
    """Go names and Python names of each row of the API page."""
    rows = []
    for line in (ROOT / "docs/api.md").read_text().splitlines():
        cells = line.split("|")
        if line.startswith("| `") and len(cells) > 4:
            go = re.findall(r"`([A-Za-z][\w.]*)[^`]*`", cells[1])
            rows.append((go, re.findall(r"`([A-Za-z_][\w.]*)[^`]*`", cells[2])))
        elif line.startswith("| `"):
            rows.append(([], re.findall(r"`([A-Za-z_][\w.]*)[^`]*`", cells[1])))
    return rows


def test_every_name_of_the_go_package_has_a_python_name() -> None:
    names: dict[str, list[str]] = {}
    for go, python in api_rows():
        for name in go:
            assert name not in names, f"{name} is there twice"
            names[name] = python
    assert set(GO_NAMES.split()) - names.keys() == set()
    for name in GO_NAMES.split():
        assert bool(names[name]) != (name in ABSENT), f"{name} has no Python name"


PYTHON_NAMES = sorted(
    {
        name
        for _, python in api_rows()
        for name in python
        if name not in ("logging", "str")  # of Python itself
    }
)


@pytest.mark.parametrize("name", PYTHON_NAMES)
def test_a_python_name_of_the_api_page_exists_documented_and_typed(name: str) -> None:
    value: object = refexec
    owner = value
    for part in name.split("."):
        owner, value = value, _member(value, part)
    if inspect.isfunction(value):
        assert inspect.getdoc(value)
        signature = inspect.signature(value)
        typed = [p.annotation for p in signature.parameters.values() if p.name != "self"]
        assert inspect.Signature.empty not in [*typed, signature.return_annotation]
    elif isinstance(value, property) or inspect.isclass(value):
        assert inspect.getdoc(value)
    elif inspect.isclass(owner):
        field = name.rpartition(".")[2]
        assert field in owner.__annotations__
        assert _has_text(owner, field)
    else:
        assert value is not None


def _has_text(owner: type, field: str) -> bool:
    """Whether a string follows the annotated field of a class, which is its documentation."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
    assert isinstance(definition, ast.ClassDef)
    for statement, text in itertools.pairwise(definition.body):
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == field:
            return isinstance(text, ast.Expr) and isinstance(ast.literal_eval(text.value), str)
    return False


def _member(value: object, name: str) -> object:
    if inspect.isclass(value) and name in getattr(value, "__annotations__", {}):
        return None
    return getattr(value, name)
