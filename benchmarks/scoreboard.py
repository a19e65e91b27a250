"""Real rules through every target and through `eqlx verify`: numbers for `docs/scoreboard.md`.

    python benchmarks/scoreboard.py            compare with the committed numbers, and update them
    python benchmarks/scoreboard.py --jobs 2

A number that is worse than the committed one fails, and the file is then left as it is. It holds
numbers only: nothing of the rules' text leaves the data folder.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter

from eqlx.capability import Grade
from eqlx.driver.batch import Plan, convert_batch
from eqlx.driver.convert import Status
from eqlx.driver.verdict import Verdict, Verification
from eqlx.driver.verify import Loaders, VerifyPlan, verify_rules
from eqlx.registry import load_executor, load_target, targets
from eqlx.rule import Rule
from eqlx.rulefile import loader

ROOT = Path(__file__).resolve().parent.parent
RULES = Path(os.environ.get("EQLX_DATA", ROOT / "../shared/data")) / "corpus" / "rules"
PAGE = ROOT / "docs" / "scoreboard.md"

Row = tuple[str, int, bool]
"""What is counted, the number, and whether more is better."""


def conversions(rules: list[Rule]) -> list[Row]:
    """How many rules each target takes, and how faithfully."""
    rows: list[Row] = []
    for name in targets():
        outcomes = list(convert_batch(rules, Plan(target=name), load_target))
        status = Counter(outcome.status for outcome in outcomes)
        grades = Counter(o.fidelity.grade for o in outcomes if o.status is Status.CONVERTED)
        rows.append((f"`{name}`: converted", status[Status.CONVERTED], True))
        rows.append((f"`{name}`: exact or equivalent", _faithful(grades), True))
        rows.append((f"`{name}`: failed (a bug)", status[Status.FAILED], False))
    return rows


def _faithful(grades: Counter[Grade]) -> int:
    return grades[Grade.EXACT] + grades[Grade.EQUIVALENT]


def verification(rules: list[Rule], jobs: int) -> list[Row]:
    """What `eqlx verify` says of DuckDB in its three layouts."""
    loaders = Loaders(load_executor, load_target)
    found = list(verify_rules(rules, VerifyPlan(minimise=False), loaders, jobs=jobs))
    for verification_ in found:
        _complain(verification_)
    lanes = Counter((lane.name, lane.verdict) for v in found for lane in v.lanes)
    rows: list[Row] = [
        ("synthesis: rules with a match", sum(bool(v.hits) for v in found), True),
        ("synthesis: clauses", sum(v.leaves for v in found), True),
        ("synthesis: clauses alone decisive", sum(v.decisive for v in found), True),
    ]
    for name in dict.fromkeys(name for name, _ in lanes):
        good = lanes[name, Verdict.AGREES] + lanes[name, Verdict.DECLARED]
        rows.append((f"`{name}`: rules that agree, or differ as declared", good, True))
        rows.append((f"`{name}`: undeclared differences", lanes[name, Verdict.DIFFERS], False))
        rows.append((f"`{name}`: failures", lanes[name, Verdict.FAILED], False))
    return rows


def _complain(verification_: Verification) -> None:
    for lane in verification_.lanes:
        if lane.verdict in (Verdict.DIFFERS, Verdict.FAILED):
            label = verification_.rule.label
            print(f"{label}: {lane.name}: {lane.verdict.value} {lane.reason}", file=sys.stderr)


def page(rules: int, rows: list[Row]) -> str:
    """The page, ending in one line feed."""
    lines = [
        "# Scoreboard",
        "",
        f"{rules} real detection rules, converted to every target and verified on DuckDB.",
        "Written by `benchmarks/scoreboard.py` (`.ci/run corpus`); a worse number fails there.",
        "",
        "| what | number | better |",
        "|---|---|---|",
        *(f"| {name} | {count} | {'more' if more else 'fewer'} |" for name, count, more in rows),
    ]
    return "\n".join(lines) + "\n"


def committed() -> dict[str, int]:
    """The numbers of the page as it stands."""
    if not PAGE.exists():
        return {}
    text = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"^\| (.+?) \| (\d+) \|", text, re.MULTILINE)
    return {name: int(count) for name, count in found}


def main() -> int:
    """Count, compare, write; exit 1 if a number is worse."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=2)
    jobs = parser.parse_args().jobs
    if not RULES.is_dir():
        print(f"NO SCOREBOARD: {RULES} is missing", file=sys.stderr)
        return 1
    started = perf_counter()
    rules = list(loader.load([RULES]).rules)
    rows = conversions(rules)
    before = perf_counter()
    rows += verification(rules, jobs)
    print(f"conversion {before - started:.0f} s, verification {perf_counter() - before:.0f} s")
    known = committed()
    worse = [
        f"{name}: {count}, was {known[name]}"
        for name, count, more in rows
        if name in known and (count < known[name] if more else count > known[name])
    ]
    print("\n".join(["worse:", *worse] if worse else ["nothing is worse"]))
    if worse:
        return 1
    PAGE.write_text(page(len(rules), rows), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
