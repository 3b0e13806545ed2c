"""The input log: what a run of a program was given from outside, so that it can be run again alone.

All that a Gate program can learn from outside comes through its host calls: their results, and
what they write to its memory. A *recorder* writes that down call by call; a *replayer* stands in
for the ABI, and gives a program the same again, without clock, services or packet stream. A run is
then a function of the program's state at its beginning and the log.

Read `calls` first (what is known of one call), then `container` (how a log is laid out in a file),
then `recorder` and `replayer`. Who drives the engine is in `refexec.runtime`. A worker imports
`recorder` alone.
"""

from __future__ import annotations
