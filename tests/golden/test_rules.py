"""Golden rules: the whole output of every shipped rule for every target."""

from __future__ import annotations

from pathlib import Path

import pytest

from eqlx.driver import convert_rule
from eqlx.registry import load_target, targets
from eqlx.render import text
from eqlx.rule import Rule
from eqlx.rulefile.loader import load
from eqlx_harness.blessing import BLESSING
from eqlx_harness.data import ROOT
from eqlx_harness.plugin import difference

GOLDEN = ROOT / "golden" / "rules"


def shipped() -> list[Rule]:
    loaded = load([ROOT / "rules"])
    assert not [d for d in loaded.diagnostics if d.severity.value == "error"]
    return list(loaded.rules)


def stem(rule: Rule) -> str:
    assert rule.path is not None
    return Path(rule.path).stem


@pytest.mark.parametrize("rule", shipped(), ids=stem)
@pytest.mark.parametrize("target", sorted(targets()))
def test_whole_output(rule: Rule, target: str, request: pytest.FixtureRequest) -> None:
    loaded = load_target(target)
    outcome = convert_rule(rule, loaded)
    if outcome.artifact is None:
        name = f"{target}.refused.txt"
        actual = "\n".join(text.render(d) for d in outcome.diagnostics)
        actual = actual.replace(str(ROOT) + "/", "").rstrip("\n") + "\n"
    else:
        name = f"{target}{outcome.artifact.suffix}"
        actual = outcome.artifact.text
    path = GOLDEN / stem(rule) / name
    expected = path.read_text(encoding="utf-8") if path.exists() else None
    if expected != actual and not request.config.stash[BLESSING].file(path, actual):
        pytest.fail(difference(expected or "", actual), pytrace=False)


def test_no_golden_output_is_an_orphan() -> None:
    stems = {stem(rule) for rule in shipped()}
    suffixes = {name: load_target(name).suffix for name in targets()}
    names = {f"{name}{suffix}" for name, suffix in suffixes.items()}
    names |= {f"{name}.refused.txt" for name in suffixes}
    orphans = [
        str(path.relative_to(GOLDEN))
        for path in GOLDEN.rglob("*")
        if path.is_file() and (path.parent.name not in stems or path.name not in names)
    ]
    assert orphans == []
