"""Sequences and samples as Sigma correlations over one named rule a stage.

The relation to the source's id stands on the stages: some readers refuse it on a correlation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from eqlx.capability import Drift
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir import nodes as ir
from eqlx.target import Request
from eqlx_targets.sigma.metadata import Variant, footer
from eqlx_targets.sigma.tree import (
    Correlation,
    DetectionRule,
    Document,
    Footer,
    Header,
)

RuleOf = Callable[[ir.Stage, Header, Footer], DetectionRule]
"""How a stage becomes a rule."""

Aliases = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

DIFFERENT_TIMES = "events at one time have no order in Sigma; those of the rule differ in time"

ANY_ORDER = "the stages may happen in any order (`-O order=any`)"

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_LOOKBACK = re.compile(r"now-(\d+)([smhdw])\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True)
class Step:
    """A stage's name in the correlation, and the documents that define it."""

    name: str
    stage: ir.Stage
    documents: tuple[Document, ...]


def correlated_sequence(
    sequence: ir.Sequence, variant: Variant, rule_of: RuleOf
) -> tuple[Document, ...]:
    """`temporal_ordered` over the stages; a lone stage with runs is an `event_count`.

    Where events must be absent, a `temporal` correlation with a condition (Sigma 2.2), since the
    specification leaves open what an order means for an event that is not there.
    """
    timespan = _timespan(sequence.maxspan, sequence, variant.request)
    steps = [
        _step(number, stage, timespan, variant, rule_of)
        for number, stage in enumerate(_with_until(sequence), start=1)
    ]
    variant.request.losses.assume(DIFFERENT_TIMES)
    if len(steps) > 1:
        _record_runs(sequence, variant.request)
    absent = [step.stage.missing or step.stage is sequence.until for step in steps]
    if any(absent):
        return _joined("temporal", steps, timespan, variant, absent)
    if len(steps) == 1:
        (step,) = steps
        count, *rules = step.documents
        if isinstance(count, Correlation):
            head = replace(variant.header(), related=())
            whole = replace(count, header=head, footer=footer(variant.request.rule))
            return (whole, *rules)
    if variant.request.options["order"] == "any":
        variant.request.losses.record(
            "order-left-out", Drift.WIDENS, ANY_ORDER, sequence.span, by_convention=True
        )
        return _joined("temporal", steps, timespan, variant)
    return _joined("temporal_ordered", steps, timespan, variant)


def _record_runs(sequence: ir.Sequence, request: Request) -> None:
    """Beside other stages, a count has a time span of its own."""
    asked = request.options["order"] == "any"
    for stage in _with_until(sequence):
        if stage.runs > 1:
            why = "the events of `with runs` are counted in a time span of their own"
            request.losses.record(
                "sequence-runs", Drift.WIDENS, why, stage.span, by_convention=asked
            )


def _with_until(sequence: ir.Sequence) -> tuple[ir.Stage, ...]:
    return sequence.stages if sequence.until is None else (*sequence.stages, sequence.until)


def correlated_sample(sample: ir.Sample, variant: Variant, rule_of: RuleOf) -> tuple[Document, ...]:
    """`temporal` over the stages, within the rule's own time window."""
    timespan = _timespan(None, sample, variant.request)
    steps = [
        _step(number, stage, timespan, variant, rule_of)
        for number, stage in enumerate(sample.stages, start=1)
    ]
    return _joined("temporal", steps, timespan, variant)


def _joined(
    kind: str,
    steps: Sequence[Step],
    timespan: str,
    variant: Variant,
    absent: Sequence[bool] = (),
) -> tuple[Document, ...]:
    """A correlation over the steps; `absent` says which of them must not happen."""
    group_by, aliases = _keys(steps)
    correlation = Correlation(
        header=replace(variant.header(), related=()),
        kind=kind,
        rules=tuple(step.name for step in steps),
        group_by=group_by,
        timespan=timespan,
        aliases=aliases,
        condition=_presence(steps, absent) if any(absent) else None,
        footer=footer(variant.request.rule),
    )
    return (correlation, *(document for step in steps for document in step.documents))


def _presence(steps: Sequence[Step], absent: Sequence[bool]) -> str:
    """A condition over rule names, the absent ones last."""
    rows = sorted(zip(absent, (step.name for step in steps), strict=True), key=lambda row: row[0])
    return " and ".join(f"not {name}" if is_absent else name for is_absent, name in rows)


def _step(number: int, stage: ir.Stage, timespan: str, variant: Variant, rule_of: RuleOf) -> Step:
    """A rule for the stage; with runs, also a correlation that counts its events."""
    head = variant.header(f"stage {number}", f" - Stage {number}")
    name = f"eql_{variant.header().id.partition('-')[0]}_stage_{number}"
    rule = rule_of(stage, replace(head, name=name), Footer(level="informational"))
    if stage.runs == 1:
        return Step(name, stage, (rule,))
    runs = variant.header(f"runs of stage {number}", f" - Runs of Stage {number}")
    count = Correlation(
        header=replace(runs, name=f"{name}_runs", related=()),
        kind="event_count",
        rules=(name,),
        group_by=tuple(dict.fromkeys(key.name for key in stage.keys)),
        timespan=timespan,
        condition=("gte", stage.runs),
        footer=Footer(level="informational"),
    )
    return Step(f"{name}_runs", stage, (count, rule))


def _keys(steps: Sequence[Step]) -> tuple[tuple[str, ...], Aliases]:
    """What to group by: the keys' own names, and an alias where they differ between stages.

    A key that is written twice is one key.
    """
    group_by: list[str] = []
    aliases: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    rows = zip(*([key.name for key in step.stage.keys] for step in steps), strict=True)
    for position, names in enumerate(dict.fromkeys(rows), start=1):
        if len(set(names)) == 1:
            group_by.append(names[0])
            continue
        alias = f"key_{position}"
        group_by.append(alias)
        pairs = zip((step.name for step in steps), names, strict=True)
        aliases.append((alias, tuple(pairs)))
    return tuple(group_by), tuple(aliases)


def _timespan(maxspan: int | None, query: ir.Sequence | ir.Sample, request: Request) -> str:
    """The span in Sigma's units; seconds are the finest, and a fraction is rounded up."""
    if maxspan is None:
        lookback = _LOOKBACK.match(request.rule.from_ or "")
        if lookback is None:
            why = "the rule names no time window to take a time span from"
            request.report.add(
                inexpressible("sigma", "a join without a time span", why, query.span)
            )
            return "0s"
        return spelled(int(lookback[1]) * _SECONDS[lookback[2]])
    seconds, fraction = divmod(maxspan, 1000)
    if fraction:
        reason = f"a time span of {maxspan} ms is rounded up to {seconds + 1} s"
        request.losses.record("timespan-rounded-up", Drift.WIDENS, reason, query.span)
        seconds += 1
    return spelled(seconds)


def spelled(seconds: int) -> str:
    """The shortest writing in Sigma's units.

    >>> spelled(60), spelled(90), spelled(86400)
    ('1m', '90s', '1d')
    """
    unit, size = next((u, s) for u, s in _UNITS if seconds % s == 0)
    return f"{seconds // size}{unit}"
