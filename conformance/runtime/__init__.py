"""The runtime suite: what a runtime of suspendable processes must do.

A case is data: a program, what it is given, services with a script, what the host does to it, and
what must come of each run. The parts, in the order in which a case passes them:

    content     how bytes are written in cases, and told to people
    case        a case as data, read from its JSON file
    library     the cases of the kit, and how their programs are assembled
    backend     what a runtime on trial must offer: one call for one run of a program
    stage       the kit's side of a run: scripted services, host actions, what was observed
    services    scripted and built-in services as refexec's services, for runtimes made of them
    processes   refexec's processes as a runtime on trial
    hosted      Gate programs on another engine: refexec's guest interface and services around it
    command     a program of any language as a runtime, by the protocol of `PROTOCOL.md`
    inputlog    input logs by their document: read, told, and written again
    changes     what a recorded log is changed to, and what comes of running it again
    judge       plays a case and says what is right and wrong, side by side
    conduct     many cases, on all cores
    fill        expectations from the reference, each with a witness

`docs/runtime-suite.md` says how to read and write a case.
"""
