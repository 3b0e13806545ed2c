"""`record`: data classes that are quick to define.

A worker defines some seventy of them each time it starts, and the standard library's `dataclass`
took half of the time that all its imports took: it compiles up to eight methods for each class,
one by one, and pulls in `inspect`. A record class means the same as one of `dataclass(slots=True)`
with the same options, and the functions of `dataclasses` work on it. Its
`__init__` is compiled once for all classes with as many fields; what the other methods do is the
same for all.

Not here: inheritance of fields, order, keyword-only fields, and whatever else refexec does not use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from operator import attrgetter
from types import CodeType, FunctionType
from typing import Any, Final, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")

_MISSING: Final = object()


class _Field:
    """What `field` leaves in the class body."""

    __slots__ = ("default", "factory", "shown")

    def __init__(self, default: Any, factory: Any, shown: bool) -> None:
        self.default = default
        self.factory = factory
        self.shown = shown


def field(*, default: Any = _MISSING, default_factory: Any = _MISSING, shown: bool = True) -> Any:
    """Say more about a field than its default. `shown`: whether it is part of the `repr`."""
    return _Field(default, default_factory, shown)


@dataclass_transform(field_specifiers=(field,))
def record(*, frozen: bool = False, eq: bool = True) -> Callable[[type[T]], type[T]]:
    """Make a class with annotations a record class, with slots.

    `frozen`: fields cannot be set after `__init__`. `eq`: records with equal fields are equal, and
    have the same hash if they are frozen as well.
    """

    def make(cls: type[T]) -> type[T]:
        return _make(cls, frozen, eq)

    return make


def field_names(cls: type[object]) -> tuple[str, ...]:
    """Names of the fields of a record class, in order."""
    names: tuple[str, ...] = cls.__match_args__  # type: ignore[attr-defined]  # each has it
    return names


def replace(instance: T, **changes: Any) -> T:
    """Copy a record with other values for some fields."""
    fields = {name: getattr(instance, name) for name in field_names(type(instance))}
    return type(instance)(**fields | changes)


def _make(cls: type[T], frozen: bool, eq: bool) -> type[T]:
    fields = {name: _field(cls, name) for name in cls.__annotations__}
    namespace = {name: value for name, value in vars(cls).items() if name not in fields}
    namespace.pop("__dict__", None)
    namespace.pop("__weakref__", None)
    methods: dict[str, Any] = {"__repr__": _repr([n for n, f in fields.items() if f.shown])}
    if eq:
        values = _values(tuple(fields))
        methods["__eq__"] = _eq(values)
        methods["__hash__"] = _hash(values) if frozen else None
    if frozen:
        methods |= {"__setattr__": _refuse, "__delattr__": _refuse, "__setstate__": _set_state}
    for name, method in methods.items():
        # `__hash__` is None in a class that has an `__eq__` of its own.
        if namespace.get(name) is None:
            namespace[name] = method
    namespace["__slots__"] = namespace["__match_args__"] = tuple(fields)
    namespace["__dataclass_fields__"] = _DataclassFields(fields, cls.__annotations__)
    metaclass: Any = type(cls)
    made: Any = metaclass(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__
    made.__init__ = _init(made, fields)
    record_class: type[T] = made
    return record_class


def _field(cls: type, name: str) -> _Field:
    value = vars(cls).get(name, _MISSING)
    return value if isinstance(value, _Field) else _Field(value, _MISSING, True)


def _init(cls: Any, fields: dict[str, _Field]) -> Any:
    """The one method that has to be quick and differs from class to class."""
    names: dict[str, Any] = {"_missing": _MISSING}
    defaults = []
    code = _compiled(tuple(item.factory is not _MISSING for item in fields.values()))
    for number, (name, item) in enumerate(fields.items()):
        # The slot itself can be set even if the class is frozen.
        names[f"_set{number}"] = vars(cls)[name].__set__
        if item.factory is not _MISSING:
            names[f"_make{number}"] = item.factory
            defaults.append(_MISSING)
        elif item.default is not _MISSING:
            defaults.append(item.default)
        elif defaults:
            raise TypeError(f"{cls.__name__}: field {name!r} without a default follows one with it")
    named = code.replace(co_varnames=("self", *fields))
    set_fields: Any = FunctionType(named, names, "__init__", tuple(defaults))
    set_fields.__module__ = cls.__module__
    set_fields.__qualname__ = f"{cls.__qualname__}.__init__"
    if not hasattr(cls, "__post_init__"):
        return set_fields

    @wraps(set_fields)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        set_fields(self, *args, **kwargs)
        self.__post_init__()

    return __init__


@cache
def _compiled(made: tuple[bool, ...]) -> CodeType:
    """Code that sets so many fields, of which some are made if they are not given.

    Most records of a size share it, under names of their own. Compiling is what takes long.
    """
    parameters = ["self", *(f"value{number}" for number in range(len(made)))]
    body = [
        f"    _set{number}(self, _make{number}() if value{number} is _missing else value{number})\n"
        if is_made
        else f"    _set{number}(self, value{number})\n"
        for number, is_made in enumerate(made)
    ]
    source = f"def __init__({', '.join(parameters)}):\n{''.join(body) or '    pass'}"
    names: dict[str, Any] = {}
    exec(source, names)
    code: CodeType = names["__init__"].__code__
    return code


def _values(names: tuple[str, ...]) -> Callable[[Any], Any]:
    """A function that gives all fields of a record as something to compare."""
    return attrgetter(*names) if names else lambda self: ()


def _repr(shown: list[str]) -> Any:
    def __repr__(self: Any) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({fields})"

    return __repr__


def _eq(values: Callable[[Any], Any]) -> Any:
    def __eq__(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values(self) == values(other)

    return __eq__


def _hash(values: Callable[[Any], Any]) -> Any:
    def __hash__(self: Any) -> int:
        return hash(values(self))

    return __hash__


def _refuse(self: Any, name: str, *_: Any) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} is frozen: cannot change {name!r}")


def _set_state(self: Any, state: tuple[None, dict[str, Any]]) -> None:
    """Unpickle or copy: what `object.__getstate__` has given, into a frozen record."""
    for name, value in state[1].items():
        object.__setattr__(self, name, value)


class _DataclassFields:
    """`__dataclass_fields__`, by which the functions of `dataclasses` know their own.

    Made when it is asked for: by defining a data class that has the same fields.
    """

    def __init__(self, fields: dict[str, _Field], annotations: dict[str, Any]) -> None:
        self._fields = fields
        self._annotations = annotations
        self._made: dict[str, Any] = {}

    def __get__(self, instance: object, owner: type) -> dict[str, Any]:
        if not self._made:
            import dataclasses

            namespace: dict[str, Any] = {"__annotations__": self._annotations}
            for name, item in self._fields.items():
                options: dict[str, Any] = {"repr": item.shown}
                if item.factory is not _MISSING:
                    options["default_factory"] = item.factory
                elif item.default is not _MISSING:
                    options["default"] = item.default
                namespace[name] = dataclasses.field(**options)
            same: Any = dataclasses.dataclass(type(owner.__name__, (), namespace))
            self._made = {item.name: item for item in dataclasses.fields(same)}
        return self._made
