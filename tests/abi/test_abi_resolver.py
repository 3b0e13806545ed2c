"""Import resolution, on real modules."""

from __future__ import annotations

import pytest

from assemble import assemble
from refexec.abi import resolve
from refexec.abi.table import GATE, OLDER_TYPES, PRIMITIVES, WASI
from refexec.errors import ImportResolutionError, LinkError, ProgramError
from refexec.wasm import I32, FunctionType, Module

IO = "(param i32 i32 i32 i32 i32 i32 i64 i32)"
OLD_IO = "(param i32 i32 i32 i32 i32 i32 i64)"


def wat_type(function_type: FunctionType) -> str:
    def row(word: str, types: tuple[object, ...]) -> str:
        return f"({word} {' '.join('i32' if t is I32 else 'i64' for t in types)})"

    return row("param", function_type.params) + row("result", function_type.results)


def importing(*imports: tuple[str, str, str]) -> Module:
    """A module that imports functions; each is given by module, field, and type in text."""
    return Module(
        assemble(
            "(module "
            + " ".join(f'(import "{module}" "{name}" (func {t}))' for module, name, t in imports)
            + ")"
        )
    )


def refusal(*imports: tuple[str, str, str]) -> str:
    with pytest.raises(ImportResolutionError) as caught:
        resolve(importing(*imports))
    assert isinstance(caught.value, ProgramError)
    return str(caught.value)


# -- what resolves -------------------------------------------------------------------------------


def test_a_module_without_imports() -> None:
    resolution = resolve(importing())
    assert resolution.functions == ()
    assert not resolution.uses_random


@pytest.mark.parametrize("module", ["wasi_snapshot_preview1", "wasi_unstable", "env"])
def test_every_wasi_function_resolves(module: str) -> None:
    prefix = "__wasi_" if module == "env" else ""
    resolution = resolve(
        importing(*((module, prefix + name, wat_type(f.type)) for name, f in WASI.items()))
    )
    assert [(i.module, i.name, i.type, i.function) for i in resolution.functions] == [
        (module, prefix + name, f.type, f) for name, f in WASI.items()
    ]
    assert resolution.uses_random


@pytest.mark.parametrize("name", sorted(WASI))
def test_s018_every_wasi_function_insists_on_its_type(name: str) -> None:
    right = WASI[name].type
    for wrong in [
        FunctionType((*right.params, I32), right.results),
        FunctionType(right.params, () if right.results else (I32,)),
    ]:
        text = refusal(("wasi_unstable", name, wat_type(wrong)))
        assert text.startswith(f"function wasi_unstable.{name} (")
        assert " imported with wrong signature (" in text


@pytest.mark.parametrize(("module", "prefix"), [("gate", ""), ("env", "__gate_")])
def test_gate_functions_resolve(module: str, prefix: str) -> None:
    resolution = resolve(
        importing(
            (module, prefix + "fd_65536", "(result i32)"),
            (module, prefix + "io_65536", IO),
            (module, prefix + "io_99999", OLD_IO),
        )
    )
    assert [i.function for i in resolution.functions] == [GATE["fd"], GATE["io"], GATE["io"]]
    assert [i.type for i in resolution.functions] == [
        GATE["fd"].type,
        GATE["io"].type,
        OLDER_TYPES["io"],
    ]
    assert not resolution.uses_random


@pytest.mark.parametrize("suffix", ["65536", "65537", "99999999999999", "9" * 5000])
def test_s017_large_sizes_are_accepted(suffix: str) -> None:
    assert len(resolve(importing(("gate", "io_" + suffix, IO))).functions) == 1


def test_a_function_may_be_imported_twice() -> None:
    twice = ("wasi_unstable", "sched_yield", "(result i32)")
    assert len(resolve(importing(twice, twice)).functions) == 2


# -- what does not -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("env", "foo"),
        ("env", "io_65536"),
        ("env", "fd_write"),
        ("env", "__gate_io"),
        ("env", "__wasi_nothing"),
        ("env", "__wasi___wasi_fd_write"),
        ("env", "rt_debug"),
        ("gate", "fd"),
        ("gate", "io"),
        ("gate", "_65536"),
        ("gate", "nothing_65536"),
        ("gate", "io_1_65536"),
        ("gate", "__gate_io_65536"),
        ("gate", ""),
        ("wasi_unstable", "sock_accept"),
        ("wasi_snapshot_preview1", "fd_write_65536"),
        ("wasi_snapshot_preview2", "fd_write"),
        ("", "io_65536"),
    ],
)
def test_s017_unsupported_functions(module: str, name: str) -> None:
    assert refusal((module, name, IO)) == f'import function not supported: "{module}" "{name}"'


