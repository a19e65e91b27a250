"""Every rule of the corpus: the reference interpreter against the emitted Sigma, on SQLite.

Events come from `eqlx.synthesis`: each clause alone decisive, boundaries, letter case, absence. The
two may differ only in a direction that the artifact declares.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from ipaddress import IPv4Address

import pytest

from eqlx.capability import Drift
from eqlx.driver.convert import convert_rule, event_model
from eqlx.fields.documents import flatten
from eqlx.ir import nodes as ir
from eqlx.rulefile import loader
from eqlx.synthesis import synthesise
from eqlx_harness.data import need
from eqlx_targets.sigma.leaves import is_enumeration
from eqlx_targets.sigma.target import TARGET

STEP = 1 if os.environ.get("EQLX_LONG") else 16
ANY = frozenset(Drift)


@pytest.fixture(scope="module")
def rules():
    return loader.load([need("corpus", "rules")]).rules[::STEP]


def is_folded_otherwise(character):
    """Letters beyond ASCII that are not in lower case, or fold to those of ASCII, which SQLite does not
    fold: each artifact on whose texts this shows assumes that its back end does."""
    folds = character.lower() != character or character == "\N{LATIN SMALL LETTER LONG S}"
    return ord(character) > 0xFFFF or (not character.isascii() and folds)


def columns(event):
    """The event as SQLite holds it; None where it has several values in a field, or an address in
    an unusual spelling (the artifact assumes that its back end reads every spelling)."""
    flat = flatten(event)
    if any(len(values) != 1 for values in flat.values()):
        return None
    for name, (value,) in flat.items():
        if name.endswith(".ip"):
            try:
                if str(IPv4Address(value)) != value:
                    return None
            except ValueError:
                return None
        if isinstance(value, str) and any(map(is_folded_otherwise, value)):
            return None
    return {name: values[0] for name, values in flat.items()}


def assumed(case):
    """Whether the case breaks what every artifact assumes: one spelling of Elastic's own values."""
    spelling = "case" in case.name and any(is_enumeration(f) for f in case.clause_text.split())
    stamps = [json.dumps(event.get("@timestamp")) for event in case.events]
    return not spelling and len(set(stamps)) == len(stamps)


def prepared(rule, query):
    """(case, its events as rows) of the cases that SQLite can hold."""
    for case in synthesise(query, event_model(rule)).cases:
        rows = [columns(event) for event in case.events]
        if assumed(case) and None not in rows:
            yield case, rows


def conversions(rules, kind, options):
    for rule in rules:
        found = convert_rule(rule, TARGET, options={"style": "ecs", **options}, allow=ANY)
        if found.artifact is not None and isinstance(found.query, kind):
            yield rule, found


@pytest.mark.parametrize("case", ["strict", "relaxed"])
def test_event_rules_differ_only_as_declared(rules, pysigma, case):
    judged, events, wider, narrower = 0, 0, 0, 0
    for rule, found in conversions(rules, ir.EventQuery, {"case": case}):
        rows, wanted = [], set()
        for one, own in prepared(rule, found.query):
            for row in own:
                row["row#"] = len(rows)
                rows.append(row)
            if one.is_hit:
                wanted.update(own[m.row - 1]["row#"] for x in one.expected for m in x.events)
        if not rows:
            continue
        (answer,) = pysigma("search", text=found.artifact.text, events=rows)
        ours = {row["row#"] for row in answer}
        drifts = {loss.drift for loss in found.fidelity.losses}
        extra, lost = ours - wanted, wanted - ours
        assert not extra or Drift.WIDENS in drifts, (rule.path, rows[min(extra)])
        assert not lost or Drift.NARROWS in drifts, (rule.path, rows[min(lost)])
        judged, events = judged + 1, events + len(rows)
        wider, narrower = wider + bool(extra), narrower + bool(lost)
    sys.stderr.write(
        f"\n{case}: {judged} rules, {events} events; {wider} widen, {narrower} narrow, as declared\n"
    )
    assert judged > 400 / STEP * 0.8


@pytest.mark.parametrize("case", ["strict", "relaxed"])
def test_correlations_complete_for_the_same_keys(rules, pysigma, case):
    """Every sequence and sample that converts, on streams: the keys that complete in EQL, and those
    of the correlation as the back end executes it. How often a key completes is left open by Sigma,
    as each artifact says; which keys do may differ only in a direction that is declared otherwise."""
    judged, streams, wider, narrower, folded = Counter(), 0, 0, 0, 0
    for rule, found in conversions(rules, ir.Sequence | ir.Sample, {"case": case}):
        drifts = {loss.drift for loss in found.fidelity.losses if loss.slug != "sequence"}
        free = Drift.SHIFTS in drifts
        extra = lost = False
        own = 0
        names = list(zip(*([k.name for k in s.keys] for s in found.query.stages), strict=True))
        positions = [names.index(key) for key in dict.fromkeys(names)]  # a key twice is one key
        cases = list(prepared(rule, found.query))
        rows = [rows for _, rows in cases]
        answers = pysigma("searches", text=found.artifact.text, streams=rows) if rows else ()
        for (one, own_rows), answer in zip(cases, answers, strict=True):
            ours = {tuple(json.loads(row["group_keys"]).values()) for row in answer[-1]}
            wanted = {tuple(_as_text(m.keys[i]) for i in positions) for m in one.expected}
            ours = {tuple(map(_as_text, keys)) for keys in ours}
            if grouping_is_open(found.query, own_rows):
                folded += 1
                ours &= wanted
            assert ours <= wanted or free or Drift.WIDENS in drifts, (rule.path, one.name)
            assert wanted <= ours or free or Drift.NARROWS in drifts, (rule.path, one.name)
            extra, lost = extra or not ours <= wanted, lost or not wanted <= ours
            own += 1
        judged[type(found.query).__name__] += bool(own)
        streams, wider, narrower = streams + own, wider + extra, narrower + lost
    kinds = ", ".join(f"{count} {kind}" for kind, count in judged.items())
    sys.stderr.write(
        f"\n{case}: {kinds}; {streams} streams; {wider} widen, {narrower} narrow, "
        f"as declared; {folded} streams with keys that differ in letter case alone\n"
    )
    assert judged.total() > 100 / STEP * 0.7


def grouping_is_open(query, rows):
    """Whether keys differ in letter case alone: each artifact says that Sigma leaves open what then
    is one group, and the back end makes one of them."""
    names = {key.name for stage in query.stages for key in stage.keys}
    values = {str(row[name]) for row in rows for name in names if row.get(name) is not None}
    return len({value.lower() for value in values}) < len(values)


def _as_text(key):
    """The back end groups without letter case."""
    return None if key is None else str(key).lower()
