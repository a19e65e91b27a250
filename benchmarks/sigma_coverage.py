"""How many rules Sigma can say, by kind of rule and by options, and what stops the others.

python benchmarks/sigma_coverage.py             # the rules under EQLX_DATA, and the shipped ones
python benchmarks/sigma_coverage.py --reasons   # and each refused rule with its first reason
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path

from eqlx.capability import Drift
from eqlx.driver.convert import compile_rule, convert_rule
from eqlx.ir import nodes as ir
from eqlx.rule import Rule
from eqlx.rulefile import loader
from eqlx_targets.sigma.target import TARGET

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("EQLX_DATA", ROOT.parent / "shared" / "data"))

BOTH = frozenset((Drift.WIDENS, Drift.NARROWS))
ANY = {"order": "any"}
WAYS: tuple[tuple[str, dict[str, str], frozenset[Drift]], ...] = (
    ("style=sigma", {}, frozenset()),
    ("style=sigma, order=any", ANY, frozenset()),
    ("style=sigma, --allow both", {}, BOTH),
    ("style=sigma, order=any, sigma-spec=2.2, --allow both", {**ANY, "sigma-spec": "2.2"}, BOTH),
    ("style=ecs", {"style": "ecs"}, frozenset()),
)


def counted(rules: list[tuple[str, Rule]], way: int, *, reasons: bool) -> str:
    """The line of one way, and each refusal where they are asked for."""
    _, options, allow = WAYS[way]
    all_of, said = Counter(kind for kind, _ in rules), Counter[str]()
    refused: list[str] = []
    for kind, rule in rules:
        outcome = convert_rule(rule, TARGET, options=options, allow=allow)
        said[kind] += outcome.artifact is not None
        if outcome.artifact is None:
            why = next(d.message for d in outcome.diagnostics if d.severity.value == "error")
            refused.append(f"      {kind} {Path(rule.path or '').stem}: {why}")
    parts = [f"{k} {said[k]}/{n} ({100 * said[k] / n:.1f} %)" for k, n in sorted(all_of.items())]
    whole = f"{', '.join(parts)}, together {said.total()}/{all_of.total()}"
    return "\n".join([whole, *(refused if reasons else ())])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reasons", action="store_true", help="name each refused rule")
    reasons = parser.parse_args().reasons
    for name, folder in (("corpus", DATA / "corpus" / "rules"), ("shipped", ROOT / "rules")):
        rules = [
            ("event" if isinstance(compile_rule(rule).query, ir.EventQuery) else "join", rule)
            for rule in loader.load([folder]).rules
        ]
        print(f"{name}: {folder}")
        for way, (label, _, _) in enumerate(WAYS):
            print(f"  {label}: {counted(rules, way, reasons=reasons)}")


if __name__ == "__main__":
    main()
