"""What instances export and import: functions, memories, tables, globals, tags.

Each object stands for one object of a store; two are equal if they stand for the same one. All
but exported functions can also be made by the host, to be imported. Running functions is the
business of `refexec.wasm.instance`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from refexec.errors import InputError, TrapError, WasmExceptionError
from refexec.interp import types as t
from refexec.interp.instantiate import new_memory, new_table
from refexec.interp.limits import DEFAULT_LIMITS, Limits
from refexec.interp.memory import MemoryInstance
from refexec.interp.store import (
    ExceptionInstance,
    ExternalInstance,
    FunctionInstance,
    GlobalInstance,
    HostFunctionInstance,
    TableInstance,
    TagInstance,
    Thrown,
)
from refexec.trap import TrapCause
from refexec.wasm.values import all_from_python, all_to_python, from_python, to_python

if TYPE_CHECKING:
    from refexec.wasm.instance import Instance

T = TypeVar("T")


def _made_of(kind: type[T], given: Any, what: str) -> T:
    """What the host makes an object of. Raises InputError if it is something else."""
    if not isinstance(given, kind):
        raise InputError(f"{what}: expected a {kind.__name__}, found {type(given).__name__}")
    return given


class _Object:
    """Equality by what it stands for."""

    __slots__ = ("_inner", "_owner")

    def __init__(self, inner: Any, owner: Instance | None) -> None:
        self._inner = inner
        self._owner = owner
        """The instance through which it was reached; calls are charged to it."""

    @property
    def inner(self) -> Any:
        """The store's own object; only for the engines."""
        return self._inner

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Object) and other._inner is self._inner

    def __hash__(self) -> int:
        return id(self._inner)

    def _wrap(self, function: FunctionInstance | HostFunctionInstance) -> ExportedFunction:
        return ExportedFunction(function, self._owner)


def unwrap_function(value: Any) -> FunctionInstance | HostFunctionInstance | None:
    """The function behind a Python value, if it is one."""
    if isinstance(value, ExportedFunction):
        inner: FunctionInstance | HostFunctionInstance = value.inner
        return inner
    if isinstance(value, HostFunction):
        return value.inner
    return None


class HostFunction:
    """A Python callable with a WebAssembly type, to be imported.

    The callable takes values as `Instance.invoke` gives them and returns None, one value, or a
    sequence of values. With `bits` it takes and gives numbers as unsigned bit patterns, which costs
    less time. It may raise `TrapError` to trap the guest, `WasmExceptionError` to throw
    into it, or `Restart` to be executed again after a resume; any other exception passes through
    the guest unchanged.
    """

    __slots__ = ("_bits", "_integers", "callable", "inner", "type")

    def __init__(
        self, function_type: t.FunctionType, function: Callable[..., Any], *, bits: bool = False
    ) -> None:
        self.type = function_type
        self.callable = function
        self._bits = bits
        # The machine holds integers as unsigned bit patterns already.
        self._integers = bits and set(function_type.params) <= {t.I32, t.I64}
        defined = t.define_function(function_type)
        self.inner = HostFunctionInstance(function_type, defined, self._call, self)

    def _call(self, args: list[Any]) -> list[Any]:
        arguments = args if self._integers else self._to_python(args)
        try:
            result = self.callable(*arguments)
        except WasmExceptionError as error:
            raise Thrown(_exception_of(error)) from None
        count = len(self.type.results)
        if count == 1 and not isinstance(result, list | tuple):
            result = [result]
        elif result is None:
            if count == 0:
                return []
            result = []
        if not isinstance(result, Sequence):
            raise InputError(f"a host function returned {result!r:.80}, expected {count} results")
        return all_from_python(result, self.type.results, self._bits, unwrap_function, "result")

    def _to_python(self, args: list[Any]) -> list[Any]:
        def wrap(function: FunctionInstance | HostFunctionInstance) -> Any:
            return ExportedFunction(function, None)

        return all_to_python(args, self.type.params, self._bits, wrap)


def _exception_of(error: WasmExceptionError) -> ExceptionInstance:
    tag: TagInstance = error.tag.inner
    values = all_from_python(
        error.values, tag.type.function.params, False, unwrap_function, "exception value"
    )
    return ExceptionInstance(None, tag, values)


class ExportedFunction(_Object):
    """A function of an instance; call it like any Python function."""

    __slots__ = ()

    @property
    def type(self) -> t.FunctionType:
        """Parameters and results."""
        function_type: t.FunctionType = self._inner.type
        return function_type

    def __call__(self, *args: Any) -> list[Any]:
        """Call it as `Instance.invoke` does."""
        if self._owner is None:
            raise InputError("this function reference cannot be called from here")
        return self._owner.invoke_function(self, *args)

    def __repr__(self) -> str:
        return f"<function {self.type}>"


