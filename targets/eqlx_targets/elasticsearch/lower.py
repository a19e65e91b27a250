"""IR to requests: `_search` for events; for joins `_eql/search`, or `_msearch` with a search a stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir import nodes as ir
from eqlx.source import Span
from eqlx.target import EventModel, Request, WindowFields
from eqlx_targets.elasticsearch.clauses import (
    MATCH_ALL,
    Clause,
    Json,
    all_of,
    any_of,
    exists,
    interval,
)
from eqlx_targets.elasticsearch.condition import Parts, filter_parts
from eqlx_targets.elasticsearch.indices import sent_indices
from eqlx_targets.elasticsearch.letter_case import record_levels
from eqlx_targets.elasticsearch.stages import (
    StageSearches,
    is_by_stages,
    join_of,
    needed_fields,
    searched_stages,
    stage_parts,
)

RESULT_WINDOW = 10_000
"""The default of `index.max_result_window`: what one page can hold. Without a `size`, a search
would give ten hits."""


@dataclass(frozen=True)
class SearchRequest:
    """One request, ready to send: `POST /<index>/<api>` with `body`.

    `query` is the condition alone, without the rule's time window; None for `_eql/search`, whose
    query is EQL text.
    """

    api: str
    index: tuple[str, ...]
    body: Mapping[str, Json]
    query: Clause | None


def lower_request(request: Request) -> SearchRequest | StageSearches:
    """The request for a rule's query, with the rule's index patterns and time window."""
    match request.query:
        case ir.EventQuery() as query:
            return _search(query, request)
        case ir.Sequence() | ir.Sample() as query if is_by_stages(request.dialect, request.options):
            return _stages(query, request)
        case ir.Sequence(limits=limits):
            return _eql_search(request, {"size": _size(limits), "result_position": "head"})
        case ir.Sample():
            return _eql_search(request, {"size": RESULT_WINDOW})
        case _:
            assert_never(request.query)


def _search(query: ir.EventQuery, request: Request) -> SearchRequest:
    model = request.model
    record_levels(request, as_eql=False)
    parts = _filter(query.filter, request)
    page = _page(query.limits, request)
    body: dict[str, Json] = {
        "query": _bool(Parts(_window(request)) + parts),
        "sort": _sort(model, newest_first=page.newest_first),
    }
    body["size"] = page.size
    return SearchRequest("_search", _indices(request), body, _bool(parts))


def _stages(query: ir.Sequence | ir.Sample, request: Request) -> StageSearches:
    """A body a stage: its events in order of time, with only the fields that the join reads."""
    model = request.model
    record_levels(request, as_eql=False)
    window = Parts(_window(request))
    fields: list[Json] = list(dict.fromkeys(needed_fields(query, model)))
    bodies: list[Mapping[str, Json]] = []
    for stage in searched_stages(query):
        parts = stage_parts(stage, query, _filter(stage.filter, request), model)
        body: dict[str, Json] = {"query": _bool(window + parts)}
        if isinstance(query, ir.Sequence):
            body["sort"] = _sort(model, newest_first=False)
        bodies.append({**body, "size": RESULT_WINDOW, "_source": fields})
    request.losses.assume(
        f"no search of a stage has more than {RESULT_WINDOW} hits, or all its pages are read"
    )
    return StageSearches(_indices(request), tuple(bodies), join_of(query, model))


def _indices(request: Request) -> tuple[str, ...]:
    """What is stored asks for itself."""
    if request.options["envelope"] in ("watch", "monitor", "query"):
        return ()
    return sent_indices(request)


def _filter(event_filter: ir.Filter, request: Request) -> Parts:
    def refuse(what: str, span: Span) -> None:
        request.report.add(inexpressible("elasticsearch", what, "Query DSL has no clause", span))

    return filter_parts(
        event_filter,
        request.model.category,
        refuse=refuse,
        assume=request.losses.assume,
        has_complement=request.dialect == "elasticsearch",
    )


def _bool(parts: Parts) -> Clause:
    """Always a `bool`, which is what makes filter context out of a query's scoring context."""
    if not parts.holding and not parts.failing:
        return MATCH_ALL
    occurrences: dict[str, Json] = {}
    if parts.holding:
        occurrences["filter"] = list(parts.holding)
    if parts.failing:
        occurrences["must_not"] = list(parts.failing)
    return {"bool": occurrences}


