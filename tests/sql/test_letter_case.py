"""Letter case in SQL against the interpreter: random texts and patterns of the letters that engines and
levels treat differently, in every shape, positive and negated, on a value and on lists."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from eqlx.driver import convert_rule
from eqlx.execution import Bounds, Dataset, Job
from eqlx.patterns.folding import Folding
from eqlx.reference import evaluate
from eqlx.rulefile.loader import from_query
from eqlx.target import EventModel
from eqlx_targets.engines.duckdb.executor import DuckDBExecutor
from eqlx_targets.sql.target import TARGET

LETTERS = "iI\u0130\u0131sS\u017fkK\u212aeaéÉσςΣµμßẞ%_.x"
ROUNDS = 60 if os.environ.get("EQLX_LONG") == "1" else 6


def word(rng: random.Random, least: int, most: int) -> str:
    plain = rng.random() < 0.6
    letters = "iIsSkKea.x%" if plain else LETTERS
    return "".join(rng.choice(letters) for _ in range(rng.randint(least, most)))


def quoted(text: str) -> str:
    return f'"{text}"'


def patterns(rng: random.Random) -> str:
    shapes = ("{}", "{}*", "*{}", "*{}*", "{}*{}", "?{}*")
    made = [rng.choice(shapes).replace("{}", "\0") for _ in range(rng.choice((1, 1, 2, 3, 5)))]
    while any("\0" in each for each in made):
        made = [each.replace("\0", word(rng, 1, 3), 1) for each in made]
    return f"({', '.join(map(quoted, made))})"


def conditions(rng: random.Random) -> Iterator[str]:
    for field in ("process.name", "process.args"):
        for sign in ("", "not "):
            one = quoted(word(rng, 1, 3))
            yield f"{sign}{field} : {patterns(rng)}"
            yield f"{sign}{field} in~ ({one}, {quoted(word(rng, 1, 2))})"
            yield f"{sign}startsWith~({field}, {one})"
            yield f"{sign}endsWith~({field}, {one})"
            yield f"{sign}stringContains~({field}, {one})"
            yield f"{sign}({field} regex~ {quoted(word(rng, 1, 2).replace('%', 'i') + '+[sk].*')})"
            yield f"{sign}stringContains~({field}, user.name)"
            yield f"{sign}(indexOf~({field}, {one}) == 1)"
            yield f"{sign}(concat({field}, user.name) : {patterns(rng)})"
    border, other = quoted(word(rng, 1, 1)), quoted(word(rng, 1, 1))
    yield f"between~(process.name, {border}, {other}) : {patterns(rng)}"


@pytest.mark.parametrize("folding", list(Folding))
def test_sql_folds_letters_as_the_interpreter_does(folding: Folding) -> None:
    rng = random.Random(f"letters {folding.value}")
    model = EventModel(folding=folding)
    found = 0
    for _ in range(ROUNDS):
        events = tuple(
            {
                "@timestamp": 1000 + number,
                "process": {
                    "name": word(rng, 1, 4),
                    "args": [word(rng, 1, 3) for _ in range(rng.randint(1, 2))],
                },
                "user": {"name": word(rng, 1, 2)},
            }
            for number in range(250)
        )
        executor = DuckDBExecutor()
        with executor.open(Dataset(events=events), model, Bounds(threads=1)) as session:
            for condition in conditions(rng):
                outcome = convert_rule(
                    from_query(f"any where {condition}"),
                    TARGET,
                    options=session.options,
                    schema=session.schema,
                    layout=session.layout,
                    model=model,
                )
                assert outcome.artifact is not None, (condition, outcome.diagnostics)
                assert outcome.query is not None
                assert not outcome.fidelity.losses, condition
                rows = [m.events[0].row for m in session.run(Job(outcome.query, outcome.artifact))]
                expected = [m.events[0].row for m in evaluate(outcome.query, events, model)]
                assert rows == expected, (condition, outcome.artifact.text)
                found += bool(rows)
    assert found > ROUNDS
