"""What a search is put into that runs on schedule: a Watcher watch, an OpenSearch Alerting monitor.

Watches and monitors are Mustache templates to the server that keeps them. Text of a rule that holds
`{{` would be read as one, so such a rule is refused here and never escaped by guesswork.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.rule import KIBANA_FROM, KIBANA_INTERVAL, KIBANA_MAX_SIGNALS
from eqlx.target import Request
from eqlx_targets.elasticsearch.clauses import Clause, Json, all_of
from eqlx_targets.elasticsearch.indices import stored_indices
from eqlx_targets.elasticsearch.lower import within

_INTERVAL = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_UNITS = {"m": "MINUTES", "h": "HOURS", "d": "DAYS"}
_SEVERITIES = {"critical": "1", "high": "2", "medium": "3", "low": "4"}


def watch(body: Mapping[str, Json], request: Request) -> Json:
    """The body of `PUT _watcher/watch/<id>`: it logs; other actions are the reader's to add."""
    rule = request.rule
    every = rule.interval or KIBANA_INTERVAL
    if not _INTERVAL.fullmatch(every):
        _refuse_interval(every, request)
    search: Json = {"indices": list(stored_indices(request)), "body": _scheduled(body, request)}
    name = rule.name or rule.label
    _refuse_templates([search, name], request)
    return {
        "trigger": {"schedule": {"interval": every}},
        "input": {"search": {"request": search}},
        "condition": {"compare": {"ctx.payload.hits.total": {"gt": 0}}},
        "actions": {"log": {"logging": {"text": f"{name}: {{{{ctx.payload.hits.total}}}} hits"}}},
    }


def monitor(body: Mapping[str, Json], request: Request) -> Json:
    """The body of `POST _plugins/_alerting/monitors`: a query-level monitor without actions."""
    rule = request.rule
    name = rule.name or rule.label
    search: Json = {"indices": list(stored_indices(request)), "query": _scheduled(body, request)}
    _refuse_templates([search, name], request)
    found: Json = {"source": "ctx.results[0].hits.total.value > 0", "lang": "painless"}
    return {
        "type": "monitor",
        "monitor_type": "query_level_monitor",
        "name": name,
        "enabled": False,
        "schedule": {"period": _period(rule.interval or KIBANA_INTERVAL, request)},
        "inputs": [{"search": search}],
        "triggers": [
            {
                "query_level_trigger": {
                    "name": name,
                    "severity": _SEVERITIES.get(rule.severity or "", "5"),
                    "condition": {"script": found},
                    "actions": [],
                }
            }
        ],
    }


def refuse(what: str, why: str, request: Request) -> None:
    request.report.add(inexpressible("elasticsearch", what, why, request.query.span))


def _scheduled(body: Mapping[str, Json], request: Request) -> Mapping[str, Json]:
    """The search as a schedule runs it: the rule's number of hits, and always a time window."""
    rule = request.rule
    found = {**body, "size": min(_number(body["size"]), rule.max_signals or KIBANA_MAX_SIGNALS)}
    if not rule.window_start and request.options["window"] == "rule":
        found["query"] = _narrowed(body["query"], within({"gte": KIBANA_FROM}, request))
        if rule.window_assumption:
            request.losses.assume(rule.window_assumption)
    return found


def _narrowed(query: Json, window: Clause) -> Clause:
    """The query within the window, the window first as in every request."""
    occurrences = query.get("bool") if isinstance(query, Mapping) else None
    if not isinstance(occurrences, Mapping):
        return all_of((window,), ())
    filters = occurrences.get("filter")
    held = list(filters) if isinstance(filters, Sequence) else []
    return {"bool": {**occurrences, "filter": [window, *held]}}


def _number(size: Json) -> int:
    return size if isinstance(size, int) else KIBANA_MAX_SIGNALS


def _period(text: str, request: Request) -> Json:
    """A monitor counts whole minutes; seconds are rounded up."""
    match = _INTERVAL.fullmatch(text)
    if match is None:
        _refuse_interval(text, request)
        return {}
    count, unit = int(match[1]), match[2]
    if unit == "s":
        count, unit = math.ceil(count / 60), "m"
        request.losses.assume(f"the interval `{text}` is rounded up to whole minutes")
    return {"interval": count, "unit": _UNITS[unit]}


def _refuse_interval(text: str, request: Request) -> None:
    refuse(f"the interval `{text}`", "expected a number and one of s, m, h, d", request)


def _refuse_templates(values: Json, request: Request) -> None:
    if any("{{" in text for text in _texts(values)):
        refuse("text with `{{`", "watches and monitors take it for a template", request)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, child in value.items():
            yield key
            yield from _texts(child)
    elif isinstance(value, Sequence):
        for child in value:
            yield from _texts(child)
