"""Looking into programs: what can be run again at will, traces, lines of source, time travel.

`subject` is what all of it is built on: a function of a module, or a recorded run of a program,
that can be run to any point, watched, and taken back. Nothing here is loaded into a worker.
"""
