"""Types in the words of the text format, with the names that the module gives its types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from refexec.interp import types as t
from refexec.interp.names import Names
from refexec.interp.validation import ValidModule


class TypeText:
    """Writes the types of one module. Names are the guest's: escape what this writes."""

    def __init__(self, valid: ValidModule, names: Names) -> None:
        """Number the types; of equal ones the first counts."""
        self._names = names
        self._indices = {
            id(defined): index for index, defined in reversed(list(enumerate(valid.context.types)))
        }

    def value(self, of: t.StorageType) -> str:
        """Write the type of a value or field."""
        if not isinstance(of, t.ReferenceType) or not isinstance(of.heap, t.DefinedType):
            return repr(of)
        return f"(ref {'null ' if of.nullable else ''}{self.defined(of.heap)})"

    def defined(self, of: t.DefinedType) -> str:
        """Write which of its types the module means: `$name`, or the index."""
        index = self._indices.get(id(of))
        name = None if index is None else self._names.of("type", index)
        return f"${name}" if name is not None else repr(of) if index is None else str(index)

    def function(self, of: t.FunctionType) -> str:
        """Write a function type."""
        return f"({self._row(of.params)}) -> ({self._row(of.results)})"

    def composite(self, of: t.CompositeType) -> str:
        """Write what a type is made of."""
        match of:
            case t.FunctionType():
                return self.function(of)
            case t.StructType():
                return f"struct {{{', '.join(map(self._field, of.fields))}}}"
            case t.ArrayType():
                return f"array {self._field(of.element)}"

    def external(self, of: Any) -> str:
        """Write the type of an import or export."""
        match of:
            case t.DefinedType():
                return self.composite(of.composite)
            case t.FunctionType():
                return self.function(of)
            case t.TableType():
                return f"table {of.address!r} {of.limits} {self.value(of.element)}"
            case t.GlobalType():
                value = self.value(of.value)
                return f"global (mut {value})" if of.mutable else f"global {value}"
            case t.TagType():
                return f"tag {self.function(of.function)}"
        return str(of)

    def _row(self, types: Iterable[t.ValueType]) -> str:
        return ", ".join(map(self.value, types))

    def _field(self, of: t.FieldType) -> str:
        storage = self.value(of.storage)
        return f"(mut {storage})" if of.mutable else storage
