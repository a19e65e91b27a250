"""Searches events of random shapes with the reference and with DuckDB in every layout, and reads
random texts with both. As a script: `python tests/suites/shapes.py FIRST_SEED ROUNDS`."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from random_shapes import random_events, random_queries

from eqlx.diagnostics import Severity
from eqlx.driver import compile_rule, convert_rule
from eqlx.driver.agreement import disagreement
from eqlx.execution import Bounds, Dataset, DatasetError, Event, ExecutionError, Job, Session
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.layout import Layout, LayoutKind
from eqlx.fields.schema import FieldList, Layered
from eqlx.reference.executor import EXECUTOR as REFERENCE
from eqlx.rulefile.loader import from_query
from eqlx.target import EventModel
from eqlx_targets.engines.duckdb.executor import DuckDBExecutor
from eqlx_targets.sql.target import TARGET

MODEL = EventModel(category="kind")
BOUNDS = Bounds(seconds=60, threads=1)
AGREED = "agreed"


@dataclass(frozen=True)
class Finding:
    """One query in one lane: a layout, or `raw`: as converted without knowledge of the data."""

    query: str
    lane: str
    said: str


def judge(events: Sequence[Event], queries: Sequence[str]) -> Iterator[Finding]:
    """What each query came to in each lane."""
    dataset = Dataset(events=tuple(events))
    with ExitStack() as stack:
        reference = stack.enter_context(REFERENCE.open(dataset, MODEL, BOUNDS))
        lanes: list[tuple[str, Session, Layout | None]] = []
        for kind in LayoutKind:
            session = stack.enter_context(DuckDBExecutor(kind).open(dataset, MODEL, BOUNDS))
            lanes.append((kind.value, session, session.layout))
            same = fields_of(session.schema) == fields_of(reference.schema)
            yield Finding("schema", kind.value, AGREED if same else _schemas(session, reference))
        lanes.append(("raw", lanes[-1][1], Layout(LayoutKind.JSON)))
        schema = Layered((reference.schema, CATALOGUE))
        for query in queries:
            yield from _judged(query, reference, lanes, schema, events)


def fields_of(schema: object) -> dict[str, object]:
    assert isinstance(schema, FieldList)
    return {name: info.type for name, info in schema.fields.items()}


def _schemas(session: Session, reference: Session) -> str:
    ours, theirs = fields_of(session.schema), fields_of(reference.schema)
    return f"schemas: {sorted(set(ours.items()) ^ set(theirs.items()), key=str)}"


def _judged(
    query: str,
    reference: Session,
    lanes: Sequence[tuple[str, Session, Layout | None]],
    schema: Layered,
    events: Sequence[Event],
) -> Iterator[Finding]:
    rule = from_query(query)
    compiled = compile_rule(rule, schema=schema, model=MODEL).query
    if compiled is None:
        yield Finding(query, "all", "refused")
        return
    expected = reference.run(Job(compiled))
    for lane, session, layout in lanes:
        outcome = convert_rule(
            rule,
            TARGET,
            dialect="duckdb",
            options=session.options,
            schema=schema,
            layout=layout,
            model=MODEL,
        )
        if outcome.query is None or outcome.artifact is None:
            slugs = [d.code for d in outcome.diagnostics if d.severity is Severity.ERROR]
            yield Finding(query, lane, f"refused: {', '.join(slugs)}")
            continue
        try:
            found = session.run(Job(outcome.query, outcome.artifact))
        except ExecutionError as error:
            yield Finding(query, lane, f"failed: {error}")
            continue
        said = disagreement(outcome.query, expected, found, events, MODEL)
        yield Finding(query, lane, said or AGREED)


# --- texts ------------------------------------------------------------------------------------

_FAULTS = (
    *(b'{"a": 1, "a": 2}', b'{"b": {"a": 1, "a": 1}}', b'{"b": [{"a": 1}, {"c": 1, "c": 2}]}'),
    *(b'{"a" : 1, "a"\t: 2}', b'{"\\u0061": 1, "a": 2}', b'{"a": NaN}', b'{"a": [1, -Infinity]}'),
    *(b'{"a": 1,}', b'{"a": [1 , ]}', b'{"a": 1e400}', b'{"a": -1E999}', b"[1]", b"null", b'"x"'),
    *(b'{"a": "\xff"}', b"\x00", b'{"a": 01}', b'{"a"', b"{a: 1}", b'{"a": "\x01"}', b"{} {}"),
    *(b"}", b'{"a": tru}', b"[" * 600 + b"]" * 600, b'{"a":' * 600 + b"1" + b"}" * 600),
    *(b"\xef\xbb\xbf{}", b'{"a": "\xed\xa0\x80"}', b'{"a": .5}', b'{"a": "\\x"}', b"// x"),
)
_ODD = (
    *(
        b'{"a": "\\ud800x"}',
        b'{"a": "x\\udc00\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "\\ud83d\\ude00"}',
    ),
    *(b"{}", b"", b"  ", b"\t", b'{"a": "\\u0000"}', b'{"a":' * 500 + b"1" + b"}" * 500),
    *(b'{"a": ' + b"[" * 300 + b"1" + b"]" * 300 + b"}", b'{"a": "{\\"b\\":1,\\"b\\":2}"}'),
    *(b'{"a": ", ]"}', b'{"a": ": NaN"}', b'{"": 1}', b'{"a..b": 1}', b'{"a": 1e-400}'),
    *(b'{"a": 123456789012345678901234567890}', b'{ "a" :1 }', b'{"a": "x",\r"b": 1}\r'),
)


def random_text(rng: random.Random) -> bytes:
    """Lines of events, some odd, some broken."""
    lines = [
        json.dumps(event, ensure_ascii=rng.random() < 0.5).encode()
        for event in random_events(rng, rng.randrange(6))
    ]
    for _ in range(rng.randrange(3)):
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(_ODD))
    if rng.random() < 0.6:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(_FAULTS))
    end = b"\r\n" if rng.random() < 0.1 else b"\n"
    return end.join(lines) + rng.choice((b"", end))


def read_both(content: bytes, *, skip: bool) -> tuple[str, str]:
    """What the reference and DuckDB make of a text: its events, or the error and its line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.ndjson")
        path.write_bytes(content)
        dataset = Dataset((path,), skip_broken=skip)
        return _reading(REFERENCE, dataset), _reading(DuckDBExecutor(), dataset)


