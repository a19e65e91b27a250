"""What is said of a text that is no EQL: brackets, strings, numbers, words that do not fit."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Label, Severity
from eqlx.source import Span


@entry("unexpected-text", Severity.ERROR)
def unexpected_text(found: str, expected: str, *, span: Span, hint: str | None = None) -> Body:
    """The query has something here that EQL does not allow at this place.

    Everything before this place is fine. Look at the marked part and at what is directly
    before it: the message says what could follow there.

        process where process.name where "cmd.exe"

    was probably meant as

        process where process.name == "cmd.exe"
    """
    return Body(f"found {found}, expected {expected}", span, label="not expected here", help=hint)


@entry("unexpected-end", Severity.ERROR)
def unexpected_end(expected: str, *, span: Span, hint: str | None = None) -> Body:
    """The query stops where something must still follow.

    The message says what could follow. A condition needs all its parts:

        process where process.name == "cmd.exe"
    """
    return Body(
        f"found the end of the query, expected {expected}", span, label="ends here", help=hint
    )


@entry("empty-query", Severity.ERROR)
def empty_query(*, span: Span) -> Body:
    """There is no query here, only blanks or comments.

    The shortest query is

        any where true
    """
    return Body(
        "found no query", span, label="nothing here", help="write `any where true` for every event"
    )


@entry("unclosed-bracket", Severity.ERROR)
def unclosed_bracket(opener: str, closer: str, found: str, *, span: Span, at: Span) -> Body:
    """A bracket is opened and not closed.

    The mark is at the opening bracket; the second mark shows where the closing one was
    missed at the latest. Brackets of one kind close only their own kind.

        process where (process.name == "a" or process.pid == 1) and user.id == "0"
    """
    return Body(
        f"found {found}, expected `{closer}` for this `{opener}`",
        span,
        label=f"`{opener}` is opened here",
        also=(Label(at, f"`{closer}` is missing before this"),),
        help=f"add `{closer}`, or remove `{opener}`",
    )


@entry("unopened-bracket", Severity.ERROR)
def unopened_bracket(closer: str, opener: str, *, span: Span) -> Body:
    """A bracket is closed that was never opened.

    Remove it, or open a bracket where its condition begins:

        process where (process.name == "a")
    """
    return Body(
        f"found `{closer}` without a `{opener}` before it",
        span,
        label="closes nothing",
        help=f"remove `{closer}`, or add `{opener}`",
    )


@entry("unclosed-string", Severity.ERROR)
def unclosed_string(quote: str, *, span: Span, at: Span) -> Body:
    r"""A string is opened and its line ends before it is closed.

    Strings never run over lines. A backslash before the closing quote makes that quote a part of
    the text, so a path that ends in a backslash needs two:

        process where process.working_directory == "C:\\Windows\\"
    """
    also = (Label(at, f"the line ends here without {quote}"),) if at != span else ()
    return Body(
        f"found the end of the line, expected the closing {quote} of this string",
        span,
        label="the string starts here",
        also=also,
        help=f"add {quote} (a backslash directly before it must be doubled)",
    )


@entry("unclosed-name", Severity.ERROR)
def unclosed_name(*, span: Span) -> Body:
    """A name in backticks is not closed, or is empty.

    Backticks hold a field name that is not a plain word; a backtick inside is written twice.

        any where `my field` == 1
    """
    return Body(
        "found a backtick without its closing backtick",
        span,
        label="the name starts here",
        help="write the name between two backticks, as in `my field`",
    )


@entry("unclosed-comment", Severity.ERROR)
def unclosed_comment(*, span: Span) -> Body:
    """A comment is opened by `/*` and never closed by `*/`.

    For a comment up to the end of its line, write `//`.

        any where true // all events
    """
    return Body(
        "found the end of the query, expected `*/` for this comment",
        span,
        label="the comment starts here",
        help="close it by `*/`, or write `//` for a comment up to the end of the line",
    )


@entry("unknown-escape", Severity.ERROR)
def unknown_escape(escape: str, *, span: Span) -> Body:
    r'''A backslash in a string precedes a character that makes no escape with it.

    The escapes are `\b \t \n \f \r \" \' \\` and `\u{…}` with two to eight hexadecimal digits.
    A backslash that is meant itself is doubled, or the string is written in triple quotes, where
    nothing is escaped:

        process where process.executable : "C:\\Windows\\*" or file.path : """C:\\Windows\\*"""
    '''
    return Body(
        f"found the escape `{escape}`, which EQL does not have",
        span,
        label="no such escape",
        help='double the backslash, or write the string in triple quotes: """…"""',
    )


@entry("no-character", Severity.ERROR)
def no_character(digits: str, *, span: Span) -> Body:
    r"""An escape `\u{…}` names a code point that is not a character.

    Code points go up to 10FFFF, without the surrogates D800 to DFFF.

        any where file.name == "r\u{e9}sum\u{e9}"
    """
    return Body(
        f"found `{digits}` in `\\u{{…}}`, expected the code point of a character",
        span,
        label="no character has this number",
        help="code points go up to 10FFFF, without D800 to DFFF",
    )


@entry("number-too-large", Severity.ERROR)
def number_too_large(*, span: Span) -> Body:
    """A number is beyond the range of a double (about 1.8e308).

    For example:

        any where process.pid < 1e308
    """
    return Body("found a number beyond the range of a double", span, label="too large")


@entry("reserved-word", Severity.ERROR)
def reserved_word(word: str, *, span: Span, written: str) -> Body:
    """A keyword is at a place where a name is expected.

    Keywords are reserved also as parts of field names; such a part is written in backticks:

        any where event.`sequence` > 5
    """
    return Body(
        f"found the keyword `{word}`, expected a name",
        span,
        label="reserved",
        help=f"write {written} if you mean a field",
    )


@entry("nesting-too-deep", Severity.ERROR)
def nesting_too_deep(limit: int, *, span: Span) -> Body:
    """Conditions or calculations are nested too deeply.

    Flat chains of `and` and `or`, and lists, may be of any length; nesting is bounded, because
    every target bounds it too.

    Most levels can be written without:

        any where a == 1 and b == 2 and c == 3
    """
    return Body(
        f"found more than {limit} levels of nesting",
        span,
        label="one level too many",
        help="flatten the condition, or split the query",
    )
