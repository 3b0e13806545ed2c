"""The kit's own cases for engines: what the official suite leaves out, as data with its reasons."""
