"""What the promises about speed rest on: small kernels, run by several engines in turns.

    kernels.py, kernels/   the programs, as text
    by_hand/               the same in Python by hand, which gives the results
    engines/               one small file for each engine
    cell.py                one measurement, in a process of its own
    measure.py             the whole table: engines taking turns, results checked
    promises.py            what must be, and what is aimed at
    report.py              table for people, JSON for machines (schema.json)

`python -m benchmarks` runs it; with `--check` it fails if a promise is not kept. It measures
running; other measurements are commands of their own, which take `--check` too:

    python -m benchmarks.loading     from the bytes of a large module to its first answer
    python -m benchmarks.slices      what it costs to suspend often
    python -m benchmarks.recovery    how soon a thawed program is as fast as before
    python -m benchmarks.runtime     what processes, packets and snapshots cost
"""
