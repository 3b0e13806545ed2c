"""Real snapshots, ways to damage them, and what must become of a damaged one.

Every snapshot is either refused with a `SnapshotError` before anything of the program runs, or it
describes a state that the rules allow: then it runs, to an outcome like any other program's, and
what it has become can be frozen and thawed again.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import struct
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from types import FrameType
from typing import Any

from assemble import assemble
from encode import EMPTY, sized
from refexec import abi, image, snapshot, wasm
from refexec.errors import (
    InputError,
    LimitError,
    LinkError,
    ProgramError,
    SnapshotError,
    StateError,
)
from refexec.snapshot import Snapshot, codec
from refexec.snapshot.module.layout import OWN_STACK, Section, split
from rich_module import MANY_KINDS
from suspended_examples import PROGRAMS, simulate

LIMITS = wasm.Limits(
    call_depth=1000,
    slots=100_000,
    memory_pages=32,
    table_entries=20_000,
    gc_heap=1 << 20,
)
PLAIN: Any = {"limits": LIMITS, "engine": wasm.REFERENCE_ENGINE}
"""The fast engine calls Python's compiler, which is not to be seen here."""

FUEL = 2000
PATIENCE = 20
"""Seconds that no snapshot may take, however busy the machine is."""

TABLES = """(module
  (type $f (func (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (table $calls 600 700 funcref)
  (table $typed 300 (ref null $f))
  (table $things 200 externref)
  (elem $both (table $calls) (i32.const 3) func $even $odd $yield)
  (elem $spare (ref null $f) (ref.func $even) (ref.null $f) (ref.func $odd))
  (func $even (type $f) (i32.and (local.get 0) (i32.const 1)))
  (func $odd (type $f) (i32.add (local.get 0) (call_indirect $calls (type $f) (local.get 0)
    (i32.const 3))))
  (func (export "go") (local $i i32)
    (table.fill $calls (i32.const 10) (ref.func $odd) (i32.const 500))
    (table.init $typed $spare (i32.const 7) (i32.const 0) (i32.const 3))
    (drop (table.grow $calls (ref.func $even) (i32.const 50)))
    (loop $again
      (table.set $things (i32.rem_u (local.get $i) (i32.const 200))
        (extern.convert_any (ref.i31 (local.get $i))))
      (table.copy $calls $typed (i32.const 0) (i32.const 7) (i32.const 3))
      (drop (call_indirect $calls (type $f) (local.get $i) (i32.const 12)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $again))))
"""

LIBRARY = """(module
  (type $node (struct (field (mut i32)) (field (mut (ref null $node)))))
  (memory (export "memory") 1 3)
  (table (export "table") 5 9 funcref)
  (global (export "global") (mut (ref null $node)) (ref.null $node))
  (tag $tag (export "tag") (param i32))
  (func $deep (export "deep") (param i32) (result i32)
    (global.set 0 (struct.new $node (local.get 0) (global.get 0)))
    (table.set (i32.const 1) (ref.func $deep))
    (i32.store (local.get 0) (i32.const -1))
    (if (result i32) (local.get 0)
      (then (call $deep (i32.sub (local.get 0) (i32.const 1))))
      (else (loop (br 0)) (i32.const 0)))))
"""
USER = """(module
  (type $node (struct (field (mut i32)) (field (mut (ref null $node)))))
  (import "library" "deep" (func $deep (param i32) (result i32)))
  (import "library" "memory" (memory 1))
  (import "library" "table" (table 5 funcref))
  (import "library" "global" (global $node (mut (ref null $node))))
  (import "library" "tag" (tag $tag (param i32)))
  (global $mine (mut funcref) (ref.func $deep))
  (func (export "go") (result i32)
    (block $caught (result i32)
      (try_table (catch $tag $caught) (i32.add (i32.const 1) (call $deep (i32.const 4))) (return))
      (unreachable))))
"""


class Quiet:
    """A channel and a clock on which nothing happens: whoever waits is suspended."""

    suspended = True

    def realtime(self, coarse: bool) -> int:
        return 1

    def monotonic(self, coarse: bool) -> int:
        return 1

    def read(self, size: int) -> bytes:
        return b""

    def write(self, data: bytes) -> int:
        return len(data)

    def poll(
        self, want_input: bool, want_output: bool, timeout_ns: int | None
    ) -> tuple[bool, bool]:
        return False, False

    def debug(self, data: bytes) -> None:
        pass


