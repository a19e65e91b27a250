"""Owns the README's support table: features by capability for each target and dialect, counted."""

from __future__ import annotations

from collections import Counter

from eqlx.capability import Exact, Lossy, Unsupported
from eqlx.ir.features import Feature
from eqlx.registry import engines_of, load_target, targets

VERIFIED = {
    ("elasticsearch", "elasticsearch"): "Query DSL executed on Elasticsearch 9.2, EQL parsed back",
    ("elasticsearch", "opensearch"): "executed on OpenSearch 2.19, joins by stages",
    ("eql", "elastic"): "parsed back to the same IR",
    ("sigma", "sigma"): "executed on SQLite, through pySigma",
    ("sql", "spark"): "printed, read back; its operations executed on Spark 4.3",
}
"""How far the tests go. A dialect that is not named here is `executed` where an engine of eqlx runs it,
else `untested`."""


def kind(capability: object) -> str:
    match capability:
        case Exact(assuming=""):
            return "exact"
        case Exact():
            return "equivalent"
        case Lossy():
            return "lossy"
        case Unsupported() | None:
            return "refused"
        case _:
            raise TypeError(capability)


def executed(target: str, dialect: str) -> str:
    """The engines that run the dialect, each with the golden runs and the suites."""
    engines = engines_of(target, dialect)
    return f"executed on {', '.join(engines)}" if engines else ""


def main() -> None:
    print("| target | dialect | exact | equivalent | lossy | refused | verified |")
    print("|---|---|---|---|---|---|---|")
    for name in sorted(targets()):
        target = load_target(name)
        options = {option.name: option.default for option in target.options}
        for dialect in target.dialects:
            table = target.capabilities(dialect, options)
            counts = Counter(kind(table.get(feature)) for feature in Feature)
            columns = [str(counts[k]) for k in ("exact", "equivalent", "lossy", "refused")]
            verified = VERIFIED.get((name, dialect)) or executed(name, dialect) or "untested"
            print(f"| {name} | {dialect} | {' | '.join(columns)} | {verified} |")


if __name__ == "__main__":
    main()
