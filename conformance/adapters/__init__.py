"""Examples of adapters for the protocol of `PROTOCOL.md`; they import nothing of the kit."""
