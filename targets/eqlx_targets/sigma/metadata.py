"""A rule's metadata as a Sigma rule carries it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from uuid import UUID, uuid5

from eqlx.rule import Rule, Threat
from eqlx.target import Request
from eqlx_targets.sigma.options import distinguishing
from eqlx_targets.sigma.tree import Footer, Header

NAMESPACE = UUID("6b3a4c52-5d0e-5c4b-9a7e-3f1d2c8e9b10")
"""The name space of the ids that eqlx gives to Sigma rules; never changed."""

TITLE_LENGTH = 256
"""The JSON schema's bound."""

_LEVELS = ("informational", "low", "medium", "high", "critical")
_DATE = re.compile(r"(\d{4})[/-](\d{2})[/-](\d{2})\Z")
_TAG = re.compile(r"[a-z0-9_-]+\.[a-z0-9._-]+\Z")


def header(request: Request, part: str = "", suffix: str = "") -> Header:
    """The header of a rule, or of the `part` of one (`stage 1`), whose title ends in `suffix`."""
    rule = request.rule
    date, modified = _dates(rule)
    return Header(
        title=(_unwrapped(rule.name or "EQL query") + suffix)[:TITLE_LENGTH],
        id=rule_id(rule, request.options, part),
        related=((rule.id, "derived"),) if rule.id and _is_uuid(rule.id) else (),
        taxonomy=request.options["style"] if request.options["style"] != "sigma" else None,
        status="experimental",
        description=_unwrapped(rule.description),
        license=_license(rule.license),
        references=_distinct(r for r in rule.references if "attack.mitre.org" not in r),
        author=", ".join(_unwrapped(author) for author in rule.author),
        date=date,
        modified=modified,
        tags=tuple(_tags(rule.threat, tactics=request.options["attack-tactics"] == "as-is")),
    )


def footer(rule: Rule) -> Footer:
    """What stands below the detection; a rule without known false positives says `Unknown`."""
    known = _distinct(_unwrapped(text) for text in rule.false_positives)
    return Footer(
        tuple(text[0].upper() + text[1:] for text in known if len(text) > 1) or ("Unknown",),
        rule.severity if rule.severity in _LEVELS else None,
    )


def rule_id(rule: Rule, options: Mapping[str, str], part: str = "") -> str:
    """The same rule converted with the same options has the same id, wherever it is done."""
    source = rule.id or rule.name or rule.query.text
    return str(uuid5(NAMESPACE, f"{source}\n{distinguishing(options)}\n{part}"))


def _license(text: str | None) -> str | None:
    """As an SPDX identifier where it is one that Elastic uses."""
    if text is None:
        return None
    return "Elastic-2.0" if text.strip().lower() == "elastic license v2" else _unwrapped(text)


def _dates(rule: Rule) -> tuple[str | None, str | None]:
    """`date` and `modified`; the second only where it is later than the first."""
    created, updated = _date(rule.creation_date), _date(rule.updated_date)
    later = created is not None and updated is not None and updated > created
    return created, updated if later else None


def _date(text: str | None) -> str | None:
    found = _DATE.match(text.strip()) if text else None
    return "-".join(found.groups()) if found else None


def _tags(threats: Iterable[Threat], *, tactics: bool) -> Iterable[str]:
    tags: list[str] = []
    for threat in threats:
        if tactics:
            tags.append("attack." + "-".join(threat.tactic_name.lower().split()))
        for technique in threat.techniques:
            tags.append(f"attack.{technique.id.lower()}")
            tags += [f"attack.{sub.id.lower()}" for sub in technique.subtechniques]
    return (tag for tag in _distinct(tags) if _TAG.match(tag))


def _unwrapped(text: str) -> str:
    """Text on one line: a rule file's line breaks are where its editor was narrow."""
    return " ".join(text.split())


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
