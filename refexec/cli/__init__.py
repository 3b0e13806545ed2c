"""The command line: one file a command, `main.py` the group. It holds no behaviour of its own."""
