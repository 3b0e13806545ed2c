"""What a worker gives up before it sees the program that it is going to run.

These measures limit what a program can do that has broken out of the interpreter; the interpreter
itself is the first wall. Each is applied if the machine offers it, and a worker says which were.

    measures.py      the one table: names and what each is for; which to leave out or to require
    apply.py         all measures in the order in which they have to come
    descriptors.py   standing alone: descriptors, process group, environment, directory
    limits.py        resource limits and priorities
    namespaces.py    namespaces, and a root directory with nothing in it
    landlock.py      no files, no network, no signals
    seccomp.py       the few system calls that are left
    linux.py         how the kernel is called
    probe.py         a worker that tries to get out, in place of running a program
    report.py        what came of that, for people and for `Config(require=...)`

Workers import `apply`, never `report`.
"""
