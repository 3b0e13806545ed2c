"""What `refexec inspect` shows to people, laid out from the description alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.text import Text

from refexec.cli.inspection import JSON
from refexec.cli.inspection.page import BAD, FAINT, NAME, Cell, Page, join, text

INNER_FRAMES: Final = 20
OUTER_FRAMES: Final = 5
MAX_ROWS: Final = 32
"""Rows of a table; of frames so many at both ends."""

_PAGES_IN_MAP: Final = 256
_HEX_BYTES: Final = 8
_TEXT_BYTES: Final = 28
_PACKET_BYTES: Final = 48

_PHASES: Final = {
    "fresh": "has not begun",
    "start": "inside its start function",
    "entry": "inside its entry function",
    "halted": "has returned",
    "terminated": "has ended for good",
}


def lay_out(tree: JSON) -> str:
    """Lay out a description."""
    page = Page()
    if tree["kind"] == "module":
        _module(page, tree)
    else:
        _snapshot(page, tree)
    return page.result()


def _name(name: str | None) -> Text | None:
    return None if name is None else text(f"${name}", NAME)


def _plural(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _rows(
    page: Page, heads: Sequence[str], items: Sequence[Any], rows: Iterator[Sequence[Cell]]
) -> None:
    """Add a table of no more than `MAX_ROWS` of the items."""
    page.table(heads, (row for row, _ in zip(rows, range(MAX_ROWS), strict=False)))
    page.more(len(items), MAX_ROWS, "")


# -- modules -------------------------------------------------------------------------------------


def _module(page: Page, tree: JSON) -> None:
    start = tree["start"]
    page.title(f"module of {tree['size']:,} bytes", _name(tree["name"]))
    page.pairs(
        [
            ("sha256", tree["sha256"]),
            ("features", ", ".join(tree["features"]) or "none beyond the first release"),
            ("start", None if start is None else join(str(start["index"]), _name(start["name"]))),
            *_gate_pairs(tree["gate"]),
            ("made by", _producers(tree["producers"])),
            ("compiled for", " ".join(tree["target_features"]) or None),
        ]
    )
    if tree["snapshot"] is not None:
        _form(page, tree["snapshot"])
    page.heading("Sections")
    page.table(
        (">offset", ">bytes", "section", ">items"),
        (
            (f"{s['offset']:#x}", s["size"], join(s["section"], _quoted(s["name"])), s["items"])
            for s in tree["sections"]
        ),
    )
    if tree["imports"]:
        page.heading("Imports")
        rows = ((i["kind"], i["module"], i["name"], i["type"]) for i in tree["imports"])
        _rows(page, ("kind", "module", "name", "type"), tree["imports"], rows)
    if tree["exports"]:
        page.heading("Exports")
        exports = ((e["kind"], str(e["index"]), e["name"], e["type"]) for e in tree["exports"])
        _rows(page, ("kind", ">index", "name", "type"), tree["exports"], exports)
    if tree["functions"]:
        page.heading("Functions")
        functions = (
            (str(f["index"]), _name(f["name"]), f["type"], *_body(f)) for f in tree["functions"]
        )
        heads = (">index", "name", "type", ">offset", ">steps")
        _rows(page, heads, tree["functions"], functions)
    for kind in ("tables", "memories", "globals", "tags"):
        if tree[kind]:
            page.heading(kind.capitalize())
            things = (
                (str(x["index"]), _name(x["name"]), x["type"], "imported" * x["imported"])
                for x in tree[kind]
            )
            _rows(page, (">index", "name", "type", ""), tree[kind], things)
    if tree["elements"]:
        page.heading("Element segments")
        elements = (
            (str(s["index"]), _name(s["name"]), s["mode"], s["type"], s["size"])
            for s in tree["elements"]
        )
        heads = (">index", "name", "mode", "type", ">size")
        _rows(page, heads, tree["elements"], elements)
    if tree["datas"]:
        page.heading("Data segments")
        datas = ((str(s["index"]), _name(s["name"]), s["mode"], s["size"]) for s in tree["datas"])
        _rows(page, (">index", "name", "mode", ">bytes"), tree["datas"], datas)


def _quoted(name: str | None) -> Text | None:
    return None if name is None else text(f'"{name}"', NAME)


def _gate_pairs(gate: JSON) -> Iterator[tuple[str, Cell]]:
    if not gate["program"]:
        yield "Gate program", join("no:", gate["because"])
        return
    entry = gate["entry"]
    yield "Gate program", "yes, wants random bytes" if gate["wants_random_bytes"] else "yes"
    yield "entry", entry if entry is not None else ", ".join(gate["entries_by_name"]) or None


def _producers(producers: list[JSON]) -> Cell:
    made = [f"{p['name']} {p['version']}".strip() for p in producers]
    return ", ".join(made) or None


def _body(function: JSON) -> tuple[Cell, Cell]:
    if function["imported"]:
        return "imported", None
    return f"{function['offset']:#x}", function["instructions"]


# -- snapshots -----------------------------------------------------------------------------------


def _snapshot(page: Page, tree: JSON) -> None:
    module = tree["module"]
    page.title(f"snapshot of {tree['size']:,} bytes")
    for problem in tree["problems"]:
        page.line(join(text(f"problem with the {problem['where']}:", BAD), problem["what"]))
    trap = tree["trap"]
    page.pairs(
        [
            ("module", _program(module)),
            ("sha256", module["sha256"]),
            ("features", ", ".join(module["features"]) or None),
            ("phase", f"{tree['phase']}: {_PHASES[tree['phase']]}"),
            ("trap", f"{trap['id']} ({trap['name']})"),
            ("result", tree["result"]),
            ("final", "must not be run again" if tree["final"] else None),
            ("to be run", _to_be_run(tree)),
            ("fuel spent", int(tree["fuel_spent"])),
            ("clock", _seconds(int(tree["monotonic_time_ns"]))),
        ]
    )
    _inside(page, tree)


def _form(page: Page, form: JSON) -> None:
    """Show what makes a module a snapshot."""
    page.heading("Snapshot")
    for problem in form["problems"]:
        page.line(join(text(f"problem with the {problem['where']}:", BAD), problem["what"]))
    record, native = form["record"], form["native_stack"]
    if record is not None:
        trap = record["trap"]
        breakpoints = ", ".join(f"{int(offset):#x}" for offset in record["breakpoints"])
        page.pairs(
            [
                ("phase", f"{form['phase']}: {_PHASES[form['phase']]}"),
                ("trap", f"{trap['id']} ({trap['name']})"),
                ("result", None if trap["id"] else str(record["result"])),
                ("final", "must not be run again" if record["final"] else None),
                ("exports", "hidden" if form["hidden_exports"] else None),
                ("to be run", _to_be_run(form)),
                ("fuel spent", None if form["fuel_spent"] is None else int(form["fuel_spent"])),
                ("clock", _seconds(int(record["monotonic_time_ns"]))),
                ("breakpoints", breakpoints or None),
            ]
        )
    if native is not None:
        _native(page, native)
    _inside(page, form)


def _native(page: Page, stack: JSON) -> None:
    frames = stack["frames"]
    page.heading(f"Stack of machine code, {_plural(stack['frames_total'], 'frame')}")
    page.line(f"inside the {stack['inside']} function; it can be resumed by Gate only")
    rows = (
        (f"#{i}", str(f["call_site"]), f["size"], " ".join(f["words"][:8]))
        for i, f in enumerate(frames)
    )
    _rows(page, ("", ">call site", ">bytes", "words"), frames, rows)


def _inside(page: Page, tree: JSON) -> None:
    """Show the machine, and what was on its way."""
    state = tree["state"]
    if state is not None:
        _calls(page, state)
        several = len(state["instances"]) > 1
        for instance in state["instances"]:
            _instance(page, instance, several)
        for external in state["externals"]:
            _external(page, external)
        _objects(page, state["objects"])
    if tree["services"]:
        page.heading("Services")
        page.table(
            (">code", "name", ">state", ""),
            (
                (
                    str(s["code"]),
                    s["name"],
                    _plural(s["state"]["size"], "byte"),
                    _hex(s["state"], 16),
                )
                for s in tree["services"]
            ),
        )
    _stream(page, "Input, on its way to the program", tree["input"])
    _stream(page, "Output, on its way from the program", tree["output"])


def _program(module: JSON) -> Cell:
    if module["size"] is None:
        return "not in the snapshot"
    return join(f"{module['size']:,} bytes", _name(module["name"]))


def _to_be_run(tree: JSON) -> Text | None:
    start = "the start function" if tree["pending_start"] else None
    entry = None if tree["entry"] is None else text(f'entry "{tree["entry"]}"')
    return join(start, entry, by=", ") if start or entry else None


def _seconds(ns: int) -> str:
    return f"{ns // 10**9:,}.{ns % 10**9:09} s monotonic"


def _calls(page: Page, state: JSON) -> None:
    several = len(state["instances"]) > 1
    for call in state["calls"]:
        where = f" of instance {call['instance']}" if several else ""
        if call["pending"] is not None:
            pending = call["pending"]
            page.heading(f"Call{where} of a function of the host, still to be made")
            page.line(pending["function"]["value"])
            args = ((f"argument {i}", *_value(v)) for i, v in enumerate(pending["args"]))
            page.table(("", "", ""), args, indent=4)
        if call["frames"]:
            _backtrace(page, call, where, several)


def _backtrace(page: Page, call: JSON, where: str, several: bool) -> None:
    frames = call["frames"]
    total = len(frames)
    page.heading(f"Backtrace{where}, {_plural(call['frames_total'], 'frame')}, innermost first")
    for depth, frame in enumerate(frames):
        if total > INNER_FRAMES + OUTER_FRAMES:
            if depth == INNER_FRAMES:
                page.more(call["frames_total"], INNER_FRAMES + OUTER_FRAMES, "frames")
            if INNER_FRAMES <= depth < total - OUTER_FRAMES:
                continue
        _frame(page, depth, frame, several)


def _frame(page: Page, depth: int, frame: JSON, several: bool) -> None:
    at = frame["next"]
    # One that waits for a call is in the line of the call.
    lines = [place["line"] for place in (frame["call"], at) if place and "line" in place]
    page.line(
        Text(f"#{depth}", "bold"),
        _name(frame["name"]) or "(no name)",
        text(f"function {frame['function']}", FAINT),
        text(f"of instance {frame['instance']}", FAINT) if several else None,
        "" if at is None else f"at {at['offset']:#x}",
        text(lines[0]) if lines else None,
    )
    rows: list[tuple[str, Cell]] = []
    if frame["call"] is not None:
        rows.append(("in", _instruction(frame["call"])))
    rows.append(("next", f"step {frame['step']}" if at is None else _instruction(at)))
    page.pairs(rows, indent=5)
    values: list[tuple[Cell, ...]] = [
        ("local", str(v["index"]), _name(v["name"]), *_value(v)) for v in frame["locals"][:MAX_ROWS]
    ]
    page.table(("",) * 5, values, indent=5)
    page.more(frame["locals_total"], len(values), "locals", indent=5)
    stack = frame["stack"]
    first = max(0, len(stack) - MAX_ROWS)
    page.table(
        ("",) * 5,
        (
            ("stack", str(i), "top" if i == len(stack) - 1 else "", *_value(v))
            for i, v in enumerate(stack[first:], first)
        ),
        indent=5,
    )
    page.more(frame["stack_total"], len(stack) - first, "operands", indent=5)


def _instruction(instruction: JSON) -> Text:
    return join(instruction["instruction"], *map(_name, instruction["names"]))


def _value(value: JSON) -> tuple[Cell, Cell]:
    """Type and value, with the bits where they say more."""
    shown = text(value["value"])
    if "lanes" in value:
        for shape in ("i32x4", "f32x4"):
            shown.append("\n").append_text(text(" ".join((shape, *value["lanes"][shape])), FAINT))
        return value["type"], shown
    bits = value.get("hex")
    if bits is not None and value["type"] in ("i32", "i64", "i8", "i16"):
        # Of a small number there is no more to say.
        bits = None if int(bits, 16) < 10 else hex(int(bits, 16))
    return value["type"] or "?", join(shown, None if bits is None else text(bits, FAINT))


def _instance(page: Page, instance: JSON, several: bool) -> None:
    where = f" of instance {instance['index']}" if several else ""
    _imports(page, instance["imports"], where)
    if instance["globals"]:
        _globals(page, instance["globals"], where)
    for memory in instance["memories"]:
        _memory(page, memory, where)
    if instance["tables"]:
        _tables(page, instance["tables"], where)
    dropped = [
        join(f"{kind} {s['index']}", _name(s["name"]))
        for kind, key in (("element segment", "elements"), ("data segment", "datas"))
        for s in instance[key]
        if s.get("dropped") or s.get("size") == 0
    ]
    if dropped:
        page.heading(f"Dropped segments{where}")
        page.line(join(*dropped[:MAX_ROWS], by=", "))
        page.more(len(dropped), MAX_ROWS, "segments")


def _external(page: Page, external: JSON) -> None:
    where = f" of the host, external {external['index']}"
    if "memory" in external:
        _memory(page, external["memory"], where)
    elif "table" in external:
        _tables(page, [external["table"]], where)
    elif "global" in external:
        _globals(page, [external["global"]], where)
    else:
        page.heading(
            f"{(external['kind'] or 'thing').capitalize()}{where}", _name(external["name"])
        )


def _globals(page: Page, variables: list[JSON], where: str) -> None:
    page.heading(f"Globals{where}")
    rows = (
        (str(g["index"]), _name(g["name"]), "mut" if g["mutable"] else "", *_value(g))
        for g in variables
    )
    _rows(page, ("",) * 5, variables, rows)


def _tables(page: Page, tables: list[JSON], where: str) -> None:
    page.heading(f"Tables{where}")
    for table in tables:
        page.line(
            f"table {table['index']}",
            _name(table["name"]),
            text(f"{table['type'] or ''}: {table['used']:,} of {table['size']} in use"),
        )
        elements = ((f"[{e['index']}]", e["value"]) for e in table["elements"][:MAX_ROWS])
        page.table(("", ""), elements, indent=4)
        page.more(table["used"], MAX_ROWS, "elements", indent=4)


def _imports(page: Page, imports: list[JSON], where: str) -> None:
    """Show where imports come from, if it is not just the runtime."""
    linked = [i for i in imports if i["from"] != "import"]
    if not linked:
        return
    page.heading(f"Linked imports{where}")
    rows = ((i["kind"], i["module"], i["name"], _source(i)) for i in linked)
    _rows(page, ("kind", "module", "name", "from"), linked, rows)


def _source(entry: JSON) -> str:
    match entry["from"]:
        case "host":
            return f"the host's {entry['host_name']}"
        case "instance":
            return f"instance {entry['instance']}, {entry['kind']} {entry['index']}"
        case "external":
            return f"external {entry['external']}"
    return "unknown"


def _memory(page: Page, memory: JSON, where: str) -> None:
    used = sum(span["last"] - span["first"] + 1 for span in memory["used_pages"])
    page.heading(f"Memory {memory['index']}{where}", _name(memory["name"]))
    pages = int(memory["bytes"] or 0) >> 16
    page.line(
        f"{int(memory['bytes'] or 0):,} bytes, {_plural(pages, 'page')} of 64 KiB;",
        f"{used:,} in use, {memory['nonzero_bytes']:,} bytes not zero",
    )
    if pages > 1:
        page.line(_map(memory["used_pages"], pages))
    areas = memory["areas"][:MAX_ROWS]
    page.table(
        (">address", ">bytes", "", ""),
        (
            (
                f"{a['address']:#x}",
                a["size"],
                _hex(a["start"], _HEX_BYTES),
                _ascii(a["start"], _TEXT_BYTES),
            )
            for a in areas
        ),
    )
    page.more(memory["areas_total"], len(areas), "areas")


def _map(spans: list[JSON], pages: int) -> Text:
    """Draw pages, or as many at a time as needed: # in use, . all zero."""
    scale = -(-pages // _PAGES_IN_MAP)
    used: set[int] = set()
    for span in spans:
        used.update(range(span["first"] // scale, min(span["last"], pages) // scale + 1))
    drawn = "".join("#" if cell in used else "." for cell in range(-(-pages // scale)))
    note = "" if scale == 1 else f"  one sign for {scale} pages"
    lines = [drawn[at : at + 64] for at in range(0, len(drawn), 64)]
    return Text("\n".join(lines) + note)


def _objects(page: Page, objects: JSON) -> None:
    if not objects["total"]:
        return
    page.heading(
        f"{_plural(objects['total'], 'object')} on the heap, {_plural(objects['bytes'], 'byte')}"
    )
    page.table(
        ("kind", ">type", "name", ">count", ">bytes"),
        (
            (
                k["kind"],
                None if k["type"] is None else str(k["type"]),
                _name(k["name"]),
                k["count"],
                k["bytes"],
            )
            for k in objects["kinds"][:MAX_ROWS]
        ),
    )
    page.more(len(objects["kinds"]), MAX_ROWS, "kinds")
    shown = objects["shown"][: MAX_ROWS // 2]
    page.table(
        ("", "", "", ""),
        ((f"#{o['index']}", o["kind"], _name(o["name"]), _fields(o)) for o in shown),
    )
    page.more(objects["total"], len(shown), "objects")


def _fields(item: JSON) -> Text:
    """Write the values of an object on a line."""
    shown = [
        join(None if v["name"] is None else text(f"${v['name']}", NAME), v["value"])
        for v in item["values"][:8]
    ]
    more = "…" if item["values_total"] > len(shown) else None
    return join(*shown, more, by=", ")


# -- bytes and packets ---------------------------------------------------------------------------


def _hex(blob: JSON, limit: int) -> Text:
    data = bytes.fromhex(blob["hex"])
    more = "…" if blob["size"] > limit else ""
    return text(data[:limit].hex(" ") + more, FAINT)


def _ascii(blob: JSON, limit: int) -> Text:
    """Write bytes as characters, with a dot for what is no printable ASCII."""
    data = bytes.fromhex(blob["hex"])[:limit]
    return text("".join(chr(b) if 32 <= b < 127 else "." for b in data))


def _stream(page: Page, title: str, stream: JSON) -> None:
    if not stream["size"]:
        return
    packets = stream["packets"]
    page.heading(f"{title}: {_plural(stream['size'], 'byte')}")
    rows = ((f"{p['offset']:#x}", *_packet(p)) for p in packets)
    _rows(page, (">offset", ">bytes", "domain", "to or from", "what"), packets, rows)


def _packet(packet: JSON) -> tuple[Cell, ...]:
    if "code" not in packet:
        part = {"end": "the end of a packet", "beginning": "the beginning of a packet"}
        what = part.get(packet["part"], "not decoded")
        return packet["bytes"]["size"], None, None, join(what + ":", _hex(packet["bytes"], 16))
    service = packet["service"]
    if packet["code"] < 0:
        peer: Cell = "discovery"
    else:
        peer = join(f"[{packet['code']}]", None if service is None else text(service, NAME))
    return packet["size"], packet["domain"], peer, _content(packet)


def _content(packet: JSON) -> Text:
    if packet["missing"]:
        return join(
            f"beginning of a packet, {_plural(packet['missing'], 'byte')} missing:",
            _hex(packet["content"], 16),
        )
    if "flows" in packet:
        flows = [
            f"stream {f['stream']} "
            + {"eof": "ends", "note": f"note {f['value']}"}.get(f["meaning"], f"+{f['value']}")
            for f in packet["flows"][:8]
        ]
        return join(*flows, by=", ")
    if "data" in packet:
        data = packet["data"]
        note = f"note {data['note']}" if data["note"] else None
        if data["eof"]:
            return join(f"stream {data['stream']} ends", note)
        size = _plural(data["bytes"]["size"], "byte")
        return join(f"stream {data['stream']}, {size}:", note, _ascii(data["bytes"], _PACKET_BYTES))
    if "names" in packet:
        return join("wants", *(text(name, NAME) for name in packet["names"][:8]))
    if "states" in packet:
        available = ["available" if state & 1 else "unavailable" for state in packet["states"]]
        shown = [f"[{code}] {word}" for code, word in enumerate(available[:8])]
        return join("services", *shown, "…" if len(available) > len(shown) else None)
    if "problem" in packet:
        return text(packet["problem"], BAD)
    if not packet["content"]["size"]:
        return text("empty")
    reply = f"index {packet['index']}" if packet["index"] else None
    return join(reply, _hex(packet["content"], 16), _ascii(packet["content"], 16))
