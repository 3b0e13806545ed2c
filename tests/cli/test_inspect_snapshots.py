"""`refexec inspect` of snapshots: state, packets, services, and what does not fit."""

from __future__ import annotations

import copy
import dataclasses
import random
from pathlib import Path
from typing import Any

import pytest

from assemble import assemble
from command_line import call, complaint, write_module
from example_programs import EXAMPLES
from guests import COUNTS
from inspections import check_form, inspected, shown
from refexec import discovery, packet, snapshot, wasm
from refexec.cli.inspection.layout import lay_out
from refexec.cli.inspection.packets import MAX_PACKETS, describe_stream
from refexec.cli.inspection.snapshots import describe_snapshot
from refexec.cli.inspection.state import Known, describe_state
from refexec.interp.frozen import with_chunks
from refexec.snapshot import Buffers, Service, Snapshot
from rich_module import MANY_KINDS

EMPTY = b"\0asm\x01\0\0\0"


def suspended(folder: Path, program: Path, entry: str, fuel: int) -> Path:
    kept = folder / "kept"
    result = call("run", program, "--entry", entry, "--fuel", fuel, "--snapshot", kept)
    assert result.exit_code == 102
    return kept


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program with something of everything, suspended four calls deep."""
    folder = tmp_path_factory.mktemp("many")
    return suspended(folder, write_module(folder, MANY_KINDS), "go", 500)


# -- what a suspended program looks like ---------------------------------------------------------


def test_a_snapshot_for_programs(tmp_path: Path) -> None:
    kept = suspended(tmp_path, write_module(tmp_path, COUNTS), "forever", 4000)
    tree = inspected(kept)
    assert tree["kind"] == "snapshot"
    assert tree["size"] == kept.stat().st_size
    assert tree["problems"] == []
    assert tree["trap"] == {"id": 2, "name": "suspended"}
    assert tree["phase"] == "entry"
    assert tree["fuel_spent"] == "4000"
    assert int(tree["monotonic_time_ns"]) > 0
    (frame,) = tree["state"]["calls"][0]["frames"]
    assert (frame["function"], frame["name"], frame["call"]) == (1, "forever", None)
    (memory,) = tree["state"]["instances"][0]["memories"]
    assert (memory["pages"], memory["bytes"]) == ("1", "65536")


def test_the_backtrace(many: Path) -> None:
    (call_,) = inspected(many)["state"]["calls"]
    frames = call_["frames"]
    assert [frame["name"] for frame in frames] == ["deeper"] * 4 + ["go"]
    assert call_["frames_total"] == 5
    inner, outer = frames[0], frames[-1]
    assert inner["type"] == "(i32) -> (i32)"
    assert inner["next"]["instruction"] == "br 0"
    assert inner["call"] is None
    assert [(v["name"], v["type"], v["value"]) for v in inner["locals"]] == [
        ("depth", "i32", "0"),
        ("point", "(ref null $point)", "struct #6 $point"),
        ("lanes", "v128", "0x3fc000003fc000003fc000003fc00000"),
        (None, "f32", "0.0"),
    ]
    assert inner["locals"][2]["lanes"]["f32x4"] == ["1.5"] * 4
    assert inner["stack"] == [{"type": "i32", "value": "1000", "hex": "0x000003e8"}]
    assert outer["call"]["instruction"] == "call_indirect 3 0"
    assert outer["call"]["names"] == ["callee", "calls"]
    assert outer["next"]["instruction"] == "drop"
    assert outer["next"]["offset"] > outer["call"]["offset"]
    assert [(v["type"], v["value"]) for v in outer["stack"]] == [("i64", "-1")]


def test_globals_of_every_type(many: Path) -> None:
    (instance,) = inspected(many)["state"]["instances"]
    values = {v["name"]: (v["type"], v["value"]) for v in instance["globals"]}
    assert values == {
        "count": ("i32", "-2"),
        "big": ("i64", "9223372036854775807"),
        "odd": ("f32", "nan:0x200001"),
        "third": ("f64", "0.333"),
        "wide": ("v128", "0x0000000400000003fffffffe00000001"),
        "held": ("anyref", "struct #0 $list"),
        "thrown": ("exnref", "exception #1 $oops"),
        "outside": ("externref", "extern of i31 -7"),
        "f": ("funcref", "function 1 $deeper"),
    }
    assert instance["globals"][2]["hex"] == "0x7fa00001"
    assert instance["globals"][7]["reference"] == {
        "kind": "extern",
        "inner": {"kind": "i31", "value": "-7"},
    }
    assert instance["globals"][4]["lanes"]["i32x4"] == ["1", "-2", "3", "4"]


def test_the_memory_map(many: Path) -> None:
    (instance,) = inspected(many)["state"]["instances"]
    (memory,) = instance["memories"]
    assert (memory["pages"], memory["bytes"]) == ("3", str(3 << 16))
    assert memory["used_pages"] == [{"first": 0, "last": 0}, {"first": 2, "last": 2}]
    assert memory["nonzero_bytes"] == 41
    near, far = memory["areas"]
    assert (near["address"], near["size"], near["nonzero"]) == (100, 33, 33)
    assert (far["address"], bytes.fromhex(far["start"]["hex"])) == (131080, b"far away")


def test_areas_end_where_there_is_nothing_for_long(tmp_path: Path) -> None:
    wat = """(module (memory 3) (func (export "f") (loop (br 0)))
      (data (i32.const 0) "a") (data (i32.const 64) "b") (data (i32.const 129) "c")
      (data (i32.const 65535) "dddd"))"""
    kept = suspended(tmp_path, write_module(tmp_path, wat), "f", 10)
    (memory,) = inspected(kept)["state"]["instances"][0]["memories"]
    assert memory["used_pages"] == [{"first": 0, "last": 1}]
    assert [(a["address"], a["size"], a["nonzero"]) for a in memory["areas"]] == [
        (0, 65, 2),
        (129, 1, 1),
        (65535, 4, 4),
    ]


def test_tables_and_segments(many: Path) -> None:
    (instance,) = inspected(many)["state"]["instances"]
    (table,) = instance["tables"]
    assert (table["name"], table["size"], table["used"]) == ("calls", "4", 2)
    assert [(e["index"], e["value"]) for e in table["elements"]] == [
        ("1", "function 1 $deeper"),
        ("2", "function 0 $yield"),
    ]
    assert [(s["name"], s["size"]) for s in instance["elements"]] == [(None, 0), ("spare", 1)]
    assert [s["dropped"] for s in instance["datas"]] == [True, True]


def test_objects_are_counted_and_shown(many: Path) -> None:
    objects = inspected(many)["state"]["objects"]
    assert objects["total"] == 7
    assert {(k["kind"], k["name"], k["count"]) for k in objects["kinds"]} == {
        ("struct", "point", 4),
        ("struct", "list", 1),
        ("array", "row", 1),
        ("exception", "oops", 1),
    }
    assert objects["bytes"] == sum(k["bytes"] for k in objects["kinds"])
    assert [(v["name"], v["type"], v["value"]) for v in objects["shown"][6]["values"]] == [
        ("x", "i32", "0"),
        ("y", "f64", "2.5"),
        ("tiny", "i8", "7"),
    ]
    assert [v["value"] for v in objects["shown"][1]["values"]] == ["5", "-0.0"]


def test_a_snapshot_for_people(many: Path) -> None:
    lines = shown(many)
    text = "\n".join(lines)
    assert "  fuel spent  500" in lines
    assert "Backtrace, 5 frames, innermost first" in lines
    assert any(line.startswith("  #4 $go function 2 at 0x") for line in lines)
    assert "in    call_indirect 3 0 $callee $calls" in text
    for row in (
        ["local", "0", "$depth", "i32", "0"],
        ["stack", "0", "top", "i64", "-1", "0xffffffffffffffff"],
        ["2", "$odd", "mut", "f32", "nan:0x200001", "0x7fa00001"],
        ["f32x4", "1.5", "1.5", "1.5", "1.5"],
        ["#.#"],
        ["#6", "struct", "$point", "$x", "0,", "$y", "2.5,", "$tiny", "7"],
    ):
        assert row in [line.split() for line in lines]
    assert "text with a .[31mterminal" in text


def test_the_readme_shows_what_is_shown(tmp_path: Path) -> None:
    kept = suspended(tmp_path, EXAMPLES / "counter.wasm", "count", 700_000)
    readme = (EXAMPLES.parent / "README.md").read_text().splitlines()
    first = next(i for i, line in enumerate(readme) if line.startswith("snapshot of "))
    lines = shown(kept)
    for line, written in zip(lines, readme[first:], strict=False):
        # The clock tells how fast the machine was, and a later time takes more bytes.
        assert line == written or line.startswith(("  clock", "snapshot of "))
    assert readme[first + len(lines)] == "```"


def test_many_frames_are_shown_from_both_ends(tmp_path: Path) -> None:
    wat = '(module (func $f (export "f") (call $f)))'
    kept = suspended(tmp_path, write_module(tmp_path, wat), "f", 1999)
    tree = inspected(kept)
    assert (
        tree["state"]["calls"][0]["frames_total"]
        == len(tree["state"]["calls"][0]["frames"])
        == 1000
    )
    lines = shown(kept)
    assert "  … 975 more frames (see --json)" in lines
    assert len([line for line in lines if line.startswith("  #")]) == 25
    assert len(lines) < 150


def test_a_function_that_has_just_been_entered(tmp_path: Path) -> None:
    kept = suspended(tmp_path, write_module(tmp_path, COUNTS), "forever", 0)
    (frame,) = inspected(kept)["state"]["calls"][0]["frames"]
    assert frame["step"] == 0
    assert frame["next"]["instruction"] == "function entry"


def test_programs_that_have_not_begun_and_that_have_returned(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    module = assemble('(module (func $s) (start $s) (func (export "go")))')
    snapshot.file.write(file, Snapshot(module, pending_start=True, entry="go"))
    tree = inspected(file)
    assert (tree["phase"], tree["state"], tree["result"]) == ("fresh", None, "halted successfully")
    assert '  to be run   the start function, entry "go"' in shown(file)
    result = call("run", EXAMPLES / "counter.wasm", "--entry", "count_to", "--snapshot", file)
    assert result.exit_code == 0
    tree = inspected(file)
    assert (tree["phase"], tree["state"]["calls"]) == ("halted", [])
    assert "  phase       halted: has returned" in shown(file)


def test_a_pending_call_of_the_host() -> None:
    wat = '(module (import "h" "f" (func $f (param i32 f32))) (export "f" (func $f)))'
    module = wasm.Module(assemble(wat))

    def busy(*_: object) -> None:
        raise wasm.Restart

    kind = wasm.FunctionType((wasm.I32, wasm.F32))
    started = wasm.Instance(module, {("h", "f"): wasm.HostFunction(kind, busy)})
    assert started.call("f", -3, 0.5) == wasm.Suspended()
    record = Snapshot(module.data, started.freeze_tree(), phase="entry")
    tree = describe_snapshot(record, 0)
    check_form(tree)
    pending = tree["state"]["calls"][0]["pending"]
    assert pending["function"]["value"] == "function 0 $f"
    assert [v["value"] for v in pending["args"]] == ["-3", "0.5"]
    assert "argument 0  i32  -3 0xfffffffd" in lay_out(tree)


# -- packets and services ------------------------------------------------------------------------


def padded(*packets: packet.Packet) -> bytes:
    stream = b""
    for item in packets:
        item.set_size()
        stream += bytes(item) + bytes(packet.align(len(item)) - len(item))
    return stream


def data_packet(content: bytes, note: int = 0) -> packet.Packet:
    made = packet.make_data(0, 7, 0)
    made.data_content = content
    made.note = note
    return made


def some_packets() -> list[packet.Packet]:
    reply = packet.make_call(1, 5)
    reply.index = 3
    flows = packet.make_flows(0, 3)
    flows.set(0, 7, 100)
    flows.set(1, 8, 0)
    flows.set(2, 9, -5)
    return [
        reply,
        flows,
        data_packet(b"abc"),
        data_packet(b"", 4),
        discovery.make_services_packet(packet.Domain.INFO, [1, 0]),
        packet.make_info(300),
    ]


@pytest.fixture
def on_its_way(tmp_path: Path) -> Path:
    request = discovery.make_discovery(["origin", "esc\x1b", "bad\udcff"])
    buffers = Buffers(
        [Service("origin", b"\x01"), Service("esc\x1b"), Service("bad\udcff")],
        input=padded(*some_packets()),
        output=padded(request) + padded(*some_packets())[:9],
    )
    file = tmp_path / "kept"
    snapshot.file.write(file, Snapshot(EMPTY, buffers=buffers))
    return file


def test_what_was_on_its_way_is_decoded(on_its_way: Path) -> None:
    tree = inspected(on_its_way)
    assert [(s["code"], s["name"], s["state"]["hex"]) for s in tree["services"]] == [
        (0, "origin", "01"),
        (1, "esc\x1b", ""),
        (2, "bad\\xff", ""),
    ]
    reply, flows, data, end, states, info = tree["input"]["packets"]
    assert {p["part"] for p in tree["input"]["packets"]} == {"whole"}
    assert (reply["domain"], reply["service"], reply["index"], reply["size"]) == (
        "call",
        "esc\x1b",
        3,
        13,
    )
    assert flows["service"] == "origin"
    assert flows["flows"] == [
        {"stream": 7, "value": 100, "meaning": "increment"},
        {"stream": 8, "value": 0, "meaning": "eof"},
        {"stream": 9, "value": -5, "meaning": "note"},
    ]
    assert (data["data"]["stream"], data["data"]["bytes"]["hex"]) == (7, b"abc".hex())
    assert (end["data"]["eof"], end["data"]["note"]) == (True, 4)
    assert (states["code"], states["states"]) == (-1, [1, 0])
    assert (info["domain"], info["service"]) == ("info", None)
    request, part = tree["output"]["packets"]
    assert request["names"] == ["origin", "esc\x1b", "bad\\xff"]
    assert (part["part"], part["size"], part["missing"], part["code"]) == ("beginning", 13, 4, 1)


def test_what_was_on_its_way_for_people(on_its_way: Path) -> None:
    lines = [line.split() for line in shown(on_its_way)]
    for row in (
        ["0", "origin", "1", "byte", "01"],
        ["1", r"esc\x1b", "0", "bytes"],
        ["0x0", "13", "call", "[1]", r"esc\x1b", "index", "3", *["00"] * 5, "....."],
        ["stream", "7", "+100,", "stream", "8", "ends,", "stream", "9"],
        ["stream", "7,", "3", "bytes:", "abc"],
        ["services", "[0]", "available", "[1]", "unavailable"],
    ):
        assert any(line[-len(row) :] == row or line[: len(row)] == row for line in lines), row
    assert any(line[-4:] == ["wants", "origin", r"esc\x1b", r"bad\xff"] for line in lines)
    assert any("missing:" in line for line in lines)


@pytest.mark.parametrize("at", range(1, 40))
def test_a_stream_that_begins_within_a_packet(at: int) -> None:
    first = data_packet(b"x" * 30)
    stream = padded(first, *some_packets())[at:]
    described = describe_stream(stream, [], to_program=True)
    part, *others = described["packets"]
    assert (part["part"], part["bytes"]["size"]) == ("end", 48 - at)
    assert [p["offset"] for p in others] == [
        48 - at,
        64 - at,
        96 - at,
        120 - at,
        136 - at,
        152 - at,
    ]


def test_the_last_packet_need_not_be_padded() -> None:
    described = describe_stream(padded(data_packet(b"abc"))[:19], [], to_program=True)
    assert [p["part"] for p in described["packets"]] == ["whole"]


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (b"\1\2\3", ["beginning"]),
        (b"\xff" * 20, ["unknown"]),
        (padded(packet.make_info(0)) + b"\xff" * 20, ["whole", "unknown"]),
        (padded(packet.make_info(0)) + b"\xff" * 3, ["whole", "beginning"]),
        (padded(packet.make_info(-2)), ["unknown"]),
    ],
)
def test_what_is_no_packet_is_not_decoded(data: bytes, parts: list[str]) -> None:
    described = describe_stream(data, [], to_program=False)
    assert [p["part"] for p in described["packets"]] == parts


def test_packets_that_break_the_rules_are_shown(tmp_path: Path) -> None:
    short = packet.make(0, packet.Domain.DATA, 9)
    odd = packet.make(-1, packet.Domain.INFO, 10)
    file = tmp_path / "kept"
    snapshot.file.write(file, Snapshot(EMPTY, buffers=Buffers(output=padded(short, odd))))
    first, second = inspected(file)["output"]["packets"]
    assert "data" not in first
    assert (first["size"], first["content"]["hex"]) == (9, "00")
    assert second["problem"] == "service discovery packet has wrong domain: 1"
    assert any("service discovery packet" in line for line in shown(file))


def test_a_flood_of_packets_is_not_all_decoded() -> None:
    stream = padded(packet.make_info(0)) * (MAX_PACKETS + 5)
    described = describe_stream(stream, [], to_program=True)
    assert len(described["packets"]) == MAX_PACKETS + 1
    last = described["packets"][-1]
    assert (last["part"], last["bytes"]["size"]) == ("unknown", 40)


# -- what does not fit ---------------------------------------------------------------------------


def with_record(file: Path, target: Path, **changes: Any) -> Path:
    record = snapshot.file.read(file)
    snapshot.file.write(target, dataclasses.replace(record, **changes))
    return target


def test_a_state_of_another_module_is_still_shown(many: Path, tmp_path: Path) -> None:
    other = with_record(many, tmp_path / "other", module=assemble(COUNTS))
    tree = inspected(other, problem="state: instance 0: state belongs to another module")
    (problem,) = tree["problems"]
    assert problem["what"].startswith("instance 0: state belongs to another module")
    frames = tree["state"]["calls"][0]["frames"]
    assert [frame["function"] for frame in frames] == [1, 1, 1, 1, 2]
    assert frames[0]["name"] is None
    assert frames[0]["locals"][0] == {"index": 0, "name": None, "type": None, "value": "0"}
    assert tree["state"]["objects"]["total"] == 7
    result = call("inspect", other)
    assert result.exit_code == 2
    assert "problem with the state: instance 0: state belongs to another module" in result.stdout
    assert "  #0 (no name) function 1" in result.stdout


def test_a_damaged_state_is_shown_as_far_as_it_goes(many: Path, tmp_path: Path) -> None:
    state = copy.deepcopy(with_chunks(snapshot.file.read(many).state, bytes))
    state["calls"][0]["frames"][4]["pc"] = 10_000
    state["calls"][0]["frames"][3]["locals"][0] = "x\x1b"
    tree = inspected(
        with_record(many, tmp_path / "bad", state=state), problem="state: call 0, frame"
    )
    inner, next_ = tree["state"]["calls"][0]["frames"][:2]
    assert (inner["next"], inner["type"], inner["name"]) == (None, None, "deeper")
    assert (next_["locals"][0]["type"], next_["locals"][0]["value"]) == (None, "'x\\x1b'")


def test_a_module_that_is_none_leaves_a_state_without_types(many: Path, tmp_path: Path) -> None:
    file = with_record(many, tmp_path / "bad", module=b"\0asm\1\0\0")
    tree = inspected(file, problem="module: ")
    assert tree["module"]["features"] == []
    assert len(tree["state"]["calls"][0]["frames"]) == 5


def test_a_damaged_snapshot_gives_one_line(many: Path, tmp_path: Path) -> None:
    data = bytearray(many.read_bytes())
    data[-1] ^= 1
    file = tmp_path / "damaged"
    file.write_bytes(data)
    assert complaint("inspect", file) == (
        f"{file}: snapshot is damaged: its SHA-256 digest does not match"
    )


VALUES: list[Any] = [
    None, 0, 1, -1, 2**70, -(2**127), 1.5, b"", b"x" * 16, "x", "\ud800", [], {}, True, (),
    ["i31", 0], ["object", 0], ["object", -1], ["function", 0], ["function", []], ["host", "\x1b"],
    ["extern", ["extern", None]], ["extern", ["i31", 5]], [[]], {"size": 1, "elements": [[1, 2]]},
]  # fmt: skip


def _spots(node: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        found.append((node, key))
        if isinstance(node[key], dict | list):
            _spots(node[key], found)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_state_holds_it_is_described(many: Path, seed: int) -> None:
    record = snapshot.file.read(many)
    whole = with_chunks(record.state, bytes)
    chance = random.Random(seed)
    for _ in range(10):
        state = copy.deepcopy(whole)
        for _ in range(chance.randrange(1, 4)):
            container, key = chance.choice(_spots(state, []))
            container[key] = chance.choice(VALUES)
        tree = describe_snapshot(dataclasses.replace(record, state=state), 0)
        check_form(tree)
        lay_out(tree)


def test_a_snapshot_without_its_program(many: Path, tmp_path: Path) -> None:
    record = snapshot.file.read(many)
    assert record.module is not None
    file = tmp_path / "hollow"
    snapshot.file.write(file, record.without_module())
    tree = inspected(file, problem="module: snapshot does not hold its program")
    assert (tree["module"]["size"], tree["module"]["sha256"]) == (None, record.digest)
    assert len(tree["state"]["calls"][0]["frames"]) == 5
    program = tmp_path / "program.wasm"
    program.write_bytes(record.module)
    result = call("inspect", file, "--program", program)
    assert result.exit_code == 0
    assert "#4 $go function 2" in result.stdout
    program.write_bytes(assemble(COUNTS))
    assert "belongs to another program" in complaint("inspect", file, "--program", program)


# -- linked instances ----------------------------------------------------------------------------


def test_linked_instances_and_what_the_host_has_made() -> None:
    library = wasm.Module(
        assemble(
            """(module $library
              (import "host" "log" (func $log (param i32)))
              (import "host" "held" (global $held externref))
              (table $table (export "table") 1 2 externref)
              (memory $shared (export "shared") 1 2)
              (global $mine (export "mine") (mut i64) (i64.const 5))
              (func $wait (export "wait") (param $n i32)
                (i32.store (local.get $n) (i32.const 0x61626364))
                (table.set (i32.const 0) (global.get $held))
                (loop (br 0))))"""
        )
    )
    user = wasm.Module(
        assemble(
            """(module $user
              (import "lib" "wait" (func $wait (param i32)))
              (import "lib" "shared" (memory $theirs 1))
              (global $f funcref (ref.func $wait))
              (global $own (mut i32) (i32.const 1))
              (func (export "go") (call $wait (i32.const 8))))"""
        )
    )
    log = wasm.HostFunction(wasm.FunctionType((wasm.I32,)), lambda n: None)
    host = {"the log": log, "held thing": object()}
    store = wasm.Store()
    held = wasm.Global(wasm.GlobalType(wasm.EXTERNREF), host["held thing"])
    first = wasm.Instance(library, {("host", "log"): log, ("host", "held"): held}, store=store)
    exports = first.exports
    linked = {("lib", "wait"): exports["wait"], ("lib", "shared"): exports["shared"]}
    second = wasm.Instance(user, linked, store=store, fuel=100)
    assert second.call("go") == wasm.Suspended()
    known = {module.digest: Known.of(module) for module in (library, user)}
    state = describe_state(store.freeze_tree(host), known)
    (call_,) = state["calls"]
    assert call_["instance"] == 1
    assert [(f["instance"], f["name"]) for f in call_["frames"]] == [(0, "wait"), (1, "go")]
    assert call_["frames"][0]["locals"][0]["value"] == "8"
    lib, use = state["instances"]
    assert (lib["name"], use["name"]) == ("library", "user")
    assert [(i["name"], i["from"]) for i in lib["imports"]] == [
        ("log", "host"),
        ("held", "external"),
    ]
    assert [(i["from"], i["instance"], i["index"]) for i in use["imports"]] == [
        ("instance", 0, 1),
        ("instance", 0, 0),
    ]
    assert [(g["index"], g["name"], g["value"]) for g in lib["globals"]] == [(1, "mine", "5")]
    assert [(g["name"], g["value"]) for g in use["globals"]] == [
        ("f", "function 1 $wait of instance 0"),
        ("own", "1"),
    ]
    assert use["memories"] == []
    (memory,) = lib["memories"]
    assert [bytes.fromhex(a["start"]["hex"]) for a in memory["areas"]] == [b"dcba"]
    assert lib["tables"][0]["elements"][0]["value"] == "host held thing"
    (external,) = state["externals"]
    assert (external["kind"], external["name"]) == ("global", "host.held")
    assert external["global"]["value"] == "host held thing"
    record = Snapshot(user.data, store.freeze_tree(host), phase="entry")
    tree = describe_snapshot(record, 0) | {"state": state}
    check_form(tree)
    lines = [line.split() for line in lay_out(tree).splitlines()]
    for row in (
        ["#0", "$wait", "function", "1", "of", "instance", "0", "at"],
        ["function", "host", "log", "the", "host's", "the", "log"],
        ["global", "host", "held", "external", "0"],
        ["memory", "lib", "shared", "instance", "0,", "memory", "0"],
        ["Globals", "of", "the", "host,", "external", "0"],
        ["Globals", "of", "instance", "1"],
    ):
        assert any(line[: len(row)] == row for line in lines), row


def test_memories_tables_and_tags_of_the_host() -> None:
    module = wasm.Module(
        assemble(
            """(module
              (import "host" "memory" (memory $m 1 2))
              (import "host" "table" (table $t 2 funcref))
              (import "host" "tag" (tag $e (param i32)))
              (global (export "thrown") (mut exnref) (ref.null exn))
              (func $f (export "f")
                (i32.store8 (i32.const 5) (i32.const 65))
                (table.set (i32.const 1) (ref.func $f))
                (global.set 0 (block $h (result exnref)
                  (try_table (catch_all_ref $h) (throw $e (i32.const 9))) (unreachable)))
                (loop (br 0))))"""
        )
    )
    maker = wasm.Instance(
        wasm.Module(
            assemble(
                """(module (memory (export "memory") 1 2) (table (export "table") 2 funcref)
                  (tag (export "tag") (param i32)))"""
            )
        )
    )
    # From another store, they are the host's to this one.
    imports = {("host", name): item for name, item in maker.exports.items()}
    host = {"the tag": maker.exports["tag"]}
    started = wasm.Instance(module, imports, fuel=100)
    assert started.call("f") == wasm.Suspended()
    tree = started.freeze_tree(host)
    state = describe_state(tree, {module.digest: Known.of(module)})
    found = {item["kind"]: item for item in state["externals"]}
    assert set(found) == {"memory", "table", "tag"}
    assert found["tag"]["name"] == "the tag"
    assert found["memory"]["memory"]["areas"][0]["address"] == 5
    assert found["table"]["table"]["elements"][0]["value"] == "function 0 $f"
    (thrown,) = state["objects"]["shown"]
    assert (thrown["kind"], thrown["type"], thrown["name"]) == ("exception", 0, "e")
    tree_ = describe_snapshot(Snapshot(module.data, tree, phase="entry"), 0) | {"state": state}
    check_form(tree_)
    lines = lay_out(tree_).splitlines()
    assert any(line.startswith("Memory 0 of the host, external ") for line in lines)
    assert any(line.startswith("Tables of the host, external ") for line in lines)
    assert any(line.startswith("Tag of the host, external ") for line in lines)
    # Without the module nothing is known of their types.
    unknown = describe_state(tree, {})
    assert {item["kind"] for item in unknown["externals"]} == {None}
    check_form(describe_snapshot(Snapshot(EMPTY, tree, phase="entry"), 0))
