"""Stores: what linked instances share, frozen and thawed as a whole.

Making instances and calling their functions is the business of `refexec.wasm.instance`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pickle import PickleBuffer
from typing import TYPE_CHECKING, Any

from refexec.errors import LinkError, SnapshotError, StateError
from refexec.interp import frozen, machine
from refexec.interp import store as s
from refexec.interp.limits import DEFAULT_LIMITS, Limits
from refexec.interp.memory import MemoryInstance
from refexec.interp.syntax import Import
from refexec.snapshot import codec
from refexec.wasm.module import Module
from refexec.wasm.objects import unwrap_external

if TYPE_CHECKING:
    from refexec.wasm.instance import Instance

_UNOBSERVABLE = ("fuel_spent",)

_ATOMS = (str, bytes, int, float, bool)
"""Types whose equal objects cannot be told apart, so that any of them goes by the same name."""


class Store:
    """What linked instances share."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._inner = s.new_store(limits)
        self._active: list[machine.Machine] = []
        self._instances: list[Instance] = []

    @property
    def limits(self) -> Limits:
        """Limits of everything in the store."""
        return self._inner.limits

    @property
    def instances(self) -> tuple[Instance, ...]:
        """All instances, in the order of instantiation, the ones that trapped in it included."""
        return tuple(self._instances)

    @property
    def inner(self) -> s.Store:
        """The store of the engines."""
        return self._inner

    @property
    def active(self) -> list[machine.Machine]:
        """Machines that run now, the innermost last; only for the engines."""
        return self._active

    def add(self, instance: Instance) -> None:
        """Keep an instance; only for `Instance`."""
        self._instances.append(instance)

    # -- freezing --------------------------------------------------------------------------------

    def freeze_tree(
        self, host: Mapping[str, Any] | None = None, copy: bool = True
    ) -> dict[str, Any]:
        """The state of all instances as plain data, with every call that can be resumed.

        `host` gives names to what the host has made: functions (`HostFunction`), memories, tables,
        globals and tags, and objects behind `externref`. An imported function needs no name if
        whoever thaws gives it again as an import, nor does what else is imported. Raises
        SnapshotError for anything else without a name, and says where it sits; StateError while a
        call is running. Without `copy`, contents of memories are views of the memories.
        """
        tree = self._live_tree(host)
        return frozen.with_chunks(tree, bytes) if copy else tree

    def freeze(self, host: Mapping[str, Any] | None = None) -> bytes:
        """The state as bytes; see `freeze_tree`."""
        return codec.dumps(frozen.with_chunks(self._live_tree(host), PickleBuffer))

    def state_digest(self) -> str:
        """Hash of everything that guests could observe, suspended calls included.

        It does not depend on the engine, on fuel, or on names; objects of the host count by
        identity.
        """
        tree = self._written(_Numbers().name_of)
        for instance in tree["instances"]:
            for unobservable in _UNOBSERVABLE:
                del instance[unobservable]
        return frozen.digest(tree)

    def _live_tree(self, host: Mapping[str, Any] | None) -> dict[str, Any]:
        """The state whose bytes are those of the memories themselves."""
        return self._written(_Names(host or {}).name_of)

    def _written(self, name_of: Callable[[Any], str | None]) -> dict[str, Any]:
        if self._active:
            raise StateError("a running instance cannot be frozen")
        calls = [
            (number, instance.frozen_call)
            for number, instance in enumerate(self._instances)
            if instance.frozen_call is not None
        ]
        tree = frozen.freeze(self._inner, calls, name_of)
        for instance, written in zip(self._instances, tree["instances"], strict=True):
            written["module"] = instance.module.digest
            written["fuel_spent"] = instance.fuel_spent
            written["start_pending"] = instance.start_pending
        return tree

    # -- thawing ---------------------------------------------------------------------------------

    @classmethod
    def thaw(
        cls,
        state: bytes | dict[str, Any],
        modules: Iterable[Module],
        imports: Mapping[tuple[str, str], Any] | None = None,
        host: Mapping[str, Any] | None = None,
        engine: str | None = None,
        fuel: int | None = None,
        limits: Limits | None = None,
    ) -> Store:
        """Build a store from a frozen state, which is checked against the modules.

        `modules` has the module of each instance, found by digest, in any order. `imports` and
        `host` give what the host has made, as for instantiation and as for `freeze`: functions as
        they are, memories, tables, globals and tags new ones, which get the contents that they
        had. `fuel` is what each instance may spend from now on. `Store.instances` has the
        instances; one with a suspended call can be resumed.

        Raises SnapshotError if the state is damaged or a module or name is missing, LinkError if
        an import is missing or unfit.
        """
        # Late, since an instance knows its store.
        from refexec.wasm.instance import Instance

        tree = codec.loads(state) if isinstance(state, bytes) else state
        if not isinstance(tree, dict) or not isinstance(tree.get("instances"), list):
            raise SnapshotError("state: expected a mapping with a list of instances")
        known = {module.digest: module for module in modules}
        self = cls(limits or DEFAULT_LIMITS)
        for index, written in enumerate(tree["instances"]):
            module, spent, start = _read_member(f"instance {index}", written, known)
            self._instances.append(Instance.thawing(module, self, engine, fuel, spent, start))
        calls = frozen.thaw(
            self._inner,
            [instance.module.valid for instance in self._instances],
            frozen.Embedder(_giver(imports or {}), _named(host or {})),
            tree,
        )
        threads = dict(calls)
        if len(threads) != len(calls):
            raise SnapshotError("state: an instance has two suspended calls")
        for index, (instance, inner) in enumerate(
            zip(self._instances, self._inner.instances, strict=True)
        ):
            instance.thawed(inner, threads.get(index))
        return self


