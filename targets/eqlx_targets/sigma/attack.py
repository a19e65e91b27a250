"""Tags for ATT&CK: techniques and tactics of a rule, by the version of ATT&CK that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from eqlx.rule import Threat
from eqlx_targets.sigma.taxonomy import PRODUCTS

_TAG = re.compile(r"[a-z0-9_-]+\.[a-z0-9._-]+\Z")
_EVASION = "defense-evasion"
_STEALTH = "stealth"
_NEW = frozenset(("stealth", "defense-impairment"))
"""The tactics into which version 19 parts `defense-evasion`."""


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique by version 18 and by version 19. `heirs`: platform to its id in version 19, the
    empty platform for those that are not named."""

    old_tactics: tuple[str, ...]
    heirs: Mapping[str, str]
    new_tactics: tuple[str, ...]

    def heir(self, platform: str) -> str:
        return self.heirs.get(platform, self.heirs[""])


def tags(
    threats: Iterable[Threat], *, version: str, tactics: str, product: str | None
) -> tuple[str, ...]:
    """Techniques always; tactics as the rule gives them, and with `all` the others of a technique.

    `version` is `v18` or `v19`; `product` is that of the log source, by which version 19 tells some
    techniques apart.
    """
    platform = product or ""
    if product and product not in PRODUCTS:
        platform = "cloud"
    found = (
        tag
        for threat in threats
        for tag in (_old(threat, tactics) if version == "v18" else _new(threat, tactics, platform))
    )
    return tuple(dict.fromkeys(tag for tag in found if _TAG.match(tag)))


def _old(threat: Threat, tactics: str) -> Iterator[str]:
    if tactics != "none":
        yield f"attack.{_slug(threat.tactic_name)}"
    for identifier in _techniques(threat):
        yield f"attack.{identifier.lower()}"
        if tactics == "all" and identifier in attack():
            yield from (f"attack.{tactic}" for tactic in attack()[identifier].old_tactics)


def _new(threat: Threat, tactics: str, platform: str) -> Iterator[str]:
    given = _slug(threat.tactic_name)
    known = [attack()[i] for i in _techniques(threat) if i in attack()]
    if tactics != "none" and given != _EVASION:
        yield f"attack.{given}"
    elif tactics != "none":
        became = [t for technique in known for t in technique.new_tactics if t in _NEW]
        yield from (f"attack.{tactic}" for tactic in became or [_STEALTH])
    for identifier in _techniques(threat):
        technique = attack().get(identifier)
        yield f"attack.{(technique.heir(platform) if technique else identifier).lower()}"
        if tactics == "all" and technique is not None:
            yield from (f"attack.{tactic}" for tactic in technique.new_tactics)


def _techniques(threat: Threat) -> Iterator[str]:
    for technique in threat.techniques:
        yield technique.id
        yield from (each.id for each in technique.subtechniques)


def _slug(name: str) -> str:
    return "-".join(name.lower().split())


@cache
def attack() -> Mapping[str, Technique]:
    """The table of techniques that is shipped."""
    text = files("eqlx_targets.sigma").joinpath("attack.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {
        identifier: Technique(_cells(old), _heirs(heirs), _cells(new))
        for identifier, old, heirs, new in rows
    }


def _cells(text: str) -> tuple[str, ...]:
    return tuple(text.split("; "))


def _heirs(text: str) -> Mapping[str, str]:
    parts = (part.rpartition("=") for part in _cells(text))
    return {platform: technique for platform, _, technique in parts}
