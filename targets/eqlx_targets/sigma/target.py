"""The target object of `sigma`."""

from __future__ import annotations

from collections.abc import Mapping

from eqlx.capability import Table
from eqlx.target import API_VERSION, OutputFile, Request
from eqlx_targets.sigma.capabilities import TABLE, TABLE_2_2, decided_by_test, in_any_order
from eqlx_targets.sigma.emit import emit_file, emit_files
from eqlx_targets.sigma.lower import lower_file
from eqlx_targets.sigma.options import OPTIONS
from eqlx_targets.sigma.tree import SigmaFile


class SigmaTarget:
    """Sigma rules, with the names of SigmaHQ's taxonomy or of ECS."""

    api_version = API_VERSION
    name = "sigma"
    summary = "Sigma rules for other detection engines"
    dialects = ("sigma",)
    suffix = ".yml"
    options = OPTIONS

    def capabilities(self, dialect: str, options: Mapping[str, str]) -> Table:  # noqa: ARG002 - one dialect
        """The table of a version of the specification."""
        table = TABLE_2_2 if options["sigma-spec"] == "2.2" else TABLE
        if options["order"] == "any":
            table = in_any_order(table)
        by_test = options["style"] == "sigma" and options["unmapped"] == "auto"
        return decided_by_test(table) if by_test else table

    def lower(self, request: Request) -> SigmaFile:
        """The documents of the file, as a tree."""
        return lower_file(request)

    def emit(self, tree: object, request: Request) -> str:
        """YAML text."""
        if not isinstance(tree, SigmaFile):
            message = f"not a tree of this target: {type(tree).__name__}"
            raise TypeError(message)
        return emit_file(tree, request)

    def files(self, tree: object, request: Request) -> tuple[OutputFile, ...]:
        """The files, named by SigmaHQ's convention."""
        if not isinstance(tree, SigmaFile):
            message = f"not a tree of this target: {type(tree).__name__}"
            raise TypeError(message)
        return emit_files(tree, request)


TARGET = SigmaTarget()
