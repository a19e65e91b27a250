"""Versions in text columns: a key that sorts as semver does (spec §2 `version`)."""

from __future__ import annotations

import re

from sqlglot import exp

from eqlx_targets.sql import expressions as sql

_PATTERN = (
    r"[0-9]+(?:\.[0-9]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_KEY = r"""
CASE WHEN regex_full($v, $pattern) THEN '0' || text_join(list_map(
    text_split(regex_extract($v, '^[0-9.]+'), '.'),
    LAMBDA n : text_pad_start(CAST(text_length(text_strip_start(n, '0')) AS VARCHAR), 4, '0') || text_strip_start(n, '0')), '.') || ' '
|| CASE WHEN regex_search($v, '^[0-9.]+-') THEN '!' || text_join(list_map(
    text_split(regex_extract_group($v, '^[0-9.]+-([0-9A-Za-z.-]+)', 1), '.'),
    LAMBDA p : CASE WHEN regex_full(p, '[0-9]+')
        THEN '0' || text_pad_start(CAST(text_length(text_strip_start(p, '0')) AS VARCHAR), 4, '0') || text_strip_start(p, '0')
        ELSE '1' || p END), '!') ELSE '~' END || ' ' || $v
ELSE '1' || $v END
"""
_VERSION = re.compile(_PATTERN)


def version_key(value: exp.Expr) -> exp.Expr:
    """A text that sorts where the version does; what is no version sorts after all versions."""
    return sql.fill(_KEY, v=value, pattern=sql.text(_PATTERN))


def version_key_of(version: str) -> str:
    """The same key for a literal.

    >>> texts = ["1.10.0", "1.2.0", "1.2.0-rc.1", "junk", "1.2.0-rc.1.x", "1.2.0-1"]
    >>> sorted(texts, key=version_key_of)
    ['1.2.0-1', '1.2.0-rc.1', '1.2.0-rc.1.x', '1.2.0', '1.10.0', 'junk']
    """
    if not _VERSION.fullmatch(version):
        return "1" + version
    main, _, release = version.partition("+")[0].partition("-")
    numbers = ".".join(_padded(number) for number in main.split("."))
    parts = [("0" + _padded(p)) if p.isdigit() else "1" + p for p in release.split(".")]
    return f"0{numbers} {'!' + '!'.join(parts) if release else '~'} {version}"


def _padded(digits: str) -> str:
    digits = digits.lstrip("0")
    return f"{len(digits):04d}{digits}"
