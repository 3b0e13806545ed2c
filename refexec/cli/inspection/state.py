"""The machine's state as JSON objects: frames, globals, tables, memories, objects.

The tree is read as `refexec.interp.frozen` writes it, and taken for damaged: what has another
shape than expected is left out or shown without a type. Whether the state fits the module is not
judged here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from refexec import wasm
from refexec.cli.backtrace import lines_of
from refexec.cli.inspection import JSON
from refexec.cli.inspection.memory import describe_contents
from refexec.cli.inspection.types import TypeText
from refexec.cli.inspection.values import describe_value, number
from refexec.debugger.lines import SourceLines
from refexec.interp import types as t
from refexec.interp.body import situations_at
from refexec.interp.listing import instruction_text
from refexec.interp.names import Names, read_names
from refexec.interp.store import heap_size
from refexec.interp.syntax import ExternalKind, function_type_of, kind_of
from refexec.interp.validation import FunctionCode, ValidModule

MAX_FRAMES: Final = 10_000
MAX_VALUES: Final = 1_000
"""Locals or operands of a frame, and values of an object."""
MAX_ELEMENTS: Final = 256
"""Elements of a table that are not null."""
MAX_OBJECTS: Final = 256
"""How much of everything is described at most; totals are always given."""

_NAMED_SPACES: Final = frozenset({"function", "global", "type", "tag", "data", "table", "memory"})
_NONE: Final[dict[str, Any]] = {}


@dataclass(slots=True)
class Known:
    """A module of which instances are described."""

    valid: ValidModule
    names: Names
    types: TypeText
    lines: SourceLines | None

    @classmethod
    def of(cls, module: wasm.Module) -> Known:
        """What has to be known of a module."""
        names = read_names(module.valid.syntax)
        lines = lines_of(module)
        return cls(module.valid, names, TypeText(module.valid, names), lines)

    def code(self, index: Any) -> FunctionCode | None:
        """The function with this index, if the module defines it."""
        first = self.valid.imported_functions
        if type(index) is int and first <= index < first + len(self.valid.functions):
            return self.valid.functions[index - first]
        return None


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _NONE


def _at(items: Sequence[Any], index: Any) -> Any:
    return items[index] if type(index) is int and 0 <= index < len(items) else None


def describe_state(tree: Any, modules: Mapping[str, Known]) -> JSON:
    """Describe a state; `modules` are those at hand, by their digests."""
    return _State(_dict(tree), modules).describe()


class _State:
    def __init__(self, tree: Mapping[str, Any], modules: Mapping[str, Known]) -> None:
        self.tree = tree
        self.instances = [_dict(item) for item in _list(tree.get("instances"))]
        digests = [item.get("module") for item in self.instances]
        self.known = [modules.get(d) if isinstance(d, str) else None for d in digests]
        self.objects = _list(tree.get("objects"))

    def describe(self) -> JSON:
        calls = [_dict(item) for item in _list(self.tree.get("calls"))]
        return {
            "calls": [
                {
                    "instance": _integer(call.get("instance")),
                    "frames_total": len(_list(call.get("frames"))),
                    "frames": list(self._frames(_list(call.get("frames")))),
                    "pending": self._pending(call.get("pending")),
                }
                for call in calls
            ],
            "instances": [self._instance(i, item) for i, item in enumerate(self.instances)],
            "externals": [
                self._external(i, _dict(item))
                for i, item in enumerate(_list(self.tree.get("externals")))
            ],
            "objects": self._objects(),
        }

    def _module(self, instance: Any) -> Known | None:
        known: Known | None = _at(self.known, instance)
        return known

    # -- values ----------------------------------------------------------------------------------

    def value(self, value: Any, of: t.StorageType | None, known: Known | None) -> JSON:
        type_text = repr if known is None else known.types.value
        return describe_value(value, of, self.reference, type_text)

    def values(
        self, values: Sequence[Any], types: Sequence[t.StorageType] | None, known: Known | None
    ) -> list[JSON]:
        of = types or ()
        return [
            self.value(value, of[i] if i < len(of) else None, known)
            for i, value in enumerate(values[:MAX_VALUES])
        ]

    def reference(self, written: Any, nested: bool = False) -> JSON:
        """Describe a reference, and give it a `text`."""
        match written:
            case ["function", instance, index]:
                known = self._module(instance)
                if known is not None and _at(known.valid.context.functions, index) is not None:
                    name = known.names.of("function", index)
                    text = f"function {index}" + ("" if name is None else f" ${name}")
                    text += f" of instance {instance}" if len(self.instances) > 1 else ""
                    found = {"instance": instance, "index": index, "name": name}
                    return {"kind": "function", **found, "text": text}
            case ["host", str(name)]:
                return {"kind": "host", "name": name, "text": f"host {name}"}
            case ["i31", int(bits)] if 0 <= bits < 1 << 31:
                signed = bits - (1 << 31) if bits >> 30 & 1 else bits
                return {"kind": "i31", "value": str(signed), "text": f"i31 {signed}"}
            case ["object", int(index)] if _at(self.objects, index) is not None:
                kind, type_, name = self._object_type(_at(self.objects, index))
                text = f"{kind} #{index}" + ("" if name is None else f" ${name}")
                found = {"index": index, "object": kind, "type": type_, "name": name}
                return {"kind": "object", **found, "text": text}
            case ["extern", inner] if not nested and isinstance(inner, list | tuple):
                described = self.reference(inner, nested=True)
                text = f"extern of {described.pop('text')}"
                return {"kind": "extern", "inner": described, "text": text}
        return {"kind": "unknown", "text": repr(written)[:60]}

    # -- frames ----------------------------------------------------------------------------------

    def _frames(self, frames: Sequence[Any]) -> Iterator[JSON]:
        """Describe the frames, innermost first."""
        shown = [_dict(item) for item in frames[-MAX_FRAMES:]]
        types = self._operand_types(shown)
        for depth, frame in enumerate(reversed(shown)):
            function = _integer(frame.get("function"))
            known, code = self._place(frame)
            pc = frame.get("pc")
            local_values, stack = _list(frame.get("locals")), _list(frame.get("stack"))
            names = {} if code is None or known is None else known.names.locals.get(code.index, {})
            yield {
                "instance": _integer(frame.get("instance")),
                "function": function,
                "name": _name(known, "function", function),
                "type": None if known is None or code is None else known.types.function(code.type),
                "step": _integer(pc),
                "next": self._instruction(known, code, pc),
                # An outer frame has just made a call, which gives its results to it.
                "call": self._instruction(known, code, pc - 1) if depth and code else None,
                "locals": [
                    {"index": i, "name": names.get(i), **value}
                    for i, value in enumerate(
                        self.values(local_values, None if code is None else code.local_types, known)
                    )
                ],
                "locals_total": len(local_values),
                "stack": self.values(stack, types.get((id(code), pc)) if code else None, known),
                "stack_total": len(stack),
            }

    def _place(self, frame: Mapping[str, Any]) -> tuple[Known | None, FunctionCode | None]:
        """The module and the function of a frame, the latter only if its step exists."""
        known = self._module(frame.get("instance"))
        code = None if known is None else known.code(frame.get("function"))
        pc = frame.get("pc")
        if code is None or type(pc) is not int or not 0 <= pc <= len(code.body.instructions):
            return known, None
        return known, code

    def _operand_types(
        self, frames: Sequence[Mapping[str, Any]]
    ) -> dict[tuple[int, int], list[t.ValueType] | None]:
        """Operand types by function and step. Each function is gone through once."""
        steps: dict[int, tuple[Known, FunctionCode, set[int]]] = {}
        for frame in frames:
            known, code = self._place(frame)
            if known is not None and code is not None:
                steps.setdefault(id(code), (known, code, set()))[2].add(frame["pc"])
        return {
            (key, pc): None if situation is None else situation.operands
            for key, (known, code, wanted) in steps.items()
            for pc, situation in situations_at(
                known.valid.context,
                code.body,
                code.local_types,
                len(code.type.params),
                code.type.results,
                wanted,
            ).items()
        }

    def _instruction(self, known: Known | None, code: FunctionCode | None, pc: int) -> JSON | None:
        """Describe the instruction of a step; step 0 is the entry of the function."""
        if known is None or code is None or pc < 0:
            return None
        line = known.lines and known.lines.at(code.body.offsets[max(0, pc - 1)])
        told = {"line": str(line)} if line else {}
        if pc == 0:
            return {
                "offset": code.offset,
                "instruction": "function entry",
                "names": [],
                **told,
            }
        opcode, immediate = code.body.instructions[pc - 1]
        items = immediate if len(opcode.immediates) > 1 else (immediate,)
        names = []
        for kind, item in zip(opcode.immediates, items, strict=False):
            if kind == "local":
                names.append(known.names.of_local(code.index, item))
            elif kind in _NAMED_SPACES:
                names.append(known.names.of(kind, item))
        return {
            "offset": code.offset_of(pc),
            "instruction": instruction_text(opcode, immediate),
            "names": [name for name in names if name is not None],
            **told,
        }

    def _pending(self, written: Any) -> JSON | None:
        """Describe a call of a function of the host from outside, which has no frame."""
        pending = _dict(written)
        if not pending:
            return None
        function = pending.get("function")
        known = types = None
        match function:
            case ["function", instance, index]:
                known = self._module(instance)
                defined = None if known is None else _at(known.valid.context.functions, index)
                types = None if defined is None else function_type_of(defined).params
        return {
            "function": self.value(function, t.FUNCREF, known),
            "args": self.values(_list(pending.get("args")), types, known),
        }

    # -- the store -------------------------------------------------------------------------------

    def _instance(self, number_: int, item: Mapping[str, Any]) -> JSON:
        known = self.known[number_]
        digest, spent = item.get("module"), item.get("fuel_spent")
        return {
            "index": number_,
            "module": digest if isinstance(digest, str) else None,
            "name": None if known is None else known.names.module,
            "fuel_spent": number(spent) if isinstance(spent, int) else None,
            "start_pending": item.get("start_pending") is True,
            "imports": list(_imports(_list(item.get("imports")), known)),
            "globals": [
                self._global(index, name, of, value, known)
                for index, name, of, value in _space(item, known, "global")
            ],
            "memories": [
                self._memory(index, name, of, _dict(value))
                for index, name, of, value in _space(item, known, "memory")
            ],
            "tables": [
                self._table(index, name, of, _dict(value), known)
                for index, name, of, value in _space(item, known, "table")
            ],
            "elements": [
                {"index": i, "name": _name(known, "element", i), "size": len(_list(values))}
                for i, values in enumerate(_list(item.get("elements")))
            ],
            "datas": [
                {"index": i, "name": _name(known, "data", i), "dropped": alive is not True}
                for i, alive in enumerate(_list(item.get("datas")))
            ],
        }

    def _external(self, index: int, item: Mapping[str, Any]) -> JSON:
        """Describe a table, memory, global or tag of the host, typed by whoever imports it."""
        name, of, known = self._importer(index)
        described: JSON = {
            "index": index,
            "name": name,
            "kind": None if of is None else kind_of(of),
        }
        if "chunks" in item:
            memory = of if isinstance(of, t.MemoryType) else None
            described["memory"] = self._memory(0, name, memory, item)
        elif "elements" in item:
            table = of if isinstance(of, t.TableType) else None
            described["table"] = self._table(0, name, table, item, known)
        elif "value" in item:
            variable = of if isinstance(of, t.GlobalType) else None
            described["global"] = self._global(0, name, variable, item["value"], known)
        return described

    def _importer(self, index: int) -> tuple[str | None, Any, Known | None]:
        """Name, type and importing module of an external; the host's name comes first."""
        for item, known in zip(self.instances, self.known, strict=True):
            imports = _list(item.get("imports"))
            entries = [] if known is None else known.valid.syntax.imports
            for place, written in enumerate(imports):
                match written:
                    case ["external", found, name] if found == index:
                        entry = _at(entries, place)
                        if entry is None:
                            return name if isinstance(name, str) else None, None, None
                        imported = f"{entry.module}.{entry.name}"
                        return name if isinstance(name, str) else imported, entry.type, known
        return None, None, None

    def _global(
        self, index: int, name: str | None, of: t.GlobalType | None, value: Any, known: Known | None
    ) -> JSON:
        mutable, value_type = (None, None) if of is None else (of.mutable, of.value)
        return {
            "index": index,
            "name": name,
            "mutable": mutable,
            **self.value(value, value_type, known),
        }

    def _memory(
        self, index: int, name: str | None, of: t.MemoryType | None, item: Mapping[str, Any]
    ) -> JSON:
        pages = item.get("pages")
        page_size = t.PAGE_SIZE if of is None else of.page_size
        pages = pages if isinstance(pages, int) else None
        return {
            "index": index,
            "name": name,
            "type": None if of is None else str(of),
            "pages": None if pages is None else number(pages),
            "bytes": None if pages is None else number(pages * page_size),
            **describe_contents(_list(item.get("chunks"))),
        }

    def _table(
        self,
        index: int,
        name: str | None,
        of: t.TableType | None,
        item: Mapping[str, Any],
        known: Known | None,
    ) -> JSON:
        size = item.get("size")
        pairs = [p for p in _list(item.get("elements")) if isinstance(p, list | tuple)]
        pairs = [p for p in pairs if len(p) == 2 and type(p[0]) is int]
        return {
            "index": index,
            "name": name,
            "type": None if known is None or of is None else known.types.external(of),
            "size": number(size) if isinstance(size, int) else None,
            "used": len(pairs),
            "elements": [
                {"index": number(i), **self.value(value, None if of is None else of.element, known)}
                for i, value in pairs[:MAX_ELEMENTS]
            ],
        }

    # -- objects ---------------------------------------------------------------------------------

    def _object_type(self, item: Any) -> tuple[str, int | None, str | None]:
        """Kind of an object, and index and name of its type or tag."""
        match item:
            case ["exception", None, str(name), _]:
                return "exception", None, name
            case ["struct" | "array" | "exception" as kind, instance, index, _]:
                space = "tag" if kind == "exception" else "type"
                place = _integer(index)
                return kind, place, _name(self._module(instance), space, place)
        return "unknown object", None, None

    def _objects(self) -> JSON:
        counts: Counter[tuple[str, int | None, str | None]] = Counter()
        sizes: Counter[tuple[str, int | None, str | None]] = Counter()
        for item in self.objects:
            key = self._object_type(item)
            counts[key] += 1
            sizes[key] += heap_size(len(_list(_list(item)[-1]) if _list(item) else ()))
        return {
            "total": len(self.objects),
            "bytes": sum(sizes.values()),
            "kinds": [
                {"kind": kind, "type": of, "name": name, "count": count, "bytes": sizes[key]}
                for key, count in counts.most_common()
                for kind, of, name in (key,)
            ],
            "shown": [self._object(i, item) for i, item in enumerate(self.objects[:MAX_OBJECTS])],
        }

    def _object(self, index: int, item: Any) -> JSON:
        kind, of, name = self._object_type(item)
        parts = _list(item)
        values = _list(parts[-1]) if parts else ()
        known = self._module(parts[1] if len(parts) == 4 else None)
        names = {} if known is None or kind != "struct" else known.names.fields.get(of or 0, {})
        types = None if known is None else _field_types(known, kind, of, len(values))
        return {
            "index": index,
            "kind": kind,
            "type": of,
            "name": name,
            "values_total": len(values),
            "values": [
                {"name": names.get(i), **value}
                for i, value in enumerate(self.values(values, types, known))
            ],
        }


