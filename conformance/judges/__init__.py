"""Independent judges: refexec against other implementations, on modules that nobody wrote.

    modules      makes the modules: random ones, mutated ones, damaged ones; all from a seed
    validation   refexec and `wasm-tools validate` must agree on accept or reject
    execution    refexec and wasmtime must agree on results, traps, memory, globals and fuel

A judge tells where two implementations differ, not which one is right. Differences that have been
looked into, and are not about the specification, are listed in the judge with the reason.
"""
