"""Deliberate faults in the SQL target, each of which `eqlx verify` must notice.

    python benchmarks/mutations.py [COUNT] [SEED] [--jobs N]

About as many faults of each kind, spread over the shipped rules, real ones where the data is there,
and, for kinds that few rules can have, the queries of `golden/runs`. A fault counts as caught only
by an undeclared difference in the answers, which is not there without the fault; one that makes
invalid SQL, or no other SQL, is replaced by another of its kind. A mutant that no event can tell from the original stands in EQUIVALENT with
its reason. Exit 1 below 98 %.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "harness"))

from eqlx.rulefile import loader  # noqa: E402
from eqlx_harness.mutation.faults import FAULTS, kinds  # noqa: E402 the harness is no package of ours to install
from eqlx_harness.mutation.judge import Fate, fates  # noqa: E402
from eqlx_harness.mutation.mutants import Mutant, Site, Subject, mutants  # noqa: E402
from eqlx_harness.runs import topics  # noqa: E402

DATA = Path(os.environ.get("EQLX_DATA", ROOT.parent / "shared" / "data"))
REAL_RULES = 150
TOPICS = ("functions", "keys", "limits", "missing-events", "samples", "sequences")
ROUNDS = 6
GOAL = 0.98

EQUIVALENT: dict[str, str] = {
    "457b90397a": "null keys let through: each stage's own clause asks that its key have a value",
    "65fcfbc883": "a `*` more in a pattern: the next clause asks for a value that the pattern takes",
    "9b652d2deb": "no anchor at the start: the pattern begins with what takes any run of characters",
    "045593679d": "flag s lost: the expression has no bare `.`, only escaped ones",
    "ccb9a8d295": "192.0.0.7 in a network: the list's 192.0.0.0/24 has it",
    "79a93301a8": "a first backslash lost: the next clause's patterns all end in the same text with it",
    "ebff6f226d": "an empty list as a value: the field is the stage's key, which must have one",
    "c9d8e907d6": "another answer for null: the length of a list that `[NULL]` stands in for is never null",
    "851ff61dcc": "NOT of a null list: the clause before asks for a value of the same field",
    "b7b08cf807": "NOT coalesce(x, TRUE): both fields are asked to have values (`!= null`) before",
    "27785227a4": "another answer for null: the clause before asks for a value of the same field",
    "3f338917c0": "an event after itself: one stage asks for a domain, the other for none",
    "00ec91d6ce": "NOT coalesce(x, TRUE): two other clauses ask for values of the same field",
    "aee6d195de": "NOT coalesce(x, TRUE): the clause before asks for a value of the same field",
}
"""Mutant id to the reason why no event shows it; filled by hand, one by one."""


def subjects(seed: int) -> list[Subject]:
    """The shipped rules, a sample of real ones, the golden queries."""
    found = [Subject.of("shipped", rule) for rule in loader.load([ROOT / "rules"]).rules]
    real = DATA / "corpus" / "rules"
    if real.is_dir():
        rules = list(loader.load([real]).rules)
        random.Random(seed).shuffle(rules)
        found += [Subject.of("real", rule) for rule in rules[:REAL_RULES]]
    else:
        print(f"no real rules: {real} is missing")
    for topic in topics():
        if topic.folder.name in TOPICS:
            found += [
                Subject("golden", case.rule, topic.model, topic.fields)
                for case in topic.cases
                if case.size is None and not case.refused
            ]
    return found


@dataclass
class Pool:
    """The mutants of one kind in the order in which they are taken: each fault in turn, each rule
    once before any twice, golden queries after the rules."""

    waiting: list[Mutant]
    fates: Counter[Fate] = field(default_factory=Counter)
    equivalent: int = 0

    @classmethod
    def of(cls, found: list[Mutant], rng: random.Random) -> Pool:
        by_fault: dict[str, dict[str, list[Mutant]]] = defaultdict(lambda: defaultdict(list))
        for mutant in found:
            by_fault[mutant.fault.name][mutant.subject.rule.label].append(mutant)
        lines = [list(_turns(by_rule, rng)) for _, by_rule in sorted(by_fault.items())]
        waiting: list[Mutant] = []
        while any(lines):
            waiting += [line.pop(0) for line in lines if line]
        return cls(waiting)

    @property
    def judged(self) -> int:
        return self.fates[Fate.CAUGHT] + self.fates[Fate.ALIVE] - self.equivalent

    def take(self, quota: int) -> list[Mutant]:
        wanted = max(0, quota - self.judged)
        taken, self.waiting = self.waiting[:wanted], self.waiting[wanted:]
        return taken


def _turns(by_rule: dict[str, list[Mutant]], rng: random.Random) -> Iterator[Mutant]:
    """One mutant of each rule, then a second of each …, in an order by chance."""
    rows = [by_rule[label] for label in sorted(by_rule)]
    for row in rows:
        rng.shuffle(row)
    rng.shuffle(rows)
    rows.sort(key=lambda row: row[0].subject.origin == "golden")
    while rows:
        yield from (row.pop() for row in rows)
        rows = [row for row in rows if row]


# --- the runs -------------------------------------------------------------------------------------

_SUBJECTS: list[Subject] = []
"""In a worker process: the rules, set once by `_start`."""


def _start(seed: int) -> None:
    _SUBJECTS[:] = subjects(seed)


def _work(task: tuple[int, list[tuple[str, Site]]]) -> list[tuple[Fate, str]]:
    number, places = task
    subject = _SUBJECTS[number]
    wanted = [Mutant(subject, FAULTS[name], site) for name, site in places]
    return [(fate, reason) for _, fate, reason in fates(subject, wanted)]


@dataclass
class Check:
    count: int
    seed: int
    pool: ProcessPoolExecutor | None = None

    def run(self) -> dict[str, Pool]:
        _start(self.seed)
        rng = random.Random(self.seed)
        found: dict[str, list[Mutant]] = {kind: [] for kind in kinds()}
        for subject in _SUBJECTS:
            for mutant in mutants(subject):
                found[mutant.fault.kind].append(mutant)
        pools = {kind: Pool.of(listed, rng) for kind, listed in found.items()}
        for _ in range(ROUNDS):
            quota = self.quota(pools)
            taken = [m for pool in pools.values() for m in pool.take(quota)]
            if not taken:
                break
            self.round(taken, pools)
        return pools

    def quota(self, pools: dict[str, Pool]) -> int:
        """So many of each kind that the count is reached, where some kinds have no more to give."""
        dry = [pool.judged for pool in pools.values() if not pool.waiting]
        others = len(pools) - len(dry)
        return -(-(self.count - sum(dry)) // others) if others else 0

    def round(self, taken: list[Mutant], pools: dict[str, Pool]) -> None:
        numbers = {id(subject): number for number, subject in enumerate(_SUBJECTS)}
        grouped: dict[int, list[Mutant]] = defaultdict(list)
        for mutant in taken:
            grouped[numbers[id(mutant.subject)]].append(mutant)
        tasks = [(n, [(m.fault.name, m.site) for m in grouped[n]]) for n in sorted(grouped)]
        ran = map(_work, tasks) if self.pool is None else self.pool.map(_work, tasks)
        for place, ((number, _), found) in enumerate(zip(tasks, ran, strict=True), start=1):
            for mutant, (fate, reason) in zip(grouped[number], found, strict=True):
                pool = pools[mutant.fault.kind]
                pool.fates[fate] += 1
                known = EQUIVALENT.get(mutant.id) if fate is Fate.ALIVE else None
                pool.equivalent += known is not None
                if fate in (Fate.ALIVE, Fate.BROKEN):
                    word = "equivalent" if known else fate.value.upper()
                    print(f"{word}: {mutant} {known or reason}", flush=True)
            caught = sum(pool.fates[Fate.CAUGHT] for pool in pools.values())
            judged = sum(pool.judged for pool in pools.values())
            progress = f"rule {place} of {len(tasks)}: {caught} of {judged} faults caught so far"
            print(progress, file=sys.stderr, flush=True)


def report(pools: dict[str, Pool], seconds: float) -> float:
    """Print the table of kinds; the share that was caught."""
    total, caught = 0, 0
    print("\n| kind | faults | caught | alive | equivalent | broken | without effect |")
    print("|---|---|---|---|---|---|---|")
    for kind, pool in pools.items():
        f = pool.fates
        alive = f[Fate.ALIVE] - pool.equivalent
        row = (pool.judged, f[Fate.CAUGHT], alive, pool.equivalent, f[Fate.BROKEN])
        print(f"| {kind} | {' | '.join(map(str, row))} | {f[Fate.WITHOUT_EFFECT]} |")
        total, caught = total + pool.judged, caught + f[Fate.CAUGHT]
    share = caught / max(1, total)
    print(f"\n{total} faults, {caught} caught ({share:.1%}); {seconds:.0f} s")
    return share


def main() -> int:
    """Print the score; exit 1 below the goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=230)
    parser.add_argument("seed", type=int, nargs="?", default=7)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    started = perf_counter()
    pool = None
    if options.jobs > 1:
        context = get_context("spawn")
        pool = ProcessPoolExecutor(
            options.jobs, mp_context=context, initializer=_start, initargs=(options.seed,)
        )
    pools = Check(options.count, options.seed, pool).run()
    if pool is not None:
        pool.shutdown()
    return 0 if report(pools, perf_counter() - started) >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
