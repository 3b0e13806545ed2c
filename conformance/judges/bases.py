"""Valid modules of the official core suite, as something to mutate and to damage.

They use every feature, and each is about one thing, so that a small change is likely to matter.
"""

from __future__ import annotations

from refexec_conformance.archive import fetch_suite

_FILES = (
    *("address", "align", "block", "br", "br_if", "br_table", "bulk", "call_indirect", "const"),
    *("elem", "data", "exports", "func", "func_ptrs", "global", "if", "imports", "labels", "loop"),
    *(
        "local_init",
        "memory_copy",
        "memory_init",
        "memory_grow",
        "nop",
        "select",
        "start",
        "switch",
    ),
    *(
        "table_copy",
        "table_fill",
        "table_init",
        "table_get",
        "table_grow",
        "type",
        "unreached-valid",
    ),
    *("return_call", "return_call_indirect", "return_call_ref", "call_ref", "ref_func", "ref_null"),
    *("br_on_null", "br_on_non_null", "ref_as_non_null", "ref_is_null", "tag", "throw"),
    *("throw_ref", "try_table", "memory64", "table_copy64", "memory_copy1", "load2", "store2"),
    *("array", "array_copy", "array_fill", "array_init_data", "array_init_elem", "br_on_cast"),
    *("array_new_data", "array_new_elem", "br_on_cast_fail", "extern", "i31", "ref_cast", "ref_eq"),
    *("ref_test", "struct", "type-subtyping", "type-rec", "type-equivalence", "type-canon"),
    *("simd_lane", "simd_load", "simd_const", "simd_splat", "simd_select", "simd_store8_lane"),
)

_LARGEST = 2000


def suite_modules() -> list[bytes]:
    """Small modules of the suite, always in the same order.

    Raises `UnavailableError` if the suite cannot be fetched, or the assembler is not installed.
    """
    suite = fetch_suite()
    by_stem = {name.rsplit("/", 1)[-1]: name for name in suite.names}
    found: dict[bytes, None] = {}
    for stem in _FILES:
        if stem in by_stem:
            modules = suite.load(by_stem[stem]).modules
            found.update(dict.fromkeys(modules[key] for key in sorted(modules)))
    return [data for data in found if len(data) <= _LARGEST]
