"""Programs of other people, who never heard of refexec, on both engines: to their end, and frozen.

They come with the package pwasm: QuickJS and MicroPython, compiled from C.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from micropython import MicroPython
from quickjs import QuickJS, guest
from refexec import wasm

pytest.importorskip("pwasm")

QUICKJS = Path(__file__).parent.parent / "support" / "quickjs.py"

SCRIPT = """
const primes = [];
for (let n = 2; primes.length < 40; n++)
  if (primes.every(p => n % p)) primes.push(n);
class Tree {
  constructor(v) { this.v = v; }
  add(v) {
    const side = v < this.v ? "left" : "right";
    this[side] ? this[side].add(v) : this[side] = new Tree(v);
  }
  *walk() {
    if (this.left) yield* this.left.walk();
    yield this.v;
    if (this.right) yield* this.right.walk();
  }
}
const tree = new Tree(50);
for (const p of primes) tree.add(p * 7 % 101);
print("walked:", [...tree.walk()].join(" "));
const word = "a-b_c d".replace(/[-_ ](.)/g, (_, c) => c.toUpperCase());
print(JSON.stringify({ last: primes.at(-1), word, big: (2n ** 100n).toString() }));
try { null.x } catch (error) { print(error.name) }
4 * Math.atan(1)
"""

PRIMES = [n for n in range(2, 174) if all(n % p for p in range(2, n))]
OUTPUT = (
    f"walked: {' '.join(map(str, sorted([50, *(p * 7 % 101 for p in PRIMES)])))}\n"
    '{"last":173,"word":"aBCD","big":"1267650600228229401496703205376"}\n'
    "TypeError\n"
    "3.141592653589793"
)


@pytest.fixture(scope="module")
def quickjs() -> wasm.Module:
    return wasm.Module(guest("quickjs.wasm"))


@pytest.fixture(scope="module")
def micropython() -> wasm.Module:
    return wasm.Module(guest("micropython.wasm"))


def _elsewhere(engine: str, state: bytes) -> tuple[str, str]:
    """Let a frozen script go on in another process: how it ends, and what it writes."""
    done = subprocess.run(
        [sys.executable, str(QUICKJS), engine], input=state, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    ending, output = done.stdout.decode().split("\n", 1)
    return ending, output.removesuffix("\n")


def _ending(program: QuickJS) -> str:
    instance = program.instance
    return f"{wasm.Returned([0])} {instance.fuel_spent} {instance.state_digest()}"


def test_a_script_goes_on_with_the_fast_engine_in_another_process(quickjs: wasm.Module) -> None:
    script = "let n = 0; for (const x of [3, 1, 2]) n += x * 7; n"
    uncut = QuickJS(quickjs, "reference")
    begun = uncut.instance.fuel_spent
    state = uncut.freeze()
    assert uncut.begin(script) == wasm.Returned([0])
    assert uncut.output == b"42"
    half = (uncut.instance.fuel_spent - begun) // 2
    program = QuickJS(quickjs, "reference", state, half)
    assert program.begin(script) == wasm.Suspended()
    assert _elsewhere("translated", program.freeze()) == (_ending(uncut), "42")


def test_scripts_that_raise_exceptions_run_to_their_end(micropython: wasm.Module) -> None:
    first = MicroPython(micropython, "translated")
    script = (
        "seen = {i * 7 % 13: i for i in range(20)}\n"
        "try: seen['x']\n"
        "except KeyError as error: print('no', error)\n"
        "print(sorted(seen.values()), 2 ** 100, '%.3f' % 3.14159)\n"
    )
    assert first.run(script) == 0
    values = sorted({i * 7 % 13: i for i in range(20)}.values())
    assert first.output.decode() == f"no x\n{values} {2**100} 3.142\n"
    # What a script has left behind is there after a thaw, on either engine.
    state = first.instance.freeze()
    ends = set()
    for engine in ("reference", "translated"):
        again = MicroPython(micropython, engine, state)
        assert again.run("print(len(seen)); seen[99]") == 1
        assert again.output.decode().startswith("13\nTraceback")
        ends.add((again.output, again.instance.fuel_spent, again.instance.state_digest()))
    assert len(ends) == 1


@pytest.mark.slow
def test_a_script_is_frozen_anywhere_and_ends_as_if_it_had_not_been(quickjs: wasm.Module) -> None:
    uncut = QuickJS(quickjs, "translated")
    begun = uncut.instance.fuel_spent
    state = uncut.freeze()
    assert uncut.begin(SCRIPT) == wasm.Returned([0])
    assert uncut.output.decode() == OUTPUT
    whole = uncut.instance.fuel_spent - begun
    reference = QuickJS(quickjs, "reference")
    assert reference.begin(SCRIPT) == wasm.Returned([0])
    assert (_ending(reference), reference.output) == (_ending(uncut), uncut.output)
    for part in (0.2, 0.5, 0.95):
        program = QuickJS(quickjs, "translated", state, round(part * whole))
        assert program.begin(SCRIPT) == wasm.Suspended()
        ending, output = _elsewhere("translated", program.freeze())
        assert ending == _ending(uncut)
        assert program.output.decode() + output == OUTPUT
