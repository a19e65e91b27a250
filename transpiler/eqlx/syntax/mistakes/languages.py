"""Old forms of EQL and other query languages, recognised by what they look like."""

from __future__ import annotations

import re

from eqlx.diagnostics import Diagnostic
from eqlx.diagnostics.catalogue import foreign, structure
from eqlx.diagnostics.catalogue import mistakes as say
from eqlx.source import Span
from eqlx.syntax.mistakes.failure import Failure

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "="})
_SIGNS = {
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "=~": ":",
    "!~": "not … :",
    "~=": "regex~",
    "&&": "and",
    "||": "or",
    "&": "and",
}
_ARRAY_SEARCHES = frozenset({"arraysearch", "_arraysearch"})
_LIST_HEADS = frozenset({"in", "in~", ":", "like", "like~", "regex", "regex~", "==", "!="})
_LANGUAGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("JSON", re.compile(r"\s*\{")),
    (
        "Sigma",
        re.compile(
            r"^[ \t]*(title|logsource|detection|selection\w*|condition)[ \t]*:[ \t]*$", re.MULTILINE
        ),
    ),
    ("ES|QL", re.compile(r"\s*(from|row|FROM|ROW)\s+[\w*.,:\-\s]+(\||$)")),
    ("SQL", re.compile(r"\s*(select|with)\s.*\bfrom\b", re.IGNORECASE | re.DOTALL)),
    (
        "Splunk",
        re.compile(r"\s*(search\s+)?(index|source|sourcetype|eventcode)\s*=", re.IGNORECASE),
    ),
    ("Kusto", re.compile(r"\s*[A-Z]\w+\s*\|\s*\w+")),
    ("KQL or Lucene", re.compile(r"\s*(\*\s*(:\s*\*\s*)?$|_exists_\s*:)")),
    ("EQL in a rule file", re.compile(r"\s*(\[(metadata|rule)\]|query\s*=)")),
)


def merge_marker(failure: Failure) -> Diagnostic | None:
    """`<<<<<<< HEAD` and its kin."""
    if failure.piece.kind == "marker":
        return foreign.merge_marker(span=failure.piece.span)
    return None


def foreign_language(failure: Failure) -> Diagnostic | None:
    """A whole query of another language, where no filter of EQL was read before the fault."""
    if any(p.text == "where" for p in failure.pieces[: failure.at]):
        return None
    last = max((p.end for p in failure.pieces), default=0)
    start = failure.pieces[0].start
    whole = Span(start, last)
    for language, pattern in _LANGUAGES:
        if pattern.search(failure.text) if language == "Sigma" else pattern.match(failure.text):
            return foreign.foreign_language(language, span=whole)
    if _is_filter_without_where(failure):
        return None
    if _has_field_colon(failure) and not any(p.text == "where" for p in failure.pieces):
        return foreign.foreign_language("KQL or Lucene", span=whole)
    return None


def _has_field_colon(failure: Failure) -> bool:
    """`field:` before the fault or at it."""
    return any(
        piece.text == ":" and failure.pieces[index - 1].is_field
        for index, piece in enumerate(failure.pieces)
        if index > 0
    )


def _is_filter_without_where(failure: Failure) -> bool:
    """`process host.name : "x"`: a category and the start of a condition, which KQL and Lucene do
    not write side by side."""
    if failure.at != 1 or not failure.pieces[0].is_field or "." in failure.pieces[0].text:
        return False
    return failure.piece.text in {"not", "?"} or (
        failure.piece.is_field and "." in failure.piece.text
    )


def join_query(failure: Failure) -> Diagnostic | None:
    """`join by x […] […]`."""
    if failure.at == 0 and failure.piece.text == "join":
        return foreign.join_query(span=failure.piece.span)
    return None


def lineage(failure: Failure) -> Diagnostic | None:
    """`child of […]`, `event of […]`, `descendant of […]`."""
    for index in (failure.at, failure.at - 1):
        if index < 0 or index + 1 >= len(failure.pieces):
            continue
        word, of = failure.pieces[index], failure.pieces[index + 1]
        if word.text in {"child", "event", "descendant"} and of.text == "of":
            return foreign.lineage(word.text, span=word.span.to(of.span))
    return None


