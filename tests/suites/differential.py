"""Puts generated queries to the reference interpreter and to DuckDB, and shrinks what differs.

As a script it surveys: `python tests/suites/differential.py FIRST_SEED ROUNDS [unicode]` prints
every difference, its events cut down to those that show it, and at the end a tally by layout.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from duckdb_engine import Refused, Searched, searched
from generate import Round, make_round
from pools import MODEL, SCHEMA

from eqlx.diagnostics import Report, Severity
from eqlx.driver import compile_rule
from eqlx.driver.agreement import disagreement
from eqlx.execution import Bounds, Event, ExecutionError, Match
from eqlx.fields.layout import LayoutKind
from eqlx.fields.schema import Layered
from eqlx.ir.nodes import EventQuery, Query
from eqlx.passes.context import Context
from eqlx.passes.pipeline import lowered_source
from eqlx.reference import evaluate, evaluate_lowered
from eqlx.rulefile.loader import from_query
from eqlx.source import Source

LAYOUTS = (LayoutKind.FLAT, LayoutKind.NESTED, LayoutKind.JSON)
BOUNDS = Bounds(seconds=60, threads=1)
AGREED = "agreed"


@dataclass(frozen=True)
class Verdict:
    """What one query came to in one layout: `agreed`, `refused: slug`, or the difference."""

    text: str
    layout: LayoutKind
    said: str

    @property
    def is_difference(self) -> bool:
        return self.said != AGREED and not self.said.startswith("refused")


@dataclass(frozen=True)
class Bench:
    """The same events in DuckDB, once a layout."""

    events: Sequence[Event]
    engines: dict[LayoutKind, Searched]
    ties: bool = True

    def judge(self, text: str, turn: int = 0) -> Iterator[Verdict]:
        """A verdict a layout. The query is compiled once and answered by the reference once.

        In one of the layouts, by `turn`, its SQL is emitted in full: printed and read back.
        """
        schema = next(iter(self.engines.values())).schema
        outcome = compile_rule(from_query(text), schema=schema, model=MODEL)
        query = outcome.query
        if query is None:
            errors = [d.code for d in outcome.diagnostics if d.severity is Severity.ERROR]
            for layout in self.engines:
                yield Verdict(text, layout, f"refused: {', '.join(errors)}")
            return
        expected = evaluate(query, self.events, MODEL)
        lowered = lowered_source(Source("query", text), Context(schema, Report(), MODEL))
        assert lowered is not None
        before = evaluate_lowered(lowered, self.events, MODEL)
        changed = disagreement(query, expected, before, self.events, MODEL)
        if changed is not None:
            yield Verdict(text, LayoutKind.FLAT, f"the passes change it: {changed}")
        for place, (layout, engine) in enumerate(self.engines.items()):
            verified = turn % len(LAYOUTS) == place
            # Where times tell events apart, joins need no row id, and number the candidates.
            numbered = not self.ties and not isinstance(query, EventQuery)
            options = {"row_id": ""} if numbered and (turn + place) % 2 else {}
            said = self._said(query, expected, engine, verified=verified, options=options)
            yield Verdict(text, layout, said)

    def _said(
        self,
        query: Query,
        expected: Sequence[Match],
        engine: Searched,
        *,
        verified: bool,
        options: dict[str, str],
    ) -> str:
        try:
            found = engine.run(query, verified=verified, **options)
        except Refused as refusal:
            return f"refused: {refusal}"
        except ExecutionError as error:
            return f"failed: {error}"
        return disagreement(query, expected, found, self.events, MODEL) or AGREED


@contextmanager
def bench(
    events: Sequence[Event], layouts: Sequence[LayoutKind] = LAYOUTS, *, ties: bool = True
) -> Iterator[Bench]:
    """The events, open in DuckDB in each of the layouts. Without `ties` each has its own time."""
    with ExitStack() as stack:
        engines = {}
        for layout in layouts:
            engine = stack.enter_context(searched(events, MODEL, SCHEMA, layout, BOUNDS))
            schema = Layered((SCHEMA, engine.session.schema))
            engines[layout] = Searched(engine.session, MODEL, schema)
        yield Bench(events, engines, ties)


def run_round(round_: Round) -> Iterator[Verdict]:
    """A verdict for each query and layout."""
    with bench(round_.events, ties=round_.ties) as opened:
        for turn, text in enumerate(round_.queries):
            yield from opened.judge(text, turn)


def shrunk(verdict: Verdict, round_: Round) -> str:
    """The difference on as few events as still show one, with all that shows it again."""

    def difference(kept: Sequence[Event]) -> str | None:
        with bench(kept, (verdict.layout,), ties=round_.ties) as opened:
            verdicts = [again for turn in (0, 1) for again in opened.judge(verdict.text, turn)]
            return next((again.said for again in verdicts if again.is_difference), None)

    kept, said = list(round_.events), verdict.said
    for event in round_.events:
        fewer = [other for other in kept if other is not event]
        if len(fewer) < len(kept) and (less := difference(fewer)) is not None:
            kept, said = fewer, less
    shown = "\n".join(map(str, enumerate(kept, start=1)))
    return f"{verdict.text}\n{said}\n{shown}"


def survey(seeds: range, *, queries: int, unicode: bool) -> Counter[str]:
    """Print each difference; the tally of verdicts by layout."""
    tally: Counter[str] = Counter()
    for seed in seeds:
        round_ = make_round(seed, queries, unicode=unicode)
        for verdict in run_round(round_):
            said = "different" if verdict.is_difference else verdict.said
            tally[f"{verdict.layout.value} {said}"] += 1
            if verdict.is_difference:
                shown = shrunk(verdict, round_)
                _say(f"--- seed {seed}, {verdict.layout.value}\n{shown}")
        if seed % 20 == 0:
            _say(f"seed {seed}: {tally.total()} pairs")
    return tally


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  a script's output


def main(arguments: Sequence[str]) -> None:
    first, rounds = int(arguments[0]), int(arguments[1])
    tally = survey(range(first, first + rounds), queries=60, unicode="unicode" in arguments)
    for said, count in sorted(tally.items()):
        _say(f"{count:8} {said}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(sys.argv[1:])
