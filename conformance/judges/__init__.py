"""Independent judges: refexec against other implementations, on modules that refexec does not know.

    modules      makes modules: random ones, mutated ones, damaged ones; all from a seed
    bases        modules of the official suite, to be mutated and damaged
    encodings    makes modules that try every encoding
    validation   refexec and `wasm-tools validate` must agree on accept or reject
    written      what the makers of wasm-tools wrote to test their validator; refexec must agree
    engines      refexec's two engines must agree on everything, at every cut
    stops        tells all that one engine does with a call
    execution    refexec and wasmtime must agree on results, traps, memory, globals and fuel

A judge tells where two implementations differ, not which one is right. Differences that have been
looked into, and are not about the specification, are listed in the judge with the reason.
"""