# -- snapshots -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """A snapshot file, a module that is a snapshot, or the frozen state of linked instances."""

    name: str
    data: bytes

    @property
    def is_file(self) -> bool:
        return self.data.startswith(snapshot.file.MAGIC)

    @property
    def is_module(self) -> bool:
        return self.data.startswith(EMPTY)

    @property
    def payload(self) -> bytes:
        """The plain data in it."""
        if self.is_module:
            section = self._own_stack()
            return self.data[section.start : section.end]
        return self.data[HEADER.size :] if self.is_file else self.data

    def _own_stack(self) -> Section:
        sections = split(self.data)
        assert sections is not None
        return next(section for section in sections if section.name == OWN_STACK)

    @functools.cached_property
    def tree(self) -> Any:
        return codec.loads(self.payload)

    def packed(self, payload: bytes) -> bytes:
        """The same kind of thing with another payload, and everything that tells damage right."""
        if self.is_module:
            section = self._own_stack()
            written = b"\0" + sized(sized(OWN_STACK.encode()) + payload)
            return self.data[: section.offset] + written + self.data[section.end :]
        return packed(payload) if self.is_file else payload


HEADER = struct.Struct("<8sIQ32s")


def packed(payload: bytes) -> bytes:
    """A snapshot file with a header that fits."""
    digest = hashlib.sha256(payload).digest()
    head = HEADER.pack(snapshot.file.MAGIC, snapshot.file.FORMAT_VERSION, len(payload), digest)
    return head + payload


@functools.cache
def linked_modules() -> tuple[wasm.Module, wasm.Module]:
    """Two modules, the second of which imports from the first."""
    return wasm.Module(assemble(LIBRARY)), wasm.Module(assemble(USER))


def linked(fuel: int) -> Sample:
    """Two linked instances with a suspended call through both."""
    library, user = linked_modules()
    store = wasm.Store(LIMITS)
    exports = wasm.Instance(library, store=store).exports
    imports = {("library", name): export for name, export in exports.items()}
    second = wasm.Instance(user, imports, store=store, fuel=fuel)
    assert second.call("go") == wasm.Suspended()
    return Sample(f"linked after {fuel}", store.freeze())


def written(name: str, wat: str, fuel: int) -> Sample:
    """A program in the text format whose entry `go` was suspended after so much fuel."""
    program = image.Program(assemble(wat))
    instance = image.Instance(program, entry="go")
    imports = abi.Host(Quiet(), Quiet(), time_resolution=1, random=bytes(16), debug=True).imports(
        program.resolution
    )
    machine = wasm.Instance(program.module, imports, fuel=fuel)
    assert machine.call("go") == wasm.Suspended()
    instance.begin_mutation()
    instance.end_mutation(
        state=machine.freeze_tree(),
        phase="entry",
        stack_usage=1,
        memory_size=0,
        monotonic_time=1,
        fuel_spent=machine.fuel_spent,
    )
    return Sample(f"{name} after {fuel}", snapshot.file.encode(instance.snapshot()))


AS_MODULES = ("many kinds after 60", "many kinds after 500", "tables after 2000")
"""Samples that are there in both forms."""


def as_module(sample: Sample) -> Sample:
    """A snapshot file in the form of a module."""
    _, instance = image.Instance.from_snapshot(snapshot.file.decode(sample.data))
    return Sample(f"{sample.name} as a module", instance.snapshot_module())


