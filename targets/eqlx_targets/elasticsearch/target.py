"""The target object of `elasticsearch`."""

from __future__ import annotations

from collections.abc import Mapping

from eqlx.capability import Table
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir.nodes import EventQuery
from eqlx.target import API_VERSION, Option, Request
from eqlx_targets.elasticsearch.capabilities import table
from eqlx_targets.elasticsearch.emit import emit_request, emit_stages
from eqlx_targets.elasticsearch.lower import SearchRequest, lower_request
from eqlx_targets.elasticsearch.stages import StageSearches


class ElasticsearchTarget:
    """Event queries as Query DSL in filter context; sequences and samples as EQL search requests."""

    api_version = API_VERSION
    name = "elasticsearch"
    summary = "Elasticsearch Query DSL, and EQL search requests for sequences and samples"
    dialects = ("elasticsearch", "opensearch")
    suffix = ".json"
    options = (
        Option(
            "envelope",
            "request",
            "what to print: `request` (API, index patterns, body, and the rule's metadata), the "
            "`body` to send, or the bare `query` clause without the time window",
            ("request", "body", "query"),
        ),
        Option(
            "form",
            "eql",
            "sequences and samples: `eql`, a body for `_eql/search`; `stages`, an `_msearch` with a "
            "search a stage, for engines without EQL, and the join of their hits as data",
            ("eql", "stages"),
        ),
        Option(
            "window",
            "rule",
            "the rule's own time window (`from`, `to`) as a range filter, or `none`",
            ("rule", "none"),
        ),
    )

    def capabilities(self, dialect: str, options: Mapping[str, str]) -> Table:
        """The table of a dialect under `options`."""
        return table(dialect, options)

    def lower(self, request: Request) -> SearchRequest | StageSearches:
        """The request to send, as a tree."""
        if request.options["envelope"] == "query" and not isinstance(request.query, EventQuery):
            request.report.add(
                inexpressible(
                    self.name,
                    "a sequence or a sample as one clause",
                    "choose another `-O envelope`",
                    request.query.span,
                )
            )
        return lower_request(request)

    def emit(self, tree: object, request: Request) -> str:
        """JSON text."""
        if isinstance(tree, StageSearches):
            return emit_stages(tree, request)
        if not isinstance(tree, SearchRequest):
            message = f"not a tree of this target: {type(tree).__name__}"
            raise TypeError(message)
        return emit_request(tree, request)


TARGET = ElasticsearchTarget()
