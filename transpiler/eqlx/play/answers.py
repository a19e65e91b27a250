"""What the playground's page shows of a query: JSON in, JSON out, no server and no engine.

Every answer is computed by the modules that the commands stand on: conversions by the driver, events by
synthesis, matches by the reference interpreter.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from eqlx.diagnostics import Diagnostic, Severity
from eqlx.driver.convert import compile_rule, convert_rule, event_model
from eqlx.execution import Event
from eqlx.fields.catalogue import CATALOGUE
from eqlx.ir.functions import SIGNATURES
from eqlx.patterns.folding import Folding
from eqlx.registry import load_target
from eqlx.render.jsonl import record
from eqlx.render.outline import outline
from eqlx.render.text import render
from eqlx.rule import Rule
from eqlx.rulefile.loader import from_query
from eqlx.syntax.keywords import KEYWORDS
from eqlx.target import EventModel, Target

QUERY_LIMIT = 32 * 1024
"""Bytes of a query; far more than any rule of the corpus has."""
EVENTS_LIMIT = 256 * 1024
"""Bytes of the events that one request may search."""
CASES = 40
"""Synthesised cases that the page offers; the first ones show the ways to match."""

_TARGETS = (("sql", "sql"), ("dsl", "elasticsearch"), ("sigma", "sigma"), ("eql", "eql"))


class BadRequestError(Exception):
    """The request does not hold what the page sends."""


Answer = dict[str, object]


def language(_request: Mapping[str, object]) -> Answer:
    """The words of EQL for highlighting and completion, and the choices of the page."""
    return {
        "keywords": sorted(KEYWORDS),
        "functions": sorted(signature.name for signature in SIGNATURES),
        "fields": [[name, _type(name)] for name in CATALOGUE.names()],
        "dialects": {tab: list(_target(name).dialects) for tab, name in _TARGETS},
        "foldings": [level.value for level in Folding],
        "query_limit": QUERY_LIMIT,
        "events_limit": EVENTS_LIMIT,
    }


def compiled(request: Mapping[str, object]) -> Answer:
    """Diagnostics, the IR, and each target's artifact with its fidelity.

    Request: `query`, and optionally `folding` and `dialects` (tab to dialect).
    """
    rule, model = _rule(request)
    front = compile_rule(rule, model=model)
    dialects = request.get("dialects")
    chosen = dialects if isinstance(dialects, Mapping) else {}
    answer: Answer = {
        "diagnostics": [_shown(each) for each in front.diagnostics],
        "ir": "" if front.query is None else outline(front.query),
        "targets": {},
    }
    if front.query is not None:
        known = {each.code for each in front.diagnostics}
        answer["targets"] = {
            tab: _artifact(rule, model, name, chosen.get(tab), known) for tab, name in _TARGETS
        }
    return answer


def cases(request: Mapping[str, object]) -> Answer:
    """Events made from the query: named cases, each with its events as NDJSON."""
    from eqlx.synthesis import synthesise

    rule, model = _rule(request)
    outcome = compile_rule(rule, model=model)
    if outcome.query is None:
        return {"cases": [], "unreached": 0}
    made = synthesise(outcome.query, model)
    return {
        "cases": [
            {"name": case.name, "hit": case.is_hit, "events": _lines(case.events)}
            for case in made.cases[:CASES]
        ],
        "unreached": len(made.unreached),
        "all": len(made.cases),
    }


def searched(request: Mapping[str, object]) -> Answer:
    """What the query finds in `events` (NDJSON or a JSON array), and why, clause by clause."""
    from eqlx.driver.events import dataset_diagnostic, load_events
    from eqlx.driver.explain import explain_rule
    from eqlx.execution import Dataset, DatasetError
    from eqlx.render.explanation import record as explained

    rule, model = _rule(request)
    text = _text(request, "events", EVENTS_LIMIT)
    if not text.strip():
        return {"diagnostics": [], "explanation": None}
    with tempfile.TemporaryDirectory(prefix="eqlx-play-") as folder:
        file = Path(folder, "events")
        file.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            events, notes = load_events(Dataset((file,)), model.timestamp)
        except DatasetError as error:
            said = _shown(dataset_diagnostic(error))
            said["text"] = str(said["text"]).replace(str(file), "events")
            return {"diagnostics": [said], "explanation": None}
    found = explain_rule(rule, events, model)
    errors = [d for d in found.diagnostics if d.severity is Severity.ERROR]
    return {
        "diagnostics": [_shown(each) for each in (*notes, *errors)],
        "explanation": None if found.explanation is None else explained(found.explanation),
    }


ANSWERS: Mapping[str, Callable[[Mapping[str, object]], Answer]] = {
    "language": language,
    "compile": compiled,
    "cases": cases,
    "search": searched,
}
"""The questions that the page asks, by name."""


def answer(name: str, body: str) -> str:
    """The answer to one question of the page, as JSON.

    Raises:
        BadRequestError: no such question, or the body is not what it asks for.
    """
    if name not in ANSWERS:
        message = f"no question is named `{name}`"
        raise BadRequestError(message)
    try:
        request = json.loads(body or "{}")
    except (ValueError, RecursionError) as error:
        message = "the request is not JSON"
        raise BadRequestError(message) from error
    if not isinstance(request, dict):
        message = "the request is not a JSON object"
        raise BadRequestError(message)
    return json.dumps(ANSWERS[name](request), ensure_ascii=True, default=str)


def _rule(request: Mapping[str, object]) -> tuple[Rule, EventModel]:
    rule = from_query(_text(request, "query", QUERY_LIMIT))
    level = request.get("folding", Folding.UNICODE.value)
    if level not in {each.value for each in Folding}:
        message = f"no folding level is named `{level}`"
        raise BadRequestError(message)
    return rule, event_model(rule, folding=Folding(level))


def _text(request: Mapping[str, object], name: str, limit: int) -> str:
    value = request.get(name)
    if not isinstance(value, str):
        message = f"`{name}` must be a string"
        raise BadRequestError(message)
    if len(value.encode("utf-8", "surrogatepass")) > limit:
        message = f"`{name}` has more than {limit // 1024} KB"
        raise BadRequestError(message)
    return value


def _artifact(
    rule: Rule, model: EventModel, name: str, dialect: object, known: set[str]
) -> dict[str, object]:
    target = _target(name)
    chosen = dialect if dialect in target.dialects else target.dialects[0]
    outcome = convert_rule(rule, target, dialect=str(chosen), model=model)
    losses = {(loss.drift.value, loss.reason, loss.slug): None for loss in outcome.fidelity.losses}
    return {
        "dialect": chosen,
        "text": None if outcome.artifact is None else outcome.artifact.text,
        "grade": outcome.fidelity.grade.value,
        "losses": [{"drift": d, "reason": r, "slug": s} for d, r, s in losses],
        "assumptions": list(outcome.fidelity.assumptions),
        "diagnostics": [_shown(d) for d in outcome.diagnostics if d.code not in known],
    }


def _shown(diagnostic: Diagnostic) -> dict[str, object]:
    return {**record(diagnostic), "text": render(diagnostic)}


def _lines(events: Iterable[Event]) -> str:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in events)


def _type(name: str) -> str:
    info = CATALOGUE.lookup(name)
    return "" if info is None else info.type.value


@cache
def _target(name: str) -> Target:
    return load_target(name)
