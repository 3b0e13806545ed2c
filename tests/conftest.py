"""Fixtures for all rooms. Helpers are modules of `tests/support`, imported by name."""
