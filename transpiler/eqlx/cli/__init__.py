"""The command line: one module a command, argument handling only."""
