"""Regular expressions written for RE2, in Java's language."""

from __future__ import annotations

import pytest

from eqlx_targets.sql.dialects.java_regex import java


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^a.b$", r"\Aa[^\n]b\z"),
        ("a(?s:.)*b", "a(?s:.)*b"),
        ("(?s)^(.*)x", r"\A((?s:.)*)x"),
        (r"\.\$\^\x{1F600}\pL", r"\.\$\^\x{1F600}\pL"),
        ("[[{]", r"[\[{]"),
        ("[]a]", r"[\]a]"),
        ("[^]a&&b]", r"[^\]a\&\&b]"),
        ("[[:alpha:].$^]", "[a-zA-Z.$^]"),
        (r"\Qa.[$\E.", r"\Qa.[$\E[^\n]"),
    ],
)
def test_what_java_reads_otherwise_is_written_otherwise(pattern: str, expected: str) -> None:
    assert java(pattern, folding=False, lines=False) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("Sk.", "(?i)[S\u017f][k\u212a](?s:.)"),
        ("[a-z]", "(?i)[a-z\u212a\u017f]"),
        ("[^k]", "(?i)[^k\u212a]"),
        ("[0-9]", "(?i)[0-9]"),
        (r"\s\k", r"(?i)\s\k"),
    ],
)
def test_letters_that_fold_to_ascii_are_said(pattern: str, expected: str) -> None:
    """Java's option folds ASCII alone, and with Unicode more than RE2 does."""
    assert java(pattern, folding=True, lines=True) == expected
