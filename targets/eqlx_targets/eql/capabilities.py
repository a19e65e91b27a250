"""What the target `eql` can express: every meaning, since it prints the language itself."""

from __future__ import annotations

from eqlx.capability import Exact, Feature, Table

TABLE: Table = dict.fromkeys(Feature, Exact())