class Memory(_Object):
    """A linear memory."""

    __slots__ = ()

    def __init__(
        self,
        memory: t.MemoryType | MemoryInstance,
        limits: Limits = DEFAULT_LIMITS,
        owner: Instance | None = None,
    ) -> None:
        """Make a new memory of a type. Raises ImplementationLimitError if it is too large."""
        if not isinstance(memory, MemoryInstance):
            memory = new_memory(_made_of(t.MemoryType, memory, "memory"), limits)
        super().__init__(memory, owner)

    @property
    def type(self) -> t.MemoryType:
        """Declared type."""
        memory_type: t.MemoryType = self._inner.type
        return memory_type

    @property
    def size(self) -> int:
        """Current size in bytes."""
        size: int = self._inner.size
        return size

    @property
    def pages(self) -> int:
        """Current size in pages."""
        pages: int = self._inner.pages
        return pages

    def read(self, address: int, length: int) -> bytes:
        """Copy bytes out. Raises TrapError (memory access out of bounds)."""
        data: bytes = self._inner.read(address, length)
        return data

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Copy bytes in, all or none. Raises TrapError (memory access out of bounds)."""
        self._inner.write(address, data)

    def grow(self, pages: int) -> bool:
        """Add pages; tell whether that was possible."""
        grown: bool = pages >= 0 and self._inner.grow(pages)
        return grown


class Table(_Object):
    """A table of references."""

    __slots__ = ()

    def __init__(
        self,
        table: t.TableType | TableInstance,
        limits: Limits = DEFAULT_LIMITS,
        owner: Instance | None = None,
    ) -> None:
        """Make a new table of nulls. Raises ImplementationLimitError if it is too large."""
        if not isinstance(table, TableInstance):
            table = new_table(_made_of(t.TableType, table, "table"), limits, None)
        super().__init__(table, owner)

    @property
    def type(self) -> t.TableType:
        """Declared type."""
        table_type: t.TableType = self._inner.type
        return table_type

    def __len__(self) -> int:
        return len(self._inner.elements)

    def get(self, index: int) -> Any:
        """Read an element. Raises TrapError (table access out of bounds)."""
        self._check(index)
        return to_python(self._inner.elements[index], self.type.element, False, self._wrap)

    def set(self, index: int, value: Any) -> None:
        """Replace an element. Raises TrapError, or InputError for a value of another type."""
        self._check(index)
        self._inner.elements[index] = from_python(
            value, self.type.element, False, unwrap_function, "element"
        )

    def _check(self, index: int) -> None:
        if not 0 <= index < len(self._inner.elements):
            raise TrapError(TrapCause.TABLE_OUT_OF_BOUNDS)


class Global(_Object):
    """A global."""

    __slots__ = ()

    def __init__(
        self,
        variable: t.GlobalType | GlobalInstance,
        value: Any = None,
        bits: bool = False,
        owner: Instance | None = None,
    ) -> None:
        """Make a new global. Raises InputError for a value of another type."""
        if isinstance(variable, GlobalInstance):
            super().__init__(variable, owner)
            return
        _made_of(t.GlobalType, variable, "global")
        inner = GlobalInstance(
            variable, from_python(value, variable.value, bits, unwrap_function, "global")
        )
        super().__init__(inner, owner)

    @property
    def type(self) -> t.GlobalType:
        """Declared type."""
        global_type: t.GlobalType = self._inner.type
        return global_type

    def get(self, bits: bool = False) -> Any:
        """Read it; with `bits`, a number as its unsigned bit pattern."""
        return to_python(self._inner.value, self.type.value, bits, self._wrap)

    def set(self, value: Any, bits: bool = False) -> None:
        """Write it. Raises InputError if it is immutable or the value has another type."""
        if not self.type.mutable:
            raise InputError("global: expected a mutable one, found an immutable one")
        self._inner.value = from_python(value, self.type.value, bits, unwrap_function, "global")


class Tag(_Object):
    """An exception tag."""

    __slots__ = ()

    def __init__(self, tag: t.FunctionType | TagInstance, owner: Instance | None = None) -> None:
        """Make a new tag whose exceptions carry the parameters of a function type."""
        if not isinstance(tag, TagInstance):
            function_type = _made_of(t.FunctionType, tag, "tag")
            tag = TagInstance(t.TagType(t.define_function(function_type)))
        super().__init__(tag, owner)

    @property
    def type(self) -> t.TagType:
        """Declared type."""
        tag_type: t.TagType = self._inner.type
        return tag_type


External = ExportedFunction | Memory | Table | Global | Tag


def wrap_external(inner: ExternalInstance, owner: Instance | None) -> External:
    """Make the public object for an object of a store."""
    match inner:
        case FunctionInstance() | HostFunctionInstance():
            return ExportedFunction(inner, owner)
        case MemoryInstance():
            return Memory(inner, owner=owner)
        case TableInstance():
            return Table(inner, owner=owner)
        case GlobalInstance():
            return Global(inner, owner=owner)
        case TagInstance():
            return Tag(inner, owner=owner)
    raise TypeError(f"not an external object: {inner!r}")


def unwrap_external(value: Any) -> ExternalInstance | None:
    """The object of a store behind an import value, or None if it is no such thing."""
    if isinstance(value, HostFunction | _Object):
        inner: ExternalInstance = value.inner
        return inner
    return None
