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

VARIANTS: dict[str, tuple[str, dict[str, str]]] = {
    **{name: (name, {}) for name in sorted(targets())},
    # SigmaHQ's taxonomy has no words for many rules; with the names of ECS they convert.
    "sigma-ecs": ("sigma", {"style": "ecs"}),
}
"""What an output is called, and the target and options that make it."""


def shipped() -> list[Rule]:
    loaded = load([ROOT / "rules"])
    assert not [d for d in loaded.diagnostics if d.severity.value == "error"]
    return list(loaded.rules)


def stem(rule: Rule) -> str:
    assert rule.path is not None
    return Path(rule.path).stem


@pytest.mark.parametrize("rule", shipped(), ids=stem)
@pytest.mark.parametrize("variant", VARIANTS)
def test_whole_output(rule: Rule, variant: str, request: pytest.FixtureRequest) -> None:
    target, options = VARIANTS[variant]
    outcome = convert_rule(rule, load_target(target), options=options)
    if outcome.artifact is None:
        name = f"{variant}.refused.txt"
        actual = "\n".join(text.render(d) for d in outcome.diagnostics)
        actual = actual.replace(str(ROOT) + "/", "").rstrip("\n") + "\n"
    else:
        name = f"{variant}{outcome.artifact.suffix}"
        actual = outcome.artifact.text
    path = GOLDEN / stem(rule) / name
    expected = path.read_text(encoding="utf-8") if path.exists() else None
    if expected != actual and not request.config.stash[BLESSING].file(path, actual):
        pytest.fail(difference(expected or "", actual), pytrace=False)


def test_no_golden_output_is_an_orphan() -> None:
    stems = {stem(rule) for rule in shipped()}
    made = {name: f"{name}{load_target(target).suffix}" for name, (target, _) in VARIANTS.items()}
    refused = {name: f"{name}.refused.txt" for name in VARIANTS}
    names = {*made.values(), *refused.values()}
    orphans = [
        str(path.relative_to(GOLDEN))
        for path in GOLDEN.rglob("*")
        if path.is_file() and (path.parent.name not in stems or path.name not in names)
    ]
    stale = [
        f"{name}/{variant}"
        for name in stems
        for variant in VARIANTS
        if (GOLDEN / name / made[variant]).exists() and (GOLDEN / name / refused[variant]).exists()
    ]
    assert (orphans, stale) == ([], [])
