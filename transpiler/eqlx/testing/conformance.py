"""What every target must do, as checks that a target's author runs in a test."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from eqlx.capability import Drift, Exact, Feature, Lossy, Unsupported
from eqlx.diagnostics import Severity
from eqlx.driver.convert import Outcome, Status, convert_rule
from eqlx.rule import Rule, Technique, Threat
from eqlx.source import Source, Span
from eqlx.target import API_VERSION, Target
from eqlx.testing.queries import QUERIES, schema

Check = Callable[[Target], Iterator[str]]
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and which check found it."""

    check: str
    message: str

    def __str__(self) -> str:
        return f"{self.check}: {self.message}"


def check_target(target: Target) -> tuple[Problem, ...]:
    """All problems that the checks find; none for a conforming target."""
    return tuple(
        Problem(name, message) for name, check in CHECKS.items() for message in check(target)
    )


def assert_conforms(target: Target) -> None:
    """For use in a test.

    Raises:
        AssertionError: with one problem a line.
    """
    problems = check_target(target)
    if problems:
        raise AssertionError("\n".join(map(str, problems)))


def _constants(target: Target) -> Iterator[str]:
    """The constants are there and make sense."""
    if target.api_version != API_VERSION:
        yield f"api_version is {target.api_version}, expected {API_VERSION}"
    if not _NAME.fullmatch(target.name):
        yield f"the name `{target.name}` is not lower-case words with dashes"
    if not target.summary:
        yield "the summary is empty"
    if not target.suffix.startswith("."):
        yield f"the suffix `{target.suffix}` does not start with a dot"
    if not target.dialects or len(set(target.dialects)) < len(target.dialects):
        yield "dialects are none, or the same twice"
    for option in target.options:
        if not option.help:
            yield f"option `{option.name}` has no help"
        if option.choices and option.default not in option.choices:
            yield f"the default of option `{option.name}` is none of its choices"


def _tables(target: Target) -> Iterator[str]:
    """Every dialect's table, under every choice of an option, names every feature, with reasons."""
    for dialect, options in _variants(target):
        table = target.capabilities(dialect, options)
        where = f"{dialect} {dict(options)}" if options else dialect
        for feature in Feature:
            capability = table.get(feature)
            match capability:
                case None:
                    yield f"{where}: the table lacks `{feature.value}`"
                case Lossy(why=""):
                    yield f"{where}: `{feature.value}` is lossy for no stated reason"
                case Unsupported(why=""):
                    yield f"{where}: `{feature.value}` is unsupported for no stated reason"
                case Exact() | Lossy() | Unsupported():
                    pass
        for stray in set(table) - set(Feature):
            yield f"{where}: the table names `{stray}`, which is no feature"


def _conversions(target: Target) -> Iterator[str]:
    """No query makes the target fail, refusals point at the text, texts end in one line feed."""
    for query, outcome in _outcomes(target):
        match outcome.status:
            case Status.CONVERTED if outcome.artifact is not None:
                text = outcome.artifact.text
                if not text.endswith("\n") or text.endswith("\n\n"):
                    yield f"the text for `{query}` does not end in one line feed"
            case Status.REFUSED:
                errors = [d for d in outcome.diagnostics if d.severity is Severity.ERROR]
                for error in errors:
                    if not _points_at(query, error.span):
                        yield f"the refusal `{error.code}` of `{query}` has no span in the query"
            case _:
                codes = ", ".join(d.message for d in outcome.diagnostics)
                yield f"`{query}` ends as {outcome.status.value}: {codes}"


def _points_at(query: str, span: Span | None) -> bool:
    """Whether a span marks something that was written."""
    return span is not None and span.start < span.end <= len(query)


def _determinism(target: Target) -> Iterator[str]:
    """The same query gives the same text, whatever was converted before it."""
    first = {query: _text(outcome) for query, outcome in _outcomes(target)}
    second = {query: _text(outcome) for query, outcome in reversed(tuple(_outcomes(target)))}
    for query, text in first.items():
        if text != second[query]:
            yield f"two conversions of `{query}` differ"


def _inputs(target: Target) -> Iterator[str]:
    """Query, rule and table are the same after a conversion."""
    default = _defaults(target)
    before = dict(target.capabilities(target.dialects[0], default))
    for text in QUERIES:
        rule = _rule(text)
        frozen = pickle.dumps(rule)
        outcome = _convert(target, rule)
        if pickle.loads(frozen) != rule:  # noqa: S301 made three lines above
            yield f"the rule of `{text}` was changed"
        if outcome.query is not None and outcome.query != _convert(target, rule).query:
            yield f"the query of `{text}` was changed"
    if dict(target.capabilities(target.dialects[0], default)) != before:
        yield "the capability table was changed"


def _metadata(target: Target) -> Iterator[str]:
    """Hostile metadata makes no target fail."""
    hostile = "'; DROP TABLE x; -- \"\\ */ {{ 7 }} \r\n---\n# \u202e\x00\U0001f600"
    rule = Rule(
        query=Source("query", "process where true"),
        id=hostile,
        name=hostile,
        description=hostile,
        author=(hostile,),
        index=(hostile,),
        tags=(hostile,),
        references=(hostile,),
        false_positives=(hostile,),
        threat=(Threat("TA0001", hostile, "", (Technique("T1001", hostile),)),),
        note=hostile,
        extra={hostile: hostile},
    )
    outcome = _convert(target, rule)
    if outcome.status not in {Status.CONVERTED, Status.REFUSED}:
        yield f"hostile metadata ends as {outcome.status.value}"


CHECKS: Mapping[str, Check] = {
    "constants": _constants,
    "tables": _tables,
    "conversions": _conversions,
    "determinism": _determinism,
    "inputs": _inputs,
    "metadata": _metadata,
}
"""The checks by name, for those who want them one a test."""


def _variants(target: Target) -> Iterator[tuple[str, dict[str, str]]]:
    """Every dialect with the defaults, then with each choice of each option."""
    defaults = _defaults(target)
    for dialect in target.dialects:
        choices = ((o.name, choice) for o in target.options for choice in o.choices)
        for changed in chain(({},), ({name: choice} for name, choice in choices)):
            yield dialect, {**defaults, **changed}


def _defaults(target: Target) -> dict[str, str]:
    return {option.name: option.default for option in target.options}


def _outcomes(target: Target) -> Iterator[tuple[str, Outcome]]:
    return ((query, _convert(target, _rule(query))) for query in QUERIES)


def _convert(target: Target, rule: Rule) -> Outcome:
    return convert_rule(
        rule, target, schema=schema(), allow=frozenset({Drift.WIDENS, Drift.NARROWS})
    )


def _rule(query: str) -> Rule:
    return Rule(query=Source("query", query), name="a rule of the conformance kit")


def _text(outcome: Outcome) -> str | None:
    return None if outcome.artifact is None else outcome.artifact.text
