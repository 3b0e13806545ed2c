"""What the promises about speed rest on: small kernels, run by several engines in turns.

    kernels.py, kernels/   the programs, as text and as hand-written Python that gives the result
    engines/               one small file for each engine
    cell.py                one measurement, in a process of its own
    measure.py             the whole table: engines taking turns, results checked
    report.py              table for people, JSON for machines

`python -m benchmarks` runs it. It measures running, not loading.
"""
