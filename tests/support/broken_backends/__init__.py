"""Engines with one fault each, which the kit must convict: on the right cases, and only there."""
