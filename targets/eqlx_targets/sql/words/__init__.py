"""The operations that SQL is written in here; see `vocabulary`."""
