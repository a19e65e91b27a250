"""Bounds on the length of a text as a regular expression, for engines that compute nothing."""

from __future__ import annotations

from eqlx.patterns.regex import AnyCharacter, Regex, RegexDialect, Repetition


def length_regex(minimum: int, maximum: int | None) -> Regex:
    """Every text of `minimum` to `maximum` code points (None: without bound).

    EQL's `length` counts UTF-16 units (spec §7), which is the same for texts without characters
    beyond U+FFFF, and for bounds below 2.
    """
    return Regex(
        RegexDialect.LUCENE, Repetition(AnyCharacter(newline=True), minimum, maximum), "length"
    )