def _field_types(
    known: Known, kind: str, index: int | None, count: int
) -> Sequence[t.StorageType] | None:
    context = known.valid.context
    if kind == "exception":
        tag = _at(context.tags, index)
        return None if tag is None else tag.function.params
    defined = _at(context.types, index)
    composite = None if defined is None else defined.composite
    if kind == "struct" and isinstance(composite, t.StructType):
        return [field.storage for field in composite.fields]
    if kind == "array" and isinstance(composite, t.ArrayType):
        return [composite.element.storage] * min(count, MAX_VALUES)
    return None


_PLURALS: Final = {"global": "globals", "memory": "memories", "table": "tables"}


def _space(
    item: Mapping[str, Any], known: Known | None, space: ExternalKind
) -> Iterator[tuple[int, str | None, Any, Any]]:
    """Go through what an instance defines itself: index, name, type and state."""
    types = [] if known is None else getattr(known.valid.context, _PLURALS[space])
    imported = 0 if known is None else sum(1 for _ in known.valid.syntax.imported(space))
    for index, value in enumerate(_list(item.get(_PLURALS[space])), imported):
        yield index, _name(known, space, index), _at(types, index), value


def _imports(written: Sequence[Any], known: Known | None) -> Iterator[JSON]:
    """Describe where the imports of an instance come from."""
    entries = [] if known is None else known.valid.syntax.imports
    for place, item in enumerate(written):
        entry = _at(entries, place)
        described: JSON = {
            "module": None if entry is None else entry.module,
            "name": None if entry is None else entry.name,
            "kind": None if entry is None else entry.kind,
        }
        match item:
            case None:
                yield {**described, "from": "import"}
            case ["host", str(name)]:
                yield {**described, "from": "host", "host_name": name}
            case ["instance", instance, index]:
                place_ = {"instance": _integer(instance), "index": _integer(index)}
                yield {**described, "from": "instance", **place_}
            case ["external", number_, _]:
                yield {**described, "from": "external", "external": _integer(number_)}
            case _:
                yield {**described, "from": "unknown"}


def _name(known: Known | None, space: str, index: int | None) -> str | None:
    return None if known is None or index is None else known.names.of(space, index)


def _integer(value: Any) -> int | None:
    """An index as it is; None for what cannot be one."""
    return value if type(value) is int and abs(value) < 1 << 53 else None
