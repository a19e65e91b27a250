"""Names of output files: one a rule, inside one folder, the same on every machine and every run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from eqlx.rule import Rule

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_MAX_LENGTH = 120


def stems(rules: Sequence[Rule]) -> tuple[str, ...]:
    """A file name without suffix for each rule, all different even where letter case is ignored.

    A file's only rule takes the file's stem; of a file with several rules, each takes its id, else
    its name. Of equal names the later ones get `-2`, `-3` and so on, in the order of the rules.
    """
    return tuple(_distinct([_stem(rule, alone) for rule, alone in _with_company(rules)]))


def safe_stem(text: str) -> str:
    """`text` as a file name that stays in its folder on every system: no separators, no leading dot
    or dash, no reserved device name; `rule` if nothing is left."""
    name = _UNSAFE.sub("_", text)[:_MAX_LENGTH].strip("._-")
    if _RESERVED.fullmatch(name):
        name = f"rule_{name}"
    return name or "rule"


def _with_company(rules: Sequence[Rule]) -> Iterator[tuple[Rule, bool]]:
    count = Counter(rule.path for rule in rules)
    return ((rule, rule.path is not None and count[rule.path] == 1) for rule in rules)


def _stem(rule: Rule, alone: bool) -> str:  # noqa: FBT001 private, one caller
    return safe_stem(PurePath(rule.path).stem if alone and rule.path else rule.label)


def _distinct(names: Sequence[str]) -> Iterator[str]:
    taken: set[str] = set()
    for name in names:
        candidate, number = name, 1
        while candidate.lower() in taken:
            number += 1
            candidate = f"{name}-{number}"
        taken.add(candidate.lower())
        yield candidate
