"""Lints, one module a kind of doubt."""
