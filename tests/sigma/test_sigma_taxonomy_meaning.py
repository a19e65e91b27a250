"""The default style, executed: real rules against the reference interpreter, on plausible events that
are written as the logs of Sigma's taxonomy hold them, by two judges that share no code; with what has no
counterpart decided, dropped and kept.

The two may differ only in a direction that the artifact declares, or that an assumption of it names.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from eqlx.capability import Drift
from eqlx.driver.convert import convert_rule, event_model
from eqlx.fields.documents import flatten
from eqlx.ir import nodes as ir
from eqlx.reference import evaluate
from eqlx.rulefile import loader
from eqlx.synthesis import synthesise
from eqlx_harness.data import need
from eqlx_harness.sigma_records import logged
from eqlx_targets.sigma.target import TARGET

HERE = Path(__file__).parent
STEP = 1 if os.environ.get("EQLX_LONG") else 12


MADE_UP = ("letter case", "array of", "near miss")
"""Cases with values in other letter case, which Sigma does not tell apart: not counted as plausible."""


@pytest.fixture(scope="module", params=["auto", "drop", "keep"])
def converted(request):
    """(rule, outcome, its plausible events in ECS, their rows by log source)."""
    found = []
    options = {"unmapped": request.param}
    for rule in loader.load([need("corpus", "rules")]).rules[::STEP]:
        outcome = convert_rule(rule, TARGET, options=options)
        if outcome.artifact is not None and isinstance(outcome.query, ir.EventQuery):
            found.append((rule, outcome, *prepared(rule, outcome.query)))
    return found


def prepared(rule, query):
    events, rows, seen = [], [], set()
    for case in synthesise(query, event_model(rule)).cases:
        flat = flatten(case.events[0])
        if not all(is_plain(v) for values in flat.values() for v in values):
            continue
        found = logged(flat, rule.query.text)
        text = json.dumps(found, sort_keys=True, default=str)
        if found is None or text in seen:
            continue
        event, row = found
        seen.add(text)
        event["@timestamp"] = ["2026-01-01T00:00:00.000Z"]
        row[2]["row#"] = len(rows)
        row[2]["@timestamp"] = "2026-01-01T00:00:00.000Z"
        row[2]["spelled#"] = int(any(sign in case.name for sign in MADE_UP))
        events.append({name: v[0] if len(v) == 1 else v for name, v in event.items()})
        rows.append(row)
    return events, rows


def is_plain(value):
    """Whether the judges' limits do not matter: both fold ASCII letters alone, and no path has lines."""
    return not isinstance(value, str) or (value.isascii() and value.isprintable())


def expected(rule, query, events):
    """Each by itself, so that no limit of results counts."""
    model = event_model(rule)
    plain = ir.EventQuery(query.filter)
    return {i for i, event in enumerate(events) if list(evaluate(plain, [event], model))}


def holds(document, product, log):
    source = document.logsource
    own = source.category or source.service
    same = own == log or (own == "registry_event" and log.startswith("registry_"))
    return source.product == product and same


def with_sqlite(pysigma, text, rows):
    (answer,) = pysigma("search", text=text, events=rows)
    return {row["row#"] for row in answer}


def judged(converted, ask):
    count, faults, silent, empty = Counter(), [], [], []
    for rule, outcome, events, rows in converted:
        if not rows:
            empty.append((rule.path, None))
            continue
        wanted = expected(rule, outcome.query, events)
        ours = set()
        texts = [file.text for file in outcome.artifact.files]
        for document, text in zip(outcome.artifact.tree.documents, texts, strict=True):
            own = [row for product, log, row in rows if holds(document, product, log)]
            found = ask(text, own) if own else set()
            ours |= found
            count.update(documents=bool(own), fired=bool(found), without_events=not own)
            if not own:
                empty.append((rule.path, document.logsource))
            if own and not found:
                silent.append((rule.path, document.logsource))
        drifts = {loss.drift for loss in outcome.fidelity.losses}
        extra, lost = ours - wanted, wanted - ours
        free = Drift.SHIFTS in drifts
        if extra and not free and Drift.WIDENS not in drifts:
            faults.append((rule.path, "wider", rows[min(extra)]))
        if lost and not free and Drift.NARROWS not in drifts:
            faults.append((rule.path, "narrower", rows[min(lost)]))
        plausible = {i for i in extra if not rows[i][2]["spelled#"]}
        count.update(rules=1, events=len(rows), hits=len(wanted), wider=bool(extra), plausible=bool(plausible), narrower=bool(lost))  # fmt: skip
    sys.stderr.write(f"\ndefault style: {dict(count)}; {len(faults)} undeclared\n")
    sys.stderr.write("".join(f"  never fired: {path}, {source}\n" for path, source in silent))
    sys.stderr.write("".join(f"  no events: {path}, {source}\n" for path, source in empty))
    assert not faults, "\n".join(map(str, faults))
    assert count["fired"] > count["documents"] * 0.7, "documents that never match prove nothing"
    assert count["rules"] > 300 / STEP * 0.8
    assert count["hits"] > count["rules"] * 0.8


def test_event_rules_on_sqlite(converted, pysigma):
    judged(converted, lambda text, rows: with_sqlite(pysigma, text, rows))


def test_event_rules_by_rsigma(converted, rsigma):
    def ask(text, rows):
        reply = rsigma(text=text, events=rows)
        return {rows[i]["row#"] for i in reply["matches"]}

    judged(converted, ask)
