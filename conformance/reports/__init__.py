"""Reports of runs, in the forms that people and machines read.

    terminal        tables, and the findings of what is red
    document        JSON: all that is known, in the form of `schemas/report.schema.json`; the others
                    below are made of it
    junit           JUnit XML, for build servers
    page            one HTML page that needs no network
    difference      what became different between two documents

Text that comes from an engine or a suite is hostile: each form escapes it for where it goes.
"""
