"""Loads the harness for every test of the repository."""

pytest_plugins = ["eqlx_harness.plugin", "eqlx_harness.invariants"]