def _eql_search(request: Request, results: Mapping[str, Json]) -> SearchRequest:
    """`result_position` is `head`: with `tail`, Elasticsearch may return older sequences where a
    stage has more matches than one page (spec §9.5); written pipes work in either case."""
    record_levels(request, as_eql=True)
    body: dict[str, Json] = {"query": request.eql()}
    window = _window(request)
    if window:
        body["filter"] = window[0]
    defaults, model = EventModel(), request.model
    if model.timestamp != defaults.timestamp:
        body["timestamp_field"] = model.timestamp
    if model.category != defaults.category:
        body["event_category_field"] = model.category
    if model.tiebreaker is not None:
        body["tiebreaker_field"] = model.tiebreaker
    return SearchRequest("_eql/search", _indices(request), {**body, **results}, None)


def _size(limits: tuple[ir.Limit, ...]) -> int:
    """At least what the pipes ask for: `size` is a limit below the first pipe (spec §1)."""
    return max((RESULT_WINDOW, *(limit.count for limit in limits)))


def _window(request: Request) -> tuple[Clause, ...]:
    """The rule's time window, on the field that the rule itself takes for it."""
    rule = request.rule
    bounds: dict[str, Json] = {}
    start = rule.window_start
    if start:
        bounds["gte"] = start
    if rule.to:
        bounds["lte"] = rule.to
    if not bounds or request.options["window"] == "none":
        return ()
    if start and rule.window_assumption:
        request.losses.assume(rule.window_assumption)
    return (within(bounds, request),)


def within(bounds: Mapping[str, Json], request: Request) -> Clause:
    """The event is in a time window, by the rule's `timestamp_override`; without it by `@timestamp`,
    unless the rule forbids that (spec §13.20)."""
    fields = WindowFields.of(request.rule, request.model)
    primary = interval(fields.primary, bounds)
    if fields.fallback is None:
        return primary
    without = all_of((interval(fields.fallback, bounds),), (exists(fields.primary),))
    return any_of((primary, without))


def _sort(model: EventModel, *, newest_first: bool) -> list[Json]:
    """Event order (spec §1): by timestamp, then tiebreaker, a missing tiebreaker last (§9.1)."""
    if not newest_first:
        keys: list[Json] = [{model.timestamp: "asc"}]
        missing = "_last"
    else:  # the reverse of the ascending order, where events without a time are last
        keys = [{model.timestamp: {"order": "desc", "missing": "_first"}}]
        missing = "_first"
    if model.tiebreaker is not None:
        order = "desc" if newest_first else "asc"
        keys.append({model.tiebreaker: {"order": order, "missing": missing}})
    return keys


@dataclass(frozen=True, slots=True)
class _Page:
    size: int
    newest_first: bool = False


def _page(limits: tuple[ir.Limit, ...], request: Request) -> _Page:
    """`head` and `tail` as one page (spec §1 "Pipes and size").

    `| head 5 | tail 2` is the fourth and fifth match only if there are five, which one request
    cannot know; such a chain is refused.
    """
    if not limits:
        return _Page(RESULT_WINDOW)
    size, end = limits[0].count, limits[0].end
    for limit in limits[1:]:
        if limit.end is not end and limit.count < size:
            request.report.add(
                inexpressible(
                    "elasticsearch",
                    "a pipe that cuts at the other end",
                    "one page of a search has one end",
                    limit.span,
                )
            )
        size = min(size, limit.count)
    if size > RESULT_WINDOW:
        request.losses.assume(f"`index.max_result_window` is at least {size}")
    return _Page(size, newest_first=end is ir.End.TAIL)
