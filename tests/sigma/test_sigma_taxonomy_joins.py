"""The default style's sequences and samples, executed: real rules against the reference interpreter, on
streams of plausible events that are written as the logs of Sigma's taxonomy hold them, by two judges
that share no code. Which keys complete may differ only in a direction that the artifact declares; how
often a key completes is left open by Sigma, as each artifact says.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter

import pytest

from eqlx.capability import Drift
from eqlx.driver.convert import convert_rule, event_model
from eqlx.fields.documents import flatten
from eqlx.ir import nodes as ir
from eqlx.reference import evaluate
from eqlx.rulefile import loader
from eqlx.synthesis import synthesise
from eqlx_harness import sigma_streams as streams
from eqlx_harness.data import need
from eqlx_harness.sigma_records import logged
from eqlx_targets.sigma.target import TARGET

STEP = 1 if os.environ.get("EQLX_LONG") else 12


@pytest.fixture(scope="module", params=["ordered", "any"])
def converted(request):
    """(rule, outcome, its streams: events in ECS, their rows)."""
    options = {} if request.param == "ordered" else {"order": "any"}
    found = []
    for rule in loader.load([need("corpus", "rules")]).rules[::STEP]:
        outcome = convert_rule(rule, TARGET, options=options)
        joins = isinstance(outcome.query, ir.Sequence | ir.Sample)
        if outcome.artifact is not None and joins:
            found.append((rule, outcome, list(prepared(rule, outcome.query))))
    return found


def prepared(rule, query):
    """(name, events, rows) of each stream whose events are all plausible and differ in time."""
    for case in synthesise(query, event_model(rule)).cases:
        flat = list(streams.renamed([flatten(event) for event in case.events]))
        if not all(is_plain(v) for event in flat for values in event.values() for v in values):
            continue
        stamps = [event.get("@timestamp") for event in flat]
        if None in stamps or len({str(stamp) for stamp in stamps}) < len(stamps):
            continue  # events at one time have no order, as each artifact says
        found = [logged(event, rule.query.text) for event in flat]
        if None in found:
            continue
        rows = [
            {**row, streams.LOG: f"{product}/{log}", "@timestamp": event["@timestamp"][0]}
            for event, (product, log, row) in found
        ]
        plain = [{n: v[0] if len(v) == 1 else v for n, v in event.items()} for event, _ in found]
        yield case.name, plain, rows


def is_plain(value):
    """Whether the judges' limits do not matter: both fold ASCII letters alone, and no path has lines."""
    return not isinstance(value, str) or (value.isascii() and value.isprintable())


def is_flat(rows):
    """Whether columns can hold the rows: no field has several values."""
    return not any(isinstance(value, list) for row in rows for value in row.values())


def judged(converted, ask, *, flat):
    """`ask`: the text of a file and streams of rows to the groups that complete in each; `flat`: it is
    asked about columns alone."""
    count, faults, silent, empty = Counter(), [], [], []
    for rule, outcome, whole in converted:
        own = [stream for stream in whole if not flat or is_flat(stream[-1])]
        if not own:
            empty.append(rule.path)
            continue
        drifts = {loss.drift for loss in outcome.fidelity.losses if loss.slug != "sequence"}
        free, model = Drift.SHIFTS in drifts, event_model(rule)
        texts = [file.text for file in outcome.artifact.files]
        joins = [streams.correlation(text) for text in texts]
        answers = [ask(text, [rows for *_, rows in own]) for text in texts]
        extra = lost = fired = False
        for position, (name, events, rows) in enumerate(own):
            matches = list(evaluate(outcome.query, events, model))
            ours = [answer[position] for answer in answers]
            over, under = differences(matches, joins, ours, rows)
            fired = fired or any(ours)
            if over and is_open(joins, rows):
                count.update(folded=1)
                over = False
            if over and not free and Drift.WIDENS not in drifts:
                faults.append((rule.path, "wider", name, rows))
            if under and not free and Drift.NARROWS not in drifts:
                faults.append((rule.path, "narrower", name, rows))
            extra, lost = extra or over, lost or under
            count.update(streams=1, hits=bool(matches))
        if not fired:
            silent.append(rule.path)
        count.update(rules=1, fired=fired, wider=extra, narrower=lost)
    sys.stderr.write(f"\njoins of the default style: {dict(count)}; {len(faults)} undeclared\n")
    sys.stderr.write("".join(f"  never completed: {path}\n" for path in silent))
    sys.stderr.write("".join(f"  without streams: {path}\n" for path in empty))
    assert not faults, "\n".join(map(str, faults))
    assert count["fired"] > count["rules"] * 0.7, "correlations that never complete prove nothing"
    assert count["rules"] > 60 / STEP * 0.6


