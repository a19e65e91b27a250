"""How often Python looks for cycles of objects, in the program and in its workers.

sqlglot's trees are cycles (each node knows its parent), and a conversion makes thousands of nodes:
with Python's own threshold of 700 objects, looking for cycles cost a third of the conversion of 545
rules (`benchmarks/conversion.py`). A library must not change this for its caller, so importing eqlx
does not: the console script and the worker processes do.
"""

from __future__ import annotations

import gc

_OBJECTS = 1_000_000
"""New objects between two searches: about 100 MB of trees."""


def collect_seldom() -> None:
    """Look for cycles once in a million new objects, in this process from now on."""
    gc.set_threshold(_OBJECTS, 10, 10)
