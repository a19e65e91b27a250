"""A rule's metadata as a Sigma rule carries it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from eqlx.rule import Rule
from eqlx.target import Request
from eqlx_targets.sigma.attack import tags
from eqlx_targets.sigma.options import distinguishing
from eqlx_targets.sigma.tree import Footer, Header

NAMESPACE = UUID("6b3a4c52-5d0e-5c4b-9a7e-3f1d2c8e9b10")
"""The name space of the ids that eqlx gives to Sigma rules; never changed."""

TITLE_LENGTH = 120
"""SigmaHQ's bound (the JSON schema's is 256)."""

_SMALL_WORDS = frozenset(("a", "an", "and", "as", "at", "by", "for", "from", "in", "new", "of", "on", "or", "over", "the", "through", "to", "via", "with", "without"))  # fmt: skip
"""What SigmaHQ writes in lower case in a title."""

_LEVELS = ("informational", "low", "medium", "high", "critical")
_DATE = re.compile(r"(\d{4})[/-](\d{2})[/-](\d{2})\Z")
_GITHUB_FILE = re.compile(r"https://github\.com/.*\.\w{1,3}$")
_COMMIT = re.compile(r"/[0-9a-z]{40}/")
_BANNED = frozenset(("none", "pentest", "penetration"))
"""Words that SigmaHQ's validators refuse among false positives."""


@dataclass(frozen=True)
class Variant:
    """One of several conversions of a rule: by operating system, or by log source.

    `part` goes into the ids, `suffix` ends the titles; both are empty where there is but one.
    `product` is that of the log source.
    """

    request: Request
    part: str = ""
    suffix: str = ""
    product: str | None = None

    def header(self, part: str = "", suffix: str = "") -> Header:
        """The header of the rule, or of a `part` of it."""
        whole = " ".join(filter(None, (self.part, part)))
        return header(self.request, whole, self.suffix + suffix, self.product)


def header(
    request: Request, part: str = "", suffix: str = "", product: str | None = None
) -> Header:
    """The header of a rule, or of the `part` of one (`stage 1`), whose title ends in `suffix`."""
    rule = request.rule
    date, modified = _dates(rule)
    return Header(
        title=title(rule.name or "EQL query", suffix),
        id=rule_id(rule, request.options, part),
        related=((rule.id, "derived"),) if rule.id and _is_uuid(rule.id) else (),
        taxonomy=request.options["style"] if request.options["style"] != "sigma" else None,
        status="experimental",
        description=_unwrapped(rule.description),
        license=_license(rule.license),
        references=_distinct(
            link
            for link in rule.references
            if "attack.mitre.org" not in link and not _is_moving(link)
        ),
        author=", ".join(_unwrapped(author) for author in rule.author),
        date=date,
        modified=modified,
        tags=tags(
            rule.threat,
            version=request.options["attack"],
            tactics=request.options["attack-tactics"],
            product=product,
        ),
    )


NO_TITLE = "EQL Query"
"""The title of a rule whose name has no word."""


def title(name: str, suffix: str = "") -> str:
    """A rule's name as SigmaHQ writes titles: words in upper case, no full stop, no `Detects`.

    >>> title("Detects nmap runs in a container.", " - Linux")
    'Nmap Runs in a Container - Linux'
    """
    words = _unwrapped(name).rstrip(".").split(" ")
    if words[0] in ("Detect", "Detects") and len(words) > 1:
        del words[0]
    whole = " ".join(map(_titled, words)).strip(" .") or NO_TITLE
    return whole[: TITLE_LENGTH - len(suffix)].rstrip(" .") + suffix


def _titled(word: str) -> str:
    """Names of files and the like stay as they are."""
    plain = word.islower() and word not in _SMALL_WORDS
    if not plain or word[0].isdigit() or any(mark in word for mark in "./_"):
        return word
    start = next((i for i, character in enumerate(word) if character.isalpha()), 0)
    return word[:start] + word[start].upper() + word[start + 1 :]


def footer(rule: Rule) -> Footer:
    """What stands below the detection; a rule without known false positives says `Unknown`."""
    known = _distinct(_unwrapped(text) for text in rule.false_positives if not _is_banned(text))
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


def left_out(rule: Rule) -> tuple[str, ...]:
    """What of the metadata SigmaHQ's conventions do not admit, for the comment of the file."""
    links = (
        f"reference {link}: a link into GitHub without a commit"
        for link in rule.references
        if _is_moving(link)
    )
    words = (
        f"false positive: {_unwrapped(text)}" for text in rule.false_positives if _is_banned(text)
    )
    return (*_distinct(links), *_distinct(words))


def _is_moving(link: str) -> bool:
    return _GITHUB_FILE.match(link) is not None and _COMMIT.search(link) is None


def _is_banned(text: str) -> bool:
    return any(word.lower() in _BANNED for word in text.split())


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
