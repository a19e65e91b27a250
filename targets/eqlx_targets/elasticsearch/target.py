"""The target object of `elasticsearch`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eqlx.capability import Table
from eqlx.ir.nodes import EventQuery
from eqlx.target import API_VERSION, Artifact, Collection, Option, Request
from eqlx_targets.elasticsearch.capabilities import table
from eqlx_targets.elasticsearch.emit import Document, emit_document, emit_request, emit_stages
from eqlx_targets.elasticsearch.envelopes import monitor, refuse, watch
from eqlx_targets.elasticsearch.kibana import kibana_rule
from eqlx_targets.elasticsearch.lower import SearchRequest, lower_request
from eqlx_targets.elasticsearch.stages import StageSearches
from eqlx_targets.elasticsearch.templates import collected, index_template

Tree = SearchRequest | StageSearches | Document

_ONE_SEARCH = {
    "query": ("a sequence or a sample as one clause", "choose another `-O envelope`"),
    "watch": ("a sequence or a sample in a watch", "a watch makes one search and joins nothing"),
    "monitor": ("a sequence or a sample in a monitor", "a monitor makes one search"),
}


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
            "`body` to send, or the bare `query` clause without the time window; a `watch` "
            "(Elasticsearch Watcher) or a `monitor` (OpenSearch Alerting) for event queries; a "
            "`kibana` rule, a line to import; an index `template`, one for all rules of the call, "
            "with the mapping of their fields",
            ("request", "body", "query", "watch", "monitor", "kibana", "template"),
        ),
        Option(
            "form",
            "auto",
            "sequences and samples: `eql`, a body for `_eql/search`; `stages`, an `_msearch` with a "
            "search a stage, for engines without EQL, and the join of their hits as data; `auto`, "
            "the one that the dialect's engine has",
            ("auto", "eql", "stages"),
        ),
        Option(
            "window",
            "rule",
            "the rule's own time window (`from`, `to`) as a range filter, or `none`",
            ("rule", "none"),
        ),
        Option(
            "index",
            "",
            "the indices to search, with commas between them, in place of the rule's own; for rules "
            "on a data view, and for those that name no index",
        ),
        Option(
            "index-patterns",
            "",
            "patterns of the index template, with commas between them, in place of the rules' own",
        ),
    )

    def capabilities(self, dialect: str, options: Mapping[str, str]) -> Table:
        """The table of a dialect under `options`."""
        return table(dialect, options)

    def lower(self, request: Request) -> Tree:
        """The request to send, or what is put around it, as a tree."""
        envelope = request.options["envelope"]
        if envelope == "kibana":
            return Document(kibana_rule(request), one_line=True)
        if envelope == "template":
            return Document(index_template(request))
        if envelope in _ONE_SEARCH and not isinstance(request.query, EventQuery):
            refuse(*_ONE_SEARCH[envelope], request)
            return Document({})
        tree = lower_request(request)
        if envelope == "watch" and isinstance(tree, SearchRequest):
            return Document(watch(tree.body, request))
        if envelope == "monitor" and isinstance(tree, SearchRequest):
            return Document(monitor(tree.body, request))
        return tree

    def is_collected(self, options: Mapping[str, str]) -> bool:
        """See `eqlx.target.Collects`: index templates are for sets of rules."""
        return options["envelope"] == "template"

    def collect(self, artifacts: Sequence[Artifact]) -> Collection | None:
        """See `eqlx.target.Collects`."""
        return collected(artifacts)

    def emit(self, tree: object, request: Request) -> str:
        """JSON text."""
        match tree:
            case Document(content, one_line):
                return emit_document(content, one_line=one_line)
            case StageSearches():
                return emit_stages(tree, request)
            case SearchRequest():
                return emit_request(tree, request)
            case _:
                message = f"not a tree of this target: {type(tree).__name__}"
                raise TypeError(message)


TARGET = ElasticsearchTarget()