def _reading(executor: DuckDBExecutor | type, dataset: Dataset) -> str:
    try:
        with executor.open(dataset, MODEL, BOUNDS) as session:
            query = compile_rule(from_query("any where true"), model=MODEL, schema=session.schema)
            assert query.query is not None
            outcome = convert_rule(
                from_query("any where true"),
                TARGET,
                dialect="duckdb",
                schema=session.schema,
                options={"order": "time", **session.options},
                layout=session.layout,
                model=MODEL,
            )
            found = session.run(Job(query.query, outcome.artifact))
            events = sorted((m.events[0].row, json.dumps(m.events[0].fields)) for m in found)
            notes = [(note.code, note.message, note.notes) for note in session.notes]
            kinds = sorted((name, kind.value) for name, kind in fields_of(session.schema).items())
            return f"{events} {kinds} {notes}"
    except DatasetError as error:
        return f"line {error.line}: {error}"


def survey(seeds: range) -> Counter[str]:
    """Print each difference; the tally by lane."""
    tally: Counter[str] = Counter()
    for seed in seeds:
        rng = random.Random(seed)
        events = random_events(rng, rng.randrange(1, 8))
        for finding in judge(events, list(islice(random_queries(rng), 25))):
            bad = finding.said != AGREED and not finding.said.startswith("refused")
            tally[f"{finding.lane} {'DIFFERENT' if bad else finding.said}"] += 1
            if bad:
                shown = "\n".join(map(json.dumps, events))
                _say(f"--- seed {seed} {finding.lane}\n{finding.query}\n{finding.said}\n{shown}")
        for _ in range(5):
            text = random_text(rng)
            for skip in (False, True):
                one, other = read_both(text, skip=skip)
                tally[f"text {'agreed' if one == other else 'DIFFERENT'}"] += 1
                if one != other:
                    _say(f"--- seed {seed} text skip={skip}\n{text!r}\n{one}\n{other}")
        if seed % 10 == 0:
            different = sum(count for said, count in tally.items() if "DIFFERENT" in said)
            _say(f"seed {seed}: {tally.total()} pairs, {different} differences")
    return tally


def _say(text: str) -> None:
    print(text[:3000], flush=True)  # noqa: T201  a script's output


def main(arguments: Sequence[str]) -> None:
    first, rounds = int(arguments[0]), int(arguments[1])
    tally = survey(range(first, first + rounds))
    for said, count in sorted(tally.items()):
        _say(f"{count:8} {said}")
    _say(
        f"{tally.total():8} pairs, {sum(n for s, n in tally.items() if 'DIFFERENT' in s)} differences"
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(sys.argv[1:])
