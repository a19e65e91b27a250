"""From the IR to one SELECT: filters, order, limits; sequences and samples go to their own modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Row
from typing import assert_never

from sqlglot import exp

from eqlx.diagnostics import Diagnostic
from eqlx.diagnostics.catalogue import sql as say
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.fields.layout import LayoutKind
from eqlx.ir.nodes import Constant, End, EventQuery, Field, Filter, Limit, Sample, Sequence, Text
from eqlx.ir.walk import walk
from eqlx.printable import is_safe, one_line
from eqlx.rule import KIBANA_MAX_SIGNALS
from eqlx.source import Span
from eqlx.target import Request
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.dialects import DIALECTS
from eqlx_targets.sql.joins.sample import sample_sql
from eqlx_targets.sql.joins.sequence import sequence_sql
from eqlx_targets.sql.lower.condition import category_sql, condition_sql
from eqlx_targets.sql.lower.window import window_sql
from eqlx_targets.sql.scope import Scope
from eqlx_targets.sql.spelling import UnspelledError, spelled
from eqlx_targets.sql.tables import STAND_IN, is_dbt_relation, is_name

CLAUSE_LENGTH = 120
"""A comment that quotes a clause is cut here."""


def lower_query(request: Request) -> exp.Expr:
    """The query as a tree in the dialect's words; what cannot be expressed is an error in the report."""
    if not _sound(request):
        return exp.select(exp.null())
    dialect = DIALECTS[request.dialect]
    if not dialect.row_id and not _has_row_id(request):
        what, why = (
            "a sequence or a sample",
            "rows have no number of their own: name a column that tells them apart, `-O row-id=COLUMN`",
        )
        request.report.add(inexpressible(request.dialect, what, why, request.query.span))
        return exp.select(exp.null())
    try:
        return spelled(_meant(request), dialect)
    except UnspelledError as error:
        what = error.operation.means
        request.report.add(inexpressible(request.dialect, what, error.why, request.query.span))
        return exp.select(exp.null())


def _meant(request: Request) -> exp.Select:
    """The query in operations, which are the same for every dialect."""
    scope = Scope.of(request)
    scope.most = _max_signals(request)
    match request.query:
        case EventQuery() as query:
            select = _events(query, request, scope)
            return select if scope.most is None else select.limit(scope.most, copy=False)
        case Sequence() as query:
            scope.within = window_sql(request, scope)
            return sequence_sql(query, scope, _clause(request))
        case Sample() as query:
            scope.within = window_sql(request, scope)
            return sample_sql(query, scope, _clause(request))
        case _:
            assert_never(request.query)


def _has_row_id(request: Request) -> bool:
    """Whether events can be joined back: an event query joins none."""
    known = request.options["row-id"] or request.model.id
    return bool(known) or isinstance(request.query, EventQuery)


def _sound(request: Request) -> bool:
    """Checks of what no tree can carry: names that are none, halves of characters."""
    _check_table(request)
    _check_model(request)
    for node, _, _ in walk(request.query):
        if isinstance(node, Text) and not _encodable(node.value):
            request.report.add(say.text_not_encodable(node.span))
        elif isinstance(node, Field) and not is_safe(node.name):
            request.report.add(say.name_not_printable(node.span))
    return not request.report.has_errors


def _check_table(request: Request) -> None:
    table = request.options["table"]
    wrong = wrong_table(request.options)
    if wrong is not None:
        request.report.add(wrong)
    elif is_dbt_relation(table) and STAND_IN in request.eql():
        request.report.add(say.table_name(table))


def wrong_table(options: Mapping[str, str]) -> Diagnostic | None:
    """What is wrong with the option `table`, whatever the rule; None if nothing is."""
    table = options["table"]
    if is_dbt_relation(table):
        return None if options["envelope"] == "dbt" else say.dbt_relation(table)
    return None if is_name(table) else say.table_name(table)


def _check_model(request: Request) -> None:
    """An incremental model has to know rows that it already has."""
    if request.options["envelope"] != "dbt" or request.options["materialized"] != "incremental":
        return
    if not isinstance(request.query, EventQuery):
        why = "a join has no column that tells its rows apart from run to run"
        what = "a sequence or a sample as an incremental model"
        request.report.add(inexpressible("sql", what, why, request.query.span))
    elif not request.options["row-id"]:
        request.report.add(say.no_row_id())


def _encodable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)


def filter_sql(wanted: Filter, scope: Scope) -> list[exp.Expr]:
    """The conjuncts of a filter; none for a filter that everything passes."""
    conjuncts = [] if wanted.category is None else [category_sql(wanted.category, scope)]
    if wanted.condition != Constant(value=True):
        conjuncts.append(condition_sql(wanted.condition, scope))
    return conjuncts


def _events(query: EventQuery, request: Request, scope: Scope) -> exp.Select:
    conjuncts = filter_sql(query.filter, scope)
    window = window_sql(request, scope)
    if window is not None:
        conjuncts.insert(0, window)
    wanted_order = request.options["order"] == "time" or bool(query.limits)
    order = scope.order if wanted_order else []
    select = exp.Select(expressions=[exp.Star()]).from_(scope.source(), copy=False)
    if conjuncts:
        select.set("where", exp.Where(this=sql.conjunction(conjuncts)))
    select = _limited(select, query.limits, order)
    select.set("expressions", [_all_columns(scope)])
    for name, cte in scope.ctes():
        select = select.with_(name, as_=cte, copy=False)
    return select


def _all_columns(scope: Scope) -> exp.Expr:
    """Every column of the table, without those that the layout's own projection added."""
    if scope.layout.kind is not LayoutKind.JSON or not scope.columns:
        return exp.Star()
    return exp.Star(except_=[exp.Column(this=name) for name in scope.projected])


def _limited(select: exp.Select, limits: Row[Limit], order: Row[exp.Expr]) -> exp.Select:
    """Each limit cuts what the one before left; a tail is a head of the reverse (spec §1)."""
    for number, limit in enumerate(limits):
        last = limit.end is End.TAIL
        select.set("order", _order(order, reverse=last))
        select.set("limit", exp.Limit(expression=sql.whole(limit.count)))
        if last or number + 1 < len(limits):
            inner = select.subquery("matches", copy=False)
            select = exp.Select(expressions=[exp.Star()]).from_(inner, copy=False)
    if select.args.get("order") is None:
        select.set("order", _order(order, reverse=False))
    return select


def _order(keys: Row[exp.Expr], *, reverse: bool) -> exp.Order | None:
    if not keys:
        return None
    ordered = [
        exp.Ordered(this=key.copy(), desc=reverse or None, nulls_first=reverse) for key in keys
    ]
    return exp.Order(expressions=ordered)


def _clause(request: Request) -> Callable[[Span], str]:
    """What a span of the query says, in one line, for comments."""
    text = request.rule.query.text

    def clause(span: Span) -> str:
        words = " ".join(one_line(text[span.start : span.end]).split())
        return words if len(words) <= CLAUSE_LENGTH else words[: CLAUSE_LENGTH - 1] + "…"

    return clause


def _max_signals(request: Request) -> int | None:
    """How many alerts one run of the rule may give: events, sequences or samples."""
    if request.options["max-signals"] == "none":
        return None
    signals = request.rule.max_signals
    return KIBANA_MAX_SIGNALS if signals is None else signals