def _read_member(where: str, written: Any, known: Mapping[str, Module]) -> tuple[Module, int, bool]:
    """Module, fuel spent, and whether the start function has yet to be called."""
    if not isinstance(written, dict):
        raise SnapshotError(f"{where}: expected a mapping, found {type(written).__name__}")
    digest, spent, start = (written.get(k) for k in ("module", "fuel_spent", "start_pending"))
    if type(digest) is not str or digest not in known:
        raise SnapshotError(f"{where}: state belongs to another module: {digest!r:.80}")
    if type(spent) is not int or spent < 0 or type(start) is not bool:
        raise SnapshotError(f"{where}: fuel_spent or start_pending is damaged")
    return known[digest], spent, start


def _giver(
    imports: Mapping[tuple[str, str], Any],
) -> Callable[[int, Import], s.ExternalInstance]:
    """Finds what `imports` has for an import."""

    def given(index: int, entry: Import) -> s.ExternalInstance:
        key = entry.module, entry.name
        if key not in imports:
            raise LinkError(f"unknown import {entry.module!r} {entry.name!r} of instance {index}")
        external = unwrap_external(imports[key])
        if external is None:
            raise LinkError(
                f"import {entry.module!r} {entry.name!r} of instance {index}: expected an object "
                f"of the host, found {type(imports[key]).__name__}"
            )
        return external

    return given


def _named(host: Mapping[str, Any]) -> dict[str, Any]:
    """Names with what the store has under them."""
    return {name: unwrap_external(item) or s.HostReference(item) for name, item in host.items()}


class _Names:
    """The caller's names, looked up by object."""

    def __init__(self, host: Mapping[str, Any]) -> None:
        self._host = host
        self._by_identity: dict[int, str] = {}
        self._by_value: dict[tuple[type, Any], str] = {}
        for name, item in host.items():
            inner = unwrap_external(item)
            self._by_identity[id(item if inner is None else inner)] = name
            if isinstance(item, _ATOMS):
                self._by_value[type(item), item] = name

    def name_of(self, item: Any) -> str | None:
        """The name of a store's object of the host, or of the object behind a reference."""
        name = self._by_identity.get(id(item))
        if name is None and isinstance(item, _ATOMS):
            name = self._by_value.get((type(item), item))
        return name


class _Numbers:
    """Names that depend only on the order in which things are met, for digests."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def name_of(self, item: Any) -> str | None:
        """The number of an object; imports, which have a place, get none."""
        if isinstance(item, s.TableInstance | MemoryInstance | s.GlobalInstance):
            return None
        key = (type(item), item) if isinstance(item, _ATOMS) else id(item)
        return str(self._numbers.setdefault(key, len(self._numbers)))
