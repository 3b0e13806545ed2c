"""`python -m refexec` is the command `refexec`."""

from __future__ import annotations

from refexec.cli.main import main

if __name__ == "__main__":
    main(prog_name="refexec")
