"""Families of cases that are written by program, from tables of what is to be combined with what.

    python -m refexec_conformance.own.families            write the sources and cases
    python -m refexec_conformance.own.families --check    compare them

Each family is a file here, and gives modules as text with the calls to make. What must come of the
calls is not known here: `refexec conform fill cases` derives it, and witnesses confirm it.

    texts.py     how a module of a family is laid out
    ranges.py    expressions of a known range, used by every instruction
    guards.py    numbers of which a branch has shown something
    counting.py  loops that count
    lanes.py     vectors whose lanes are looked at in several ways
    order.py     operands with side effects
    again.py     tail calls
    chance.py    functions made by chance
"""
