"""Which test file belongs to which rule: the one beside it, by its name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eqlx.diagnostics import Diagnostic, EqlxError
from eqlx.diagnostics.catalogue.ruletest import orphan_test, rule_without_test
from eqlx.diagnostics.catalogue.usage import cannot_read
from eqlx.driver.batch import Roles
from eqlx.rule import Rule
from eqlx.rulefile.files import SUFFIXES
from eqlx.ruletest.model import TestFile
from eqlx.ruletest.reader import read_test_file

SUFFIX = ".test.yml"


@dataclass(frozen=True)
class Found:
    """Rules with their test files, in order; `diagnostics` tell of files that are at fault, of tests
    without a rule and rules without a test. `untested` counts the latter."""

    pairs: tuple[tuple[Rule, TestFile], ...]
    diagnostics: tuple[Diagnostic, ...]
    untested: int


def is_test_file(path: Path) -> bool:
    return path.name.endswith(SUFFIX)


def test_path(rule_path: Path) -> Path:
    """`lsass.test.yml` for `lsass.toml`."""
    return rule_path.with_suffix(SUFFIX)


test_path.__test__ = False  # type: ignore[attr-defined]  # pytest reads it where tests import this


def rule_paths(path: Path) -> tuple[Path, ...]:
    """The files beside a test file that may hold its rule."""
    stem = path.name.removesuffix(SUFFIX)
    beside = (path.with_name(f"{stem}{suffix}") for suffix in SUFFIXES)
    return tuple(candidate for candidate in beside if candidate.is_file())


def below(folders: Sequence[Path]) -> Iterator[Path]:
    """The test files in folders, searched to the bottom as rules are."""
    for folder in folders:
        for root, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if not name.startswith("."))
            for name in sorted(files):
                if name.endswith(SUFFIX) and not name.startswith("."):
                    yield Path(root, name)


def pair(rules: Sequence[Rule], files: Sequence[Path], roles: Roles) -> Found:
    """Rules with the tests of `files` and of the files beside the rules."""
    by_path: dict[Path, list[Rule]] = {}
    for rule in rules:
        if rule.path is not None:
            by_path.setdefault(test_path(Path(rule.path)), []).append(rule)
    pairs: list[tuple[Rule, TestFile]] = []
    diagnostics: list[Diagnostic] = []
    failed: set[Path] = set()
    for path in dict.fromkeys((*by_path, *files)):
        if not path.is_file() and path in by_path:
            continue
        candidates = by_path.get(path, [])
        try:
            pairs.append(_read(path, candidates, roles))
        except EqlxError as error:
            diagnostics.extend(error.diagnostics)
            failed.add(path)
    tested = {id(rule) for rule, _ in pairs}
    untested = 0
    for path, candidates in by_path.items():
        for rule in candidates:
            if id(rule) not in tested and path not in failed:
                diagnostics.append(rule_without_test(rule.label, str(path)))
                untested += 1
    return Found(tuple(pairs), tuple(diagnostics), untested)


def _read(path: Path, candidates: Sequence[Rule], roles: Roles) -> tuple[Rule, TestFile]:
    if not candidates:
        stem = path.name.removesuffix(SUFFIX)
        raise EqlxError((orphan_test(str(path), f"there is no rule `{stem}` beside it"),))
    timestamp = roles.model(candidates[0]).timestamp
    try:
        file = read_test_file(path, timestamp)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise EqlxError((cannot_read(str(path), str(reason)),)) from None
    chosen = [rule for rule in candidates if file.rule in {None, rule.id, rule.name}]
    if len(chosen) != 1:
        wanted = f"`rule: {file.rule}` names none of them" if file.rule else "`rule:` is missing"
        what = f"of the {len(candidates)} rules beside it, {wanted}"
        raise EqlxError((orphan_test(str(path), what),))
    return chosen[0], file
