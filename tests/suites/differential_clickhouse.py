"""Random queries over random events: the reference interpreter against ClickHouse.

`python tests/suites/differential_clickhouse.py FIRST_SEED ROUNDS [QUERIES]` prints every difference and
a tally.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

from differential import BOUNDS, LAYOUTS, Bench, Verdict
from duckdb_engine import Searched, searched
from generate import Round, make_round
from pools import MODEL, SCHEMA

from eqlx.fields.schema import Layered


def run_round_on_clickhouse(round_: Round, number: int) -> Iterator[Verdict]:
    """A verdict for each query, in the layout whose turn it is."""
    layout = LAYOUTS[number % len(LAYOUTS)]
    with searched(round_.events, MODEL, SCHEMA, layout, BOUNDS, dialect="clickhouse") as engine:
        schema = Layered((SCHEMA, engine.session.schema))
        engines = {layout: Searched(engine.session, MODEL, schema, "clickhouse")}
        # The reader of results needs a row id, and the dialect asks for one.
        bench = Bench(round_.events, engines, ties=True)
        for turn, text in enumerate(round_.queries):
            yield from bench.judge(text, turn)


def main(first: int, rounds: int, queries: int) -> int:
    tally: Counter[str] = Counter()
    for seed in range(first, first + rounds):
        round_ = make_round(seed, queries, unicode=seed % 2 == 1)
        for verdict in run_round_on_clickhouse(round_, seed):
            if verdict.is_difference:
                print(f"seed {seed} {verdict.layout}\n{verdict.text}\n{verdict.said}\n", flush=True)  # noqa: T201
            tally["different" if verdict.is_difference else verdict.said] += 1
    print(dict(tally))  # noqa: T201
    return tally["different"]


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    sys.exit(bool(main(*given[:2], *(given[2:] or [60]))))
