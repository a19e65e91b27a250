"""The target object of `sigma`."""

from __future__ import annotations

from collections.abc import Mapping

from eqlx.capability import Table
from eqlx.target import API_VERSION, Option, Request
from eqlx_targets.sigma.capabilities import TABLE
from eqlx_targets.sigma.emit import emit_file
from eqlx_targets.sigma.lower import lower_file
from eqlx_targets.sigma.tree import SigmaFile


class SigmaTarget:
    """Sigma rules, with the names of ECS kept."""

    api_version = API_VERSION
    name = "sigma"
    summary = "Sigma rules for other detection engines"
    dialects = ("sigma",)
    suffix = ".yml"
    options = (
        Option(
            "style",
            "ecs",
            "`ecs` keeps the names of ECS and the event category as a condition; the names of "
            "Sigma's own taxonomy are not built yet",
            ("ecs",),
        ),
        Option(
            "case",
            "relaxed",
            "exact letter case: `relaxed` leaves it out, as Sigma's strings do, and records the "
            "drift; `strict` says `cased`, which many back ends refuse",
            ("relaxed", "strict"),
        ),
        Option(
            "missing",
            "plain",
            "negations: `plain` Sigma; `explicit` adds that the field may be null, for back ends "
            "in which a negation does not hold on a missing field",
            ("plain", "explicit"),
        ),
        Option(
            "attack-tactics",
            "as-is",
            "tags for ATT&CK tactics as the rule names them, or `none` beside the techniques",
            ("as-is", "none"),
        ),
    )

    def capabilities(self, dialect: str, options: Mapping[str, str]) -> Table:  # noqa: ARG002 - one table
        """The table."""
        return TABLE

    def lower(self, request: Request) -> SigmaFile:
        """The documents of the file, as a tree."""
        return lower_file(request)

    def emit(self, tree: object, request: Request) -> str:
        """YAML text."""
        if not isinstance(tree, SigmaFile):
            message = f"not a tree of this target: {type(tree).__name__}"
            raise TypeError(message)
        return emit_file(tree, request)


TARGET = SigmaTarget()
