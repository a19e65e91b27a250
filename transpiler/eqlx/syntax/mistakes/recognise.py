"""The recognisers in order, and what is said where none knows the mistake."""

from __future__ import annotations

from collections.abc import Callable

from eqlx.diagnostics import Diagnostic
from eqlx.diagnostics.catalogue import syntax as say
from eqlx.source import Span
from eqlx.syntax.mistakes import brackets, languages, quotes, words
from eqlx.syntax.mistakes.failure import Failure, Piece
from eqlx.syntax.mistakes.hints import hint, in_keys

Recogniser = Callable[[Failure], Diagnostic | None]

RECOGNISERS: tuple[Recogniser, ...] = (
    # What is broken as text, before anything about words.
    languages.merge_marker,
    quotes.escaped_quotes,
    quotes.unclosed_string,
    quotes.fence,
    quotes.unclosed_name,
    languages.join_query,
    languages.brackets_without_sequence,
    words.letter_case,
    languages.foreign_language,
    quotes.foreign_quotes,
    quotes.foreign_character,
    # Old and foreign forms.
    languages.lineage,
    languages.alias,
    languages.array_search,
    languages.old_pipe,
    brackets.index_of_array,
    languages.foreign_sign,
    words.clause_order,
    words.key_is_no_field,
    words.missing_where,
    words.reserved_segment,
    # Words and brackets that do not fit.
    brackets.stray_comma,
    brackets.list_without_brackets,
    brackets.list_after_comparison,
    brackets.empty_brackets,
    words.dangling_operator,
    words.not_after_field,
    brackets.unclosed_list,
    brackets.words_in_list,
    quotes.bare_text,
    brackets.missing_comma,
    brackets.list_in_list,
    brackets.in_without_brackets,
    brackets.wrong_closer,
    brackets.unclosed_at_end,
    brackets.unclosed_group,
    words.one_query_more,
    words.pipe_without_bar,
    words.mark_after_name,
    words.run_on_path,
    words.missing_operator,
)

_NAMES = {
    "_WHERE": "`where`",
    "_WITH": "`with`",
    "_BY": "`by`",
    "MAXSPAN": "`maxspan`",
    "EQUAL": "`=`",
    "COMMA": "`,`",
    "DOT": "`.`",
    "OPEN": "`(`",
    "CLOSE": "`)`",
    "CLOSE_TERM": "`]`",
    "OPEN_TERM": "`[`",
    "PIPE": "`|`",
    "UNTIL": "`until`",
    "$END": "the end of the query",
}


def explain(text: str, offset: int, expected: frozenset[str]) -> Diagnostic:
    """The diagnostic for a parse that stopped at `offset` of a text whose comments are blanked.

    `expected` holds the terminals of the grammar that could have followed.
    """
    failure = Failure.of(text, offset, expected)
    for recognise in RECOGNISERS:
        diagnostic = recognise(failure)
        if diagnostic is not None:
            return diagnostic
    return _unknown(failure)


def _unknown(failure: Failure) -> Diagnostic:
    wanted = describe_expected(failure.expected - _impossible(failure))
    piece = failure.piece
    if piece.kind == "end":
        end = max(piece.start, 1)
        return say.unexpected_end(wanted, span=Span(end - 1, end))
    return say.unexpected_text(_describe(piece), wanted, span=piece.span, hint=hint(failure))


def _impossible(failure: Failure) -> frozenset[str]:
    """Terminals that an LALR state allows for other places than this one: it knows no brackets."""
    opener = failure.opener.text if failure.opener is not None else ""
    names = set[str]()
    if opener != "(":
        names |= {"CLOSE", "COMMA"}
    if opener not in {"[", "!["}:
        names.add("CLOSE_TERM")
    if opener:
        names.add("PIPE")
    elif in_keys(failure):
        names |= {"COMPARISON", "MATCHES", "_AND", "_OR"}
    return frozenset(names)


def _describe(piece: Piece) -> str:
    if piece.is_keyword:
        return f"the keyword `{piece.text}`"
    if piece.is_string:
        return "a string"
    if piece.kind == "number":
        return "a number"
    if piece.kind == "name":
        return f"the name `{piece.text[:60].splitlines()[0]}`"
    return f"`{piece.text}`"


def describe_expected(expected: frozenset[str]) -> str:
    """The expected terminals in human words.

    >>> describe_expected(frozenset({"CLOSE", "COMMA"}))
    '`)` or `,`'
    """
    if {"ANY", "NAME"} <= expected:
        start = "a category such as `process`"
        return f"{start}, `sequence` or `sample`" if "SEQUENCE" in expected else start
    if {"NOT", "NAME", "OPEN"} <= expected:
        return "a condition"
    if {"NAME", "OPEN"} <= expected:
        return "a value"
    if {"STRING", "INTEGER"} <= expected:
        return "a constant (a string, a number, `true`, `false` or `null`)"
    if {"_AND", "_OR"} <= expected:
        operator = ["an operator"] if {"COMPARISON", "MATCHES"} & expected else []
        return _either([*operator, "`and`", "`or`", *_named(expected)])
    names = ["a field name"] if {"NAME", "PATH"} <= expected else []
    names += ["a name"] if "NAME" in expected and "PATH" not in expected else []
    names += ["a number"] if "INTEGER" in expected else []
    return _either([*names, *_named(expected)]) or "something else"


def _named(expected: frozenset[str]) -> list[str]:
    return sorted(_NAMES[name] for name in expected if name in _NAMES and name != "DOT")


def _either(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"