def alias(failure: Failure) -> Diagnostic | None:
    """`[…] as event0` of the endpoint's dialect, with keys of the step (`[…] by k as event0`) or
    without."""
    if failure.piece.text != "as" or failure.near(1).kind != "name":
        return None
    behind_term = failure.near(-1).text == "]"
    if behind_term or (failure.opener is None and _is_behind_keys(failure)):
        return foreign.event_alias(span=failure.piece.span.to(failure.near(1).span))
    return None


def _is_behind_keys(failure: Failure) -> bool:
    """`] by user.id, host.id` or `] with runs=2` before the fault."""
    for piece in reversed(failure.pieces[: failure.at]):
        if piece.text == "]":
            return True
        if piece.text in {"[", "![", "sequence", "sample", "where"}:
            return False
    return False


def array_search(failure: Failure) -> Diagnostic | None:
    """`_arraysearch(field, $entry, …)` of the endpoint's dialect, which fails at its `$`."""
    if failure.piece.text != "$":
        return None
    for index in range(failure.at - 1, -1, -1):
        piece = failure.pieces[index]
        if piece.text.lower() in _ARRAY_SEARCHES and failure.pieces[index + 1].text == "(":
            return foreign.array_search(piece.text, span=piece.span)
        if piece.text in {"[", "![", "where"}:
            break
    return None


def old_pipe(failure: Failure) -> Diagnostic | None:
    """`| filter process where true`, and whatever else a pipe's words make unreadable."""
    bars = [i for i, p in enumerate(failure.pieces[: failure.at + 1]) if p.text == "|"]
    if not bars or bars[-1] + 1 >= len(failure.pieces):
        return None
    name = failure.pieces[bars[-1] + 1]
    if name.kind != "name" or name.text in {"head", "tail"}:
        return None
    return structure.unknown_pipe(name.text, span=name.span.to(failure.piece.span))


def foreign_sign(failure: Failure) -> Diagnostic | None:
    """`=`, `!:`, `&&`, `<>`, `===`, `!x`, and `a < b < c`."""
    piece = failure.piece
    if piece.text == "=":
        return foreign.single_equals(span=piece.span)
    if piece.text == "!:":
        field = failure.near(-1).text if failure.near(-1).is_field else "field"
        return foreign.not_matches(field, span=piece.span)
    if piece.text in {"!=", "=="} and failure.near(1).text in {"~", "*"}:
        return foreign.foreign_sign(piece.text + failure.near(1).text, ":", span=piece.span)
    if piece.text in _SIGNS:
        return foreign.foreign_sign(piece.text, _SIGNS[piece.text], span=piece.span)
    if piece.text == "|" and failure.near(1).text == "|":
        return foreign.foreign_sign("||", "or", span=piece.span.to(failure.near(1).span))
    if piece.text == "!" and failure.near(1).text in {"in", "in~"}:
        word = failure.near(1)
        return foreign.foreign_sign(
            f"!{word.text}", f"not {word.text}", span=piece.span.to(word.span)
        )
    if piece.text == "!" and not failure.near(-1).ends_operand:
        return foreign.foreign_sign("!", "not", span=piece.span)
    if piece.text in {"[", "{"} and failure.near(-1).text in _LIST_HEADS:
        return foreign.wrong_brackets(piece.text, span=piece.span)
    if piece.text in {";", "$"} or (piece.text == ":" and failure.near(-1).text == "where"):
        return _needless(failure)
    if piece.text in _COMPARISONS and failure.near(-1).ends_operand:
        return _chain(failure)
    if piece.text == "~":
        return foreign.stray_tilde(span=piece.span)
    return None


def _needless(failure: Failure) -> Diagnostic:
    """A sign that has no place in EQL, but for a `;` between the values of a list."""
    piece = failure.piece
    between = piece.text == ";" and failure.list_head is not None
    return foreign.needless_sign(piece.text, "," if between else None, span=piece.span)


def _chain(failure: Failure) -> Diagnostic | None:
    """The second comparison of `a < b < c`."""
    for piece in reversed(failure.pieces[: failure.at]):
        if piece.text in _COMPARISONS:
            return foreign.comparison_chain(span=failure.piece.span, first=piece.span)
        if piece.text in {"and", "or", "where", "[", "("}:
            return None
    return None


def brackets_without_sequence(failure: Failure) -> Diagnostic | None:
    """`[process where …] [file where …]` without its first word."""
    if failure.near(1).text in {"rule", "metadata"} and failure.near(2).text == "]":
        return None
    if failure.at == 0 and failure.piece.text in {"[", "!["}:
        return say.missing_sequence(span=failure.piece.span)
    return None