@pytest.mark.parametrize(
    "symbol", ["io_065536", "io_", "io_x", "io_0", "io_-70000", "io_+70000", "io_70000x", "fd_ 7"]
)
@pytest.mark.parametrize("module", ["gate", "env"])
def test_s017_invalid_size_suffix(module: str, symbol: str) -> None:
    prefix = "__gate_" if module == "env" else ""
    assert refusal((module, prefix + symbol, IO)) == f"invalid size suffix in symbol: {symbol}"


def test_s017_size_suffix_of_foreign_digits() -> None:
    assert refusal(("gate", "io_\N{ARABIC-INDIC DIGIT SEVEN}0000", IO)).startswith("invalid size")


@pytest.mark.parametrize("symbol", ["io_65535", "io_1", "fd_9999"])
@pytest.mark.parametrize("module", ["gate", "env"])
def test_s017_size_suffix_too_small(module: str, symbol: str) -> None:
    prefix = "__gate_" if module == "env" else ""
    text = refusal((module, prefix + symbol, IO))
    assert text == f"value of symbol size suffix is too small: {symbol}"


def test_s018_wrong_signature() -> None:
    assert (
        refusal(("wasi_unstable", "fd_write", "(param i32 i32 i32) (result i32)"))
        == "function wasi_unstable.fd_write (i32, i32, i32, i32) i32 imported with wrong "
        "signature (i32, i32, i32) i32"
    )
    assert (
        refusal(("env", "__gate_io_70000", "(param i32)"))
        == "function env.__gate_io_70000 (i32, i32, i32, i32, i32, i32, i64, i32) imported with "
        "wrong signature (i32)"
    )
    assert (
        refusal(("gate", "fd_65536", "(result f64 i64)"))
        == "function gate.fd_65536 () i32 imported with wrong signature () (f64, i64)"
    )


def test_a_name_has_one_type_in_a_module() -> None:
    assert (
        refusal(("gate", "io_65536", OLD_IO), ("gate", "io_65536", IO))
        == "function gate.io_65536 (i32, i32, i32, i32, i32, i32, i64) imported with wrong "
        "signature (i32, i32, i32, i32, i32, i32, i64, i32)"
    )


def test_s017_globals() -> None:
    module = Module(assemble('(module (import "env" "__gate_x" (global i32)))'))
    with pytest.raises(ImportResolutionError) as caught:
        resolve(module)
    assert str(caught.value) == 'import global not supported: "env" "__gate_x"'


@pytest.mark.parametrize(
    ("kind", "text"),
    [("memory", "(memory 1)"), ("table", "(table 1 funcref)"), ("tag", "(tag)")],
)
def test_other_kinds_are_no_program_errors(kind: str, text: str) -> None:
    module = Module(assemble(f'(module (import "env" "x" {text}))'))
    with pytest.raises(LinkError) as caught:
        resolve(module)
    assert str(caught.value) == f"import kind not supported: {kind}"


# -- order ---------------------------------------------------------------------------------------


def test_the_first_function_that_fails_is_reported() -> None:
    assert refusal(
        ("wasi_unstable", "sched_yield", "(result i32)"),
        ("gate", "io_1", IO),
        ("env", "foo", ""),
    ).endswith("too small: io_1")


def test_a_name_is_checked_before_its_suffix_and_its_suffix_before_its_type() -> None:
    assert refusal(("gate", "foo_1", "")).startswith("import function not supported")
    assert refusal(("gate", "io_1", "")).startswith("value of symbol size suffix")


def test_functions_are_reported_before_globals() -> None:
    module = Module(assemble('(module (import "m" "g" (global i32)) (import "env" "foo" (func)))'))
    with pytest.raises(ImportResolutionError, match="import function not supported"):
        resolve(module)


def test_names_can_not_act_on_a_terminal() -> None:
    text = refusal(("env", 'a\\1b[31m\\"\\\\\\7f\\e2\\80\\ae', ""))
    assert text == 'import function not supported: "env" "a\\u001b[31m\\"\\\\\\u007f\\u202e"'


# -- primitives ----------------------------------------------------------------------------------


def test_primitives_resolve_if_allowed() -> None:
    module = importing(*(("env", name, wat_type(f.type)) for name, f in PRIMITIVES.items()))
    resolution = resolve(module, primitives=True)
    assert [i.function for i in resolution.functions] == list(PRIMITIVES.values())
    with pytest.raises(ImportResolutionError, match=r'not supported: "env" "rt_write8"'):
        resolve(module)
    with pytest.raises(ImportResolutionError, match=r'not supported: "env" "rt_time"'):
        resolve(importing(("env", "rt_time", "")), primitives=True)
