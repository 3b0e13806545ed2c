"""The conformance kit: puts engines on trial, with one verdict for each command of a suite.

Installed as `refexec_conformance`. Its parts, in the order in which a command passes them:

    archive, checkout   where the official core suite comes from (download: by pip, pinned)
    assemble, cache     text of modules -> bytes, kept between runs
    script, patterns    what a suite file says: commands, actions, expected values
    spectest            the module that scripts import from
    backend, backends/  what an engine under test must offer, and one small file for each engine
    command, lines      a program of any language as a backend, by the protocol of PROTOCOL.md
    messages, bridge    its messages; the way back, for engines that are to run apart
    adapters/           examples for authors of adapters; selftest/ holds scripts that test one
    runner, verdicts    carries out one script on one backend, and what is said about it
    leniency            where outcomes may legitimately differ
    oracle, cause       the oracle's last instructions before a failure
    expectations        which files a backend is known not to pass yet, each with its reason
    pool, conduct       many scripts on all cores; hangs and crashes are verdicts
    features, areas     which features each file needs, and what it is about
    prose, reports/     sentences about commands; reports for people and machines
    plugin, test_core   the same as tests of pytest
    runtime/            the other suite: what a runtime of suspendable processes must do
    runtimes/           one small file for each runtime on trial

It judges through public interfaces only: refexec itself is reached by `refexec.wasm`, and its
processes as anybody reaches them.
"""
