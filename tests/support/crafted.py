"""Pickles made to do harm, and a process that reads them all and says what that took.

Run as a program it prints one JSON line for each of them: its name, how it was refused, seconds,
the peak of the memory that Python allocated, and the audit events that code or a lookup of code
would have caused. Nothing but the reading happens between the measurements.
"""

from __future__ import annotations

import hashlib
import json
import resource
import struct
import sys
import time
import tracemalloc
from typing import Any

from refexec import snapshot
from refexec.errors import SnapshotError
from refexec.snapshot import codec

TARGETS = (
    ("os", "system"),
    ("posix", "system"),
    ("subprocess", "Popen"),
    ("subprocess", "check_output"),
    ("builtins", "eval"),
    ("builtins", "exec"),
    ("builtins", "__import__"),
    ("builtins", "getattr"),
    ("importlib", "import_module"),
    ("runpy", "_run_code"),
    ("pty", "spawn"),
    ("shutil", "rmtree"),
    ("ctypes", "CDLL"),
    ("webbrowser", "open"),
    ("timeit", "timeit"),
    ("pdb", "run"),
    ("types", "FunctionType"),
    ("functools", "partial"),
    ("operator", "attrgetter"),
    ("copyreg", "_reconstructor"),
    ("pickle", "loads"),
    ("refexec.cli.main", "main"),
)
"""Well-known ways from a pickle to code, as module and name."""


def text(value: str) -> bytes:
    """A short string."""
    return b"\x8c" + bytes([len(value)]) + value.encode()


def gadgets() -> dict[str, bytes]:
    """Every target in every form that the pickle format has for calling something."""
    found = {}
    for module, name in TARGETS:
        named = f"{module}\n{name}\n".encode()
        stacked = text(module) + text(name) + b"\x93"
        argument = text("true")
        forms = {
            "GLOBAL REDUCE": b"c" + named + argument + b"\x85R",
            "STACK_GLOBAL REDUCE": stacked + argument + b"\x85R",
            "INST": b"(" + argument + b"i" + named,
            "OBJ": b"(c" + named + argument + b"o",
            "NEWOBJ": stacked + argument + b"\x85\x81",
            "NEWOBJ_EX": stacked + argument + b"\x85}\x92",
            "BUILD": stacked + argument + b"b",
            "in a list": b"](K\1" + stacked + argument + b"\x85Re",
        }
        for form, code in forms.items():
            found[f"{module}.{name} by {form}"] = b"\x80\x05" + code + b"."
        found[f"{module}.{name} by protocol 0"] = b"c" + named + b"(S'true'\ntR."
        found[f"{module}.{name} by protocol 2"] = b"\x80\x02c" + named + argument + b"\x85R."
    return found


def bombs() -> dict[str, bytes]:
    """What would take much time or memory, or never end."""
    many = 100_000
    # Deep enough to overflow whatever follows them by recursion.
    deep = 20_000
    bodies = {
        "a huge memo index": b"Nr\xff\xff\xff\x7f",
        "a huge memo index in text": b"Np99999999999\n",
        "a growing memo": b"N" + b"".join(b"r" + struct.pack("<I", 1 << i) for i in range(32)),
        "sharing by memo": b"]\x94" + b"".join(b"](h%ch%ce\x94" % (i, i) for i in range(60)),
        "sharing by copies": b")" + b"2\x86" * 60,
        "a cycle": b"]\x94h\0a",
        "a cycle through a tuple": b"](\x94h\0t",
        "an extension": b"\x82\1",
        "a persistent id": b"Pos.system\n",
        "deep lists": b"]" * deep + b"a" * (deep - 1),
        "deep lists with marks": b"](" * deep + b"e" * deep,
        "deep tuples": b")" + b"\x85" * deep,
        "deep dicts": (b"}" + text("k")) * deep + b"N" + b"s" * deep,
        "marks": b"(" * deep,
        "a huge integer in text": b"I" + b"9" * many + b"\n",
        "a huge long in text": b"L" + b"9" * many + b"L\n",
        "a long integer": b"\x8b" + struct.pack("<I", many) + b"\x7f" * many,
        "a long integer that is only claimed": b"\x8b\xff\xff\xff\x7f\1",
        "an integer of 255 bytes": b"\x8a\xff" + b"\x7f" * 255,
        "claimed bytes": b"B\xff\xff\xff\xff",
        "claimed bytes of 8 EiB": b"\x8e" + b"\xff" * 7 + b"\x7f",
        "a claimed bytearray": b"\x96" + b"\xff" * 7 + b"\x7f",
        "a claimed string": b"X\xff\xff\xff\xff",
        "a claimed string of 8 EiB": b"\x8d" + b"\xff" * 7 + b"\x7f",
        "a claimed frame": b"\x95" + b"\xff" * 7 + b"\x7f",
        "a float in text": b"F" + b"9" * many + b"\n",
        "a string that is evaluated": b"S'" + b"\\x41" * 1000 + b"'\n",
    }
    return {name: b"\x80\x05" + body + b"." for name, body in bodies.items()}


def around(pickled: bytes) -> bytes:
    """A snapshot file in which everything but the pickle is in order."""
    payload = struct.pack("<QI", len(pickled), 0) + pickled
    return _file(payload)


def _file(payload: bytes, length: int | None = None) -> bytes:
    head = struct.pack("<8sI", snapshot.file.MAGIC, snapshot.file.FORMAT_VERSION)
    size = struct.pack("<Q", len(payload) if length is None else length)
    return head + size + hashlib.sha256(payload).digest() + payload


def files() -> dict[str, bytes]:
    """All of them as snapshot files, and files whose own lengths are claims."""
    good = codec.dumps(None)
    found = {name: around(pickled) for name, pickled in {**gadgets(), **bombs()}.items()}
    found["a claimed file"] = _file(good, (1 << 64) - 1)
    found["a claimed pickle"] = _file(struct.pack("<QI", 1 << 62, 0) + good[12:])
    found["claimed buffers"] = _file(struct.pack("<QI", 4, 0xFFFFFFFF) + good[12:])
    found["a claimed buffer"] = _file(struct.pack("<QIQ", 4, 1, (1 << 64) - 1) + good[12:])
    found["empty buffers"] = _file(struct.pack("<QI", 4, 100_000) + bytes(800_000) + good[12:])
    return found


class Alarm:
    """Notes audit events while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.events: list[str] = []
        sys.addaudithook(self.hook)

    def hook(self, event: str, _: tuple[Any, ...]) -> None:
        # A refusal may import the table of opcode names; nothing else has a reason to happen.
        if self.on and not event.startswith(("object.", "sys._getframe")):
            self.events.append(event)


def read(data: bytes) -> str:
    """How a file is refused."""
    try:
        snapshot.file.decode(data)
    except SnapshotError as error:
        return f"refused: {error}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "accepted"


def main() -> None:
    """Read everything, once for the time and once for the memory."""
    crafted = files()
    alarm = Alarm()
    # What the first refusal imports is not counted as the doing of a pickle.
    read(around(b"\x80\x05\xff."))
    print(json.dumps({"before": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
    for name, data in crafted.items():
        alarm.events.clear()
        alarm.on = True
        started = time.perf_counter()
        fate = read(data)
        seconds = time.perf_counter() - started
        alarm.on = False
        tracemalloc.start()
        read(data)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        row = {"name": name, "fate": fate, "seconds": seconds, "peak": peak}
        print(json.dumps({**row, "events": alarm.events}))
    print(json.dumps({"after": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


if __name__ == "__main__":
    main()