@functools.cache
def samples() -> tuple[Sample, ...]:
    """Examples cut in several places, and modules with what the examples do not have."""
    found = []
    for name in PROGRAMS:
        whole = 10_000 if name == "counter" else simulate(name).fuel
        cuts = [whole * part // 10 for part in (1, 5, 9)]
        kept: list[bytes] = []
        simulate(name, cuts, keep=kept)
        for cut, data in zip(cuts, kept, strict=True):
            found.append(Sample(f"{name} after {cut}", data))
    found += [written("many kinds", MANY_KINDS, fuel) for fuel in (3, 60, 500)]
    found += [written("tables", TABLES, fuel) for fuel in (10, 2000)]
    found += [linked(fuel) for fuel in (20, 400)]
    found += [as_module(sample) for sample in found if sample.name in AS_MODULES]
    assert len(found) == len({sample.name for sample in found})
    module = assemble('(module (memory 1) (func $s) (start $s) (func (export "go")))')
    fresh = Snapshot(module, entry="go", pending_start=True)
    found.append(Sample("fresh", snapshot.file.encode(fresh)))
    return tuple(found)


# -- what becomes of them ------------------------------------------------------------------------


def judge(sample: Sample, data: bytes) -> str:
    """Read and resume what `sample` has become. Returns `refused`, or how it went on.

    Raises whatever else happens.
    """
    started = time.monotonic()
    try:
        if sample.is_module:
            fate = _judge_module(data)
        else:
            fate = _judge_file(data) if sample.is_file else _judge_store(data)
    except SnapshotError as error:
        fate = "refused" if 0 < len(str(error)) < 1000 else f"refused oddly: {error}"
    assert time.monotonic() - started < PATIENCE
    return fate


def _judge_file(data: bytes) -> str:
    record = snapshot.file.decode(data)
    program, instance = image.Instance.from_snapshot(record, limits=LIMITS)
    # Accepted: from here on no SnapshotError is an excuse.
    try:
        return _run_on(program, instance)
    except SnapshotError as error:
        raise AssertionError("accepted, but does not run") from error


def _judge_module(data: bytes) -> str:
    """Modules of this form are programs, and refused as programs are."""
    try:
        program = image.Program(data, limits=LIMITS)
        instance = image.Instance(program, limits=LIMITS)
        instance.check_runnable()
    except (InputError, ProgramError, LimitError, StateError):
        return "refused"
    return _run_on(program, instance)


def _run_on(program: image.Program, instance: image.Instance) -> str:
    snapshot.file.encode(instance.snapshot())
    if instance.phase == "terminated":
        return "terminated"
    quiet = Quiet()
    host = abi.Host(quiet, quiet, time_resolution=1, random=bytes(16), debug=True)
    imports = host.imports(program.resolution)
    if instance.state is None:
        machine = wasm.Instance(program.module, imports, fuel=FUEL, start=False, **PLAIN)
        host.bind(machine.memory)
        return _outcome(machine.start)
    machine = wasm.Instance.thaw(program.module, instance.state, imports, fuel=FUEL, **PLAIN)
    host.bind(machine.memory)
    if not machine.suspended:
        return "at rest"
    fate = _outcome(machine.resume)
    again = wasm.Instance.thaw(program.module, machine.freeze(), imports, **PLAIN)
    assert again.freeze() == machine.freeze()
    return fate


def _judge_store(data: bytes) -> str:
    try:
        store = wasm.Store.thaw(data, linked_modules(), fuel=FUEL, **PLAIN)
    except LinkError:
        # The state asks for an import of the host, and here is none to give.
        return "refused"
    fates = [
        _outcome(instance.resume) if instance.suspended else "at rest"
        for instance in store.instances
    ]
    again = wasm.Store.thaw(store.freeze(), linked_modules(), **PLAIN)
    assert again.freeze() == store.freeze()
    return ", ".join(fates)


def _outcome(run: Callable[[], wasm.Outcome]) -> str:
    try:
        return type(run()).__name__
    except abi.ProcessExit as ended:
        return f"exit {ended.status}"


# -- damage --------------------------------------------------------------------------------------

ODD_BYTES = b"\0\1\7\x7f\x80\xff(.]})K\x8a\x8cNCXB\x94\x95\x97\x98"

ODD_VALUES: list[Any] = [
    None, False, True, 0, 1, 2, 3, 7, -1, 31, 32, 255, 65535, 65536, 2**31, 2**32 - 1, 2**32,
    2**53, 2**63, 2**64 - 1, 2**64, 2**127, -(2**128), 0.0, -0.0, 0.1, float("inf"), float("nan"),
    "", "x", "host", "entry", "halted", "terminated", "\ud800", b"", b"\0", bytes(16),
    bytes(65536), [], {}, (), [[]], ["i31", 0], ["i31", 2**31], ["object", 0], ["object", 10**6],
    ["function", 0, 0], ["function", 0, 1], ["function", 1, 0], ["function", -1, 0], ["host", "x"],
    ["extern", ["i31", 1]], ["extern", None], ["external", 0, None], ["instance", 0, 0],
    ["struct", 0, 0, []], ["array", 0, 1, []], ["exception", 0, 0, [1, 1.0]],
    {"size": 10**9, "elements": []}, {"pages": 10**9, "chunks": []},
]  # fmt: skip


def damage_bytes(data: bytes, chance: Random) -> bytes:
    """Change, add, remove, double or move a few bytes."""
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at = chance.randrange(len(damaged) + 1)
        length = chance.choice((1, 1, 2, 4, 8, 64))
        match chance.randrange(7):
            case 0:
                damaged[at : at + 1] = (
                    bytes([damaged[at] ^ 1 << chance.randrange(8)]) if at < len(damaged) else b""
                )
            case 1:
                damaged[at : at + 1] = bytes([chance.choice(ODD_BYTES)])
            case 2:
                damaged[at:at] = chance.randbytes(length)
            case 3:
                del damaged[at : at + length]
            case 4:
                damaged[at:at] = damaged[at : at + length]
            case 5:
                source = chance.randrange(len(damaged) + 1)
                damaged[at : at + length] = damaged[source : source + length]
            case _:
                del damaged[at:]
    return bytes(damaged)


def damage_payload(sample: Sample, chance: Random) -> bytes:
    """Damage the plain data behind a header that is made to fit.

    Most of it is pages of memory, in which nothing can be wrong: the pickle is preferred.
    """
    payload = sample.payload
    size, count = struct.unpack_from("<QI", payload)
    head = 12 + 8 * count
    end = head + size
    match chance.randrange(8):
        case 0:
            return sample.packed(damage_bytes(payload[:head], chance) + payload[head:])
        case 1:
            return sample.packed(payload[:end] + damage_bytes(payload[end:], chance))
    pickled = damage_bytes(payload[head:end], chance)
    return sample.packed(
        struct.pack("<Q", len(pickled)) + payload[8:head] + pickled + payload[end:]
    )


def damage_tree(sample: Sample, chance: Random) -> bytes | None:
    """Damage the tree that the plain data are; None if it is no plain data any more."""
    tree = copy.deepcopy(sample.tree)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if sample.is_file and chance.randrange(12) == 0 and isinstance(tree.get("module"), bytes):
            _damage_module(tree, chance)
            continue
        spots = [spot for spot in _spots(tree) if type(spot[0]) is not tuple]
        container, key = chance.choice(spots)
        _damage_spot(container, key, spots, chance)
        if type(tree) is not dict:
            break
    try:
        return sample.packed(codec.dumps(tree))
    except SnapshotError:
        return None


def _damage_module(tree: Any, chance: Random) -> None:
    """Damage the program itself, and let the digests fit."""
    before = hashlib.sha256(tree["module"]).hexdigest()
    tree["module"] = damage_bytes(tree["module"], chance)
    after = hashlib.sha256(tree["module"]).hexdigest()
    for container, key in list(_spots(tree)):
        if type(container) is not tuple and container[key] == before:
            container[key] = after


def _spots(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a tree, as container and key."""
    waiting = [node]
    while waiting:
        container = waiting.pop()
        for key in list(container) if isinstance(container, dict) else range(len(container)):
            yield container, key
            if isinstance(container[key], dict | list | tuple):
                waiting.append(container[key])


def _damage_spot(container: Any, key: Any, spots: list[tuple[Any, Any]], chance: Random) -> None:
    value = container[key]
    other, other_key = chance.choice(spots)
    match chance.randrange(8):
        case 0 if type(value) is int:
            container[key] = value + chance.choice((-1, 1, 1 << chance.randrange(100)))
        case 0 | 1:
            container[key] = copy.deepcopy(chance.choice(ODD_VALUES))
        case 2:
            container[key] = copy.deepcopy(other[other_key])
        case 3:
            container[key], other[other_key] = copy.deepcopy(other[other_key]), copy.deepcopy(value)
        case 4:
            del container[key]
        case 5 if isinstance(container, list):
            container.insert(chance.randrange(len(container) + 1), copy.deepcopy(value))
        case 5:
            container[chance.choice(("x", "format", "pending", "instances"))] = copy.deepcopy(value)
        case 6 if isinstance(value, list) and value:
            chance.shuffle(value)
        case 6 if isinstance(value, list):
            value.extend([copy.deepcopy(chance.choice(ODD_VALUES))] * chance.choice((1, 3, 1000)))
        case 7 if type(value) is bytes and value:
            container[key] = damage_bytes(value, chance)
        case _:
            container[key] = [value] * chance.choice((1, 2))


# -- no code runs --------------------------------------------------------------------------------

FORBIDDEN = frozenset(
    {
        "compile", "exec", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn",
        "os.system", "pickle.find_class", "pty.spawn", "shutil.rmtree", "socket.connect",
        "subprocess.Popen", "os.remove", "os.rename", "os.mkdir", "ctypes.dlopen",
    }
)  # fmt: skip
"""Audit events of which reading a snapshot may cause none."""


def _importing() -> bool:
    """Whether Python is importing a module; what a pickle names would be looked up first."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


class Watch:
    """Notes forbidden audit events while it is on. Hooks cannot be removed, so there is one.

    On 3.11 a thread ends before it has begun if it starts to be traced while another one does, and
    an audit hook lets that happen. So there is none where code is traced: the rows of tox that
    measure no coverage watch.
    """

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        self.blind = sys.version_info < (3, 12) and sys.gettrace() is not None
        if not self.blind:
            sys.addaudithook(self._hook)

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if self.on and event in FORBIDDEN and not _importing():
            self.seen.append(event)

    def __enter__(self) -> Watch:
        self.seen.clear()
        self.on = True
        return self

    def __exit__(self, *_: object) -> None:
        self.on = False
