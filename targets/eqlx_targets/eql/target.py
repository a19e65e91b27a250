"""The target `eql`: a rule's query in canonical form, normalised and with its meaning unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from eqlx.capability import Table
from eqlx.syntax.tree import Statement
from eqlx.target import API_VERSION, Option, Request
from eqlx_targets.eql.capabilities import TABLE
from eqlx_targets.eql.emit import emit
from eqlx_targets.eql.lower import lower


@dataclass(frozen=True)
class EqlTarget:
    """See `eqlx.target.Target`."""

    api_version: int = API_VERSION
    name: str = "eql"
    summary: str = "Elastic EQL in canonical form"
    dialects: tuple[str, ...] = ("elastic",)
    options: tuple[Option, ...] = ()
    suffix: str = ".eql"

    def capabilities(self, dialect: str, options: Mapping[str, str]) -> Table:  # noqa: ARG002 one table for all
        """All features are exact."""
        return TABLE

    def lower(self, request: Request) -> Statement:
        """IR to the surface tree."""
        return lower(request)

    def emit(self, tree: object, request: Request) -> str:  # noqa: ARG002 the protocol's signature
        """The surface tree as text."""
        return emit(cast("Statement", tree))


TARGET = EqlTarget()
