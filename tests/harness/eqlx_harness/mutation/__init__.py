"""Deliberate faults in the SQL target, which `eqlx verify` must notice (`benchmarks/mutations.py`)."""