def differences(matches, joins, ours, rows):
    """Whether groups complete that are of no match, and whether a match is of no such group. A rule
    may become several correlations, one for each choice of log sources."""
    wanted = [set() for _ in joins]
    lost = False
    for match in matches:
        first = match.events[0]
        keys = [streams.keys(joined, first.stage, rows[first.row - 1]) for joined in joins]
        for group, key in zip(wanted, keys, strict=True):
            group.add(key)
        lost = lost or not any(key in found for key, found in zip(keys, ours, strict=True))
    return any(found - group for found, group in zip(ours, wanted, strict=True)), lost


def is_open(joins, rows):
    """Whether keys differ in letter case alone: what then is one group is open, as each artifact says."""
    for joined in joins:
        group = joined["correlation"]["group-by"]
        aliases = joined["correlation"].get("aliases", {})
        names = {n for key in group for n in aliases.get(key, {key: key}).values()}
        values = {str(row[name]) for row in rows for name in names if row.get(name) is not None}
        if len({value.lower() for value in values}) < len(values):
            return True
    return False


def ask_sqlite(pysigma):
    def ask(text, all_rows):
        answers = pysigma("searches", text=streams.routed(text), streams=all_rows)
        return [{folded(json.loads(row["group_keys"]).values()) for row in a[-1]} for a in answers]

    return ask


def ask_rsigma(rsigma):
    def ask(text, all_rows):
        joined = streams.correlation(text)
        names, title = joined["correlation"]["group-by"], joined["title"]
        timed = [
            sorted(
                ([streams.milliseconds(row["@timestamp"]), row] for row in rows), key=lambda t: t[0]
            )
            for rows in all_rows
        ]
        routed = streams.routed(text, milliseconds=True)
        answers = rsigma(text=routed, title=title, streams=timed)["groups"]
        return [{folded(dict(group)[name] for name in names) for group in a} for a in answers]

    return ask


def folded(values):
    return tuple(None if value is None else str(value).lower() for value in values)


def test_joins_on_sqlite(converted, pysigma):
    judged(converted, ask_sqlite(pysigma), flat=True)


def test_joins_by_rsigma(converted, rsigma):
    judged(converted, ask_rsigma(rsigma), flat=False)


def without_keys(converted, *, flat):
    """(path, text, joined, streams that lack a join key): of each file the first streams that match,
    once without each of the columns that it is grouped by."""
    for rule, outcome, own in converted:
        model = event_model(rule)
        held = [(events, rows) for _, events, rows in own if not flat or is_flat(rows)]
        hits = [rows for events, rows in held if list(evaluate(outcome.query, events, model))][:3]
        for file in outcome.artifact.files:
            joined = streams.correlation(file.text)
            bare = [
                [{n: v for n, v in row.items() if n not in columns} for row in rows]
                for rows in hits
                for columns in streams.columns(joined)
            ]
            yield rule.path, file.text, hits, bare


def guarded(converted, ask, *, flat):
    """Where a key is missing nothing completes, as EQL joins nothing on it."""
    count, faults = Counter(), []
    for path, text, hits, bare in without_keys(converted, flat=flat):
        if not hits or not any(ask(text, hits)):
            continue
        count.update(files=1, streams=len(bare))
        faults += [(path, found) for found in ask(text, bare) if found]
    sys.stderr.write(f"\njoin keys that are missing: {dict(count)}; {len(faults)} complete\n")
    assert not faults, "\n".join(map(str, faults))
    assert count["files"] > 60 / STEP * 0.5


def test_nothing_completes_without_a_key_on_sqlite(converted, pysigma):
    guarded(converted, ask_sqlite(pysigma), flat=True)


def test_stages_are_related_to_the_source_and_correlations_declare_what_is_open(converted, read):
    """A reader refuses `related` on a correlation; that one event may count for two stages is on record."""
    for rule, outcome, _ in converted:
        for file in outcome.artifact.files:
            for document in read(file.text):
                assert ("related" in document) == ("detection" in document), rule.path
        reasons = [loss.reason for loss in outcome.fidelity.losses if loss.slug == "sequence"]
        assert reasons, rule.path
        assert all("one event may count for two stages" in reason for reason in reasons)
