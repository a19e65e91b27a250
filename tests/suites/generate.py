"""Random EQL queries and random events that they meet, for comparing engines with each other.

Queries are made as text, so that parser and passes take part and a failing one can be read. Texts
that do not compile are simply skipped by the caller: the generator aims at legal EQL but does not
know all type rules. Queries and events draw their values from the same small pools, so that they
often meet. Everything follows from the seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from pools import (
    ASTRAL_TEXTS,
    CATEGORIES,
    KEYS,
    MULTI_KEYS,
    OTHER_KEYS,
    RARE_KEYS,
    TEXTS,
    UNICODE_TEXTS,
)
from random_events import random_event
from random_leaves import LeafWriter

from eqlx.execution import Event


@dataclass(frozen=True)
class Round:
    """Events, and queries to put to them. `ties`: whether two events may have the same time."""

    seed: int
    events: tuple[Event, ...]
    queries: tuple[str, ...]
    ties: bool = True


def make_round(seed: int, queries: int = 30, *, unicode: bool = False) -> Round:
    """Events and queries that follow from the seed. `unicode`: with letters beyond ASCII, whose
    folding engines may declare to be different. Some rounds are dense: many events, and mostly
    sequences whose stages ask little, so that partial sequences compete."""
    rng = random.Random(seed)
    texts = TEXTS + UNICODE_TEXTS if unicode else TEXTS
    dense = rng.random() < 0.4
    # No SQL engine has half of a surrogate pair (spec §13.10): such texts are never cut.
    cuts = unicode or rng.random() < 0.8
    if not cuts:
        texts = (*texts[::2], *ASTRAL_TEXTS, *ASTRAL_TEXTS)
    writer = QueryWriter(rng, texts, dense=dense, cuts=cuts)
    count = rng.choice((20, 30, 40) if dense else (0, 1, 3, 8, 15, 25))
    ties = rng.random() < 0.8
    times = [None] * count if ties else rng.sample(range(3 * count), count)
    events = tuple(random_event(rng, texts, time) for time in times)
    return Round(seed, events, tuple(writer.query() for _ in range(queries)), ties)


class QueryWriter(LeafWriter):
    """Writes whole queries."""

    def query(self) -> str:
        draw = self.rng.random()
        if draw < (0.15 if self.dense else 0.6):
            return self.filter(3) + self.pipes()
        return self.sequence() if draw < 0.9 else self.sample()

    def pipes(self) -> str:
        if self.chance(0.85):
            return ""
        limits = [f" | {self.one('head', 'tail')} {self.rng.randrange(6)}" for _ in range(2)]
        return "".join(limits[: self.one(1, 1, 2)])

    def filter(self, depth: int) -> str:
        return f"{self.one('any', *CATEGORIES)} where {self.condition(depth)}"

    def condition(self, depth: int) -> str:
        draw = self.rng.random()
        if depth == 0 or draw < 0.4:
            return self.leaf()
        if draw < 0.6:
            return f"not ({self.condition(depth - 1)})"
        word = self.one(" and ", " or ")
        parts = [self.condition(depth - 1) for _ in range(self.one(2, 2, 3))]
        return "(" + word.join(parts) + ")"

    # sequences and samples

    def keys(self) -> tuple[int, list[list[str]]]:
        """How many keys, and for each of six stages which."""
        count = self.one(0, 1, 1, 1, 2)
        pools = [self.key_pool() for _ in range(count)]
        return count, [[self.one(*pool) for pool in pools] for _ in range(6)]

    def key_pool(self) -> list[str]:
        """Fields of one type, of which each stage may take its own."""
        name = self.one(*KEYS, *MULTI_KEYS, *RARE_KEYS, "host.id", "user.id")
        pool = [name] * 4
        if self.chance(0.15):
            pool.append(OTHER_KEYS.get(name, name))
        if self.chance(0.25):
            pool = [f"?{name}" for name in pool]
        if self.chance(0.05):
            pool.append("?gone.one")
        return pool

    def by(self, keys: list[str]) -> str:
        return f" by {', '.join(keys)}" if keys else ""

    def sequence(self) -> str:
        _, keys = self.keys()
        same = self.chance(0.7)
        maxspan = self.one(None, "1ms", "1s", "2s", "1m", "2h")
        missing = maxspan is not None and self.chance(0.3)
        head = "sequence" + (self.by(keys[0]) if same else "")
        head += f" with maxspan={maxspan}" if maxspan else ""
        count = self.one(2, 2, 2, 3, 3, 4)
        marks = ("", "", "!") if missing else ("",)
        terms = [self.term(marks, [] if same else keys[n]) for n in range(count)]
        if all(term.startswith("!") for term in terms):
            terms[0] = terms[0][1:]
        until = ""
        if self.chance(0.25):
            until = f" until {self.term(('',), [] if same else keys[5], runs=0)}"
        limit = self.pipes() if not any("?" in key for row in keys for key in row) else ""
        return f"{head} {' '.join(terms)}{until}{limit}"

    def term(self, marks: tuple[str, ...], keys: list[str], *, runs: float = 0.1) -> str:
        depth = self.one(0, 0, 1)
        condition = "true" if self.chance(0.75 if self.dense else 0.4) else self.condition(depth)
        body = f"{self.one(*marks)}[{self.one('any', *CATEGORIES, *CATEGORIES)} where {condition}]"
        body += self.by(keys)
        return body + (f" with runs={self.one(2, 3)}" if self.chance(runs) else "")

    def sample(self) -> str:
        pool = self.key_pool()
        terms = [f"[{self.filter(self.one(0, 1))}]" for _ in range(self.one(2, 2, 3, 4))]
        if self.chance(0.7):
            return f"sample by {pool[0]} {' '.join(terms)}"
        return "sample " + " ".join(f"{term} by {self.one(*pool)}" for term in terms)
