"""The index patterns of a rule, as far as they are known (spec §13.21)."""

from __future__ import annotations

from eqlx.capability import Drift
from eqlx.diagnostics.catalogue.target import indices_unknown
from eqlx.target import Request

EVERY = "*"


def indices(request: Request) -> tuple[str, ...]:
    """The patterns to search: those of the option `index`, else the rule's own.

    A rule on a data view has none, whatever else it names: Kibana looks the patterns up.
    """
    if asked := request.options["index"]:
        return tuple(part.strip() for part in asked.split(",") if part.strip())
    return () if data_view(request) is not None else request.rule.index


def data_view(request: Request) -> str | None:
    """The id of the rule's data view."""
    given = request.rule.extra.get("data_view_id")
    return given if isinstance(given, str) and given else None


def sent_indices(request: Request) -> tuple[str, ...]:
    """As `indices`, for a request that somebody sends: who sends it can name what is not known."""
    found = indices(request)
    if not found and (why := _why(request)):
        request.losses.assume(f"who sends the request names the indices, since {why}")
    return found


def stored_indices(request: Request) -> tuple[str, ...]:
    """As `indices`, for what is stored and runs by itself: without a name it searches everything."""
    found = indices(request)
    if found:
        return found
    why = _why(request) or "the query names none"
    request.report.add(indices_unknown(why))
    reason = f"all indices are searched, since {why}"
    request.losses.record("indices-unknown", Drift.WIDENS, reason, request.query.span)
    return (EVERY,)


def _why(request: Request) -> str:
    """Why no index is known; empty for a bare query, of which nobody expects one."""
    view = data_view(request)
    if view is not None:
        return f"the rule is on the data view `{view}`"
    return "" if request.rule.path is None else "the rule names none"
