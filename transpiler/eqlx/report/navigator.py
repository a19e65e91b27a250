"""A report as a layer of the ATT&CK Navigator (layer format 4.5): what the rules cover, and what is lost on
the way to each target."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from eqlx.capability import Grade
from eqlx.printable import one_line
from eqlx.render.summary import counted
from eqlx.report.model import Coverage, FidelityReport, RuleReport

_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?")
_LOST, _PARTLY, _COVERED = "#c0392b", "#f5b041", "#5dade2"
_NAMED = 20
"""So many rules a comment names."""


def navigator(report: FidelityReport) -> str:
    """The layer as one JSON object, ending in a line feed. Escaped to ASCII: any string is safe."""
    return f"{json.dumps(layer(report), indent=2)}\n"


def layer(report: FidelityReport) -> dict[str, object]:
    """The layer as JSON-able data.

    The score of a technique is the share of its rules that the targets keep, in percent: over all targets of
    the report. The comment and the metadata say it for each target. Ids that are no technique of ATT&CK
    (of other frameworks) are left out.
    """
    rows = [row for row in report.coverage if _TECHNIQUE.fullmatch(row.attack.id)]
    targets = ", ".join(report.targets)
    return {
        "name": f"EQL rules on {targets}",
        "versions": {"navigator": "5.1.0", "layer": "4.5"},
        "domain": "enterprise-attack",
        "description": (
            f"{counted(len(report.rules), 'rule')}, converted to {targets} by eqlx {report.version}. "
            "The score is the share of a technique's rules that the targets keep, in percent."
        ),
        "sorting": 0,
        "hideDisabled": False,
        "techniques": [_technique(row, report) for row in rows],
        "gradient": {"colors": [_LOST, _PARTLY, _COVERED], "minValue": 0, "maxValue": 100},
        "legendItems": [
            {"label": "every rule is converted", "color": _COVERED},
            {"label": "some rules are refused", "color": _PARTLY},
            {"label": "every rule is refused", "color": _LOST},
        ],
        "metadata": [{"name": "eqlx", "value": report.version}],
        "showTacticRowBackground": False,
        "selectTechniquesAcrossTactics": True,
        "selectSubtechniquesWithParent": False,
    }


def _technique(row: Coverage, report: FidelityReport) -> dict[str, object]:
    kept = sum(row.kept.values())
    return {
        "techniqueID": row.attack.id,
        "score": round(100 * kept / (len(row.rules) * len(report.targets))),
        "comment": "\n".join(_comment(row, report)),
        "enabled": True,
        "metadata": [{"name": target, "value": _said(row, target)} for target in report.targets],
        "links": [],
        "showSubtechniques": "." in row.attack.id,
    }


def _said(row: Coverage, target: str) -> str:
    """How many rules a target keeps, and how many of these approximately."""
    found = [rule.conversion(target) for rule in row.rules]
    changed = sum(one.is_converted and one.grade is Grade.APPROXIMATE for one in found)
    said = f"{row.kept[target]} of {counted(len(row.rules), 'rule')}"
    return f"{said}, {changed} of them approximate" if changed else said


def _comment(row: Coverage, report: FidelityReport) -> Iterator[str]:
    """The rules, each with the targets that refuse it."""
    for rule in row.rules[:_NAMED]:
        refusing = [t for t in report.targets if not rule.conversion(t).is_converted]
        yield f"{_name(rule)}{': refused for ' + ', '.join(refusing) if refusing else ''}"
    if len(row.rules) > _NAMED:
        yield f"and {len(row.rules) - _NAMED} more"


def _name(rule: RuleReport) -> str:
    return " ".join(one_line(rule.name).split())
