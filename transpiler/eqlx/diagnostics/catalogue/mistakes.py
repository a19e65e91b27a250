"""What is said of the slips of EQL's own authors: words, lists and commas out of place."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Label, Severity
from eqlx.source import Span


@entry("letter-case", Severity.ERROR)
def letter_case(word: str, keyword: str, *, span: Span) -> Body:
    """A keyword is written with capital letters.

    Keywords are lower-case; `AND` is a field called AND.

        process where process.name == "a" and process.pid == 1
    """
    return Body(
        f"found `{word}`, expected `{keyword}`",
        span,
        label="keywords are lower-case",
        help=f"write `{keyword}`",
    )


@entry("backslash-outside", Severity.ERROR)
def backslash_outside(*, span: Span) -> Body:
    r"""A backslash is used outside of a string.

    Either the opening quote of a string is missing before it, or the whole query was escaped for
    another format, such as JSON or TOML.

        process where process.args == "sh"
    """
    return Body(
        "found a backslash outside of a string",
        span,
        label="outside of a string",
        help='add the opening `"`, or remove the escapes of the format that held the query',
    )


@entry("bare-text", Severity.ERROR)
def bare_text(text: str, *, span: Span) -> Body:
    """A value is written without quotes.

    Texts, patterns, addresses and networks are strings in EQL.

        network where cidrMatch(destination.ip, "10.0.0.0/8") and process.name : "cmd*"
    """
    quotes = '"""' if "\\" in text else '"'
    written = f"`{quotes}{text}{quotes}`" if len(text) < 50 else f"`{quotes}…{quotes}`"
    return Body(
        f"found `{text[:50]}` without quotes, expected a constant",
        span,
        label="no quotes",
        help=f"write {written}",
    )


@entry("stray-comma", Severity.ERROR)
def stray_comma(*, span: Span) -> Body:
    """A comma has nothing to separate.

    Lists have no comma after their last element, and conditions are joined by `and`.

        process where process.name in ("cmd.exe", "powershell.exe")
    """
    return Body(
        "found a comma that separates nothing",
        span,
        label="not needed",
        help="remove the comma, or add what should stand after it",
    )


@entry("missing-comma", Severity.ERROR)
def missing_comma(*, span: Span, before: Span) -> Body:
    """Two elements of a list have no comma between them.

    For example:

        process where process.name in ("cmd.exe", "powershell.exe")
    """
    return Body(
        "found the next element of a list, expected `,` or `)` before it",
        span,
        label="the next element",
        also=(Label(before, "no `,` after this"),),
        help="add `,`",
    )


@entry("word-in-list", Severity.ERROR)
def word_in_list(word: str, *, span: Span) -> Body:
    """The elements of a list are joined by `or` or `and`.

    A list is already an "or"; its elements are separated by commas. (For an "and", write one
    condition for each.)

        process where process.name : ("cmd*", "power*")
    """
    return Body(
        f"found `{word}` in a list, expected `,`",
        span,
        label="a list has commas",
        help="write `,`; a list matches when any of its elements does",
    )


@entry("list-in-list", Severity.ERROR)
def list_in_list(*, span: Span) -> Body:
    """A list is in brackets twice.

    For example:

        process where process.args like~ ("-a*", "-b*")
    """
    return Body(
        "found a list inside of a list, expected constants",
        span,
        label="one bracket too many",
        help="remove this bracket and the one that closes it",
    )


@entry("list-without-brackets", Severity.ERROR)
def list_without_brackets(operator: str, *, span: Span, first: Span) -> Body:
    """Several values follow an operator without brackets around them.

    For example:

        process where process.name : ("cmd.exe", "powershell.exe")
    """
    word = "in" if operator in {"==", "!="} else operator
    return Body(
        "found a comma after a single value",
        span,
        label="a list needs brackets",
        also=(Label(first, "the list starts here"),),
        help=f'write `{word} ("…", "…")`',
    )


@entry("list-after-comparison", Severity.ERROR)
def list_after_comparison(operator: str, *, span: Span) -> Body:
    """A list follows `==` or `!=`, which compare with one value.

    For example:

        process where process.name in ("cmd.exe", "powershell.exe")
    """
    word = "in" if operator == "==" else "not in"
    return Body(
        f"found a list after `{operator}`, expected one value",
        span,
        label="compares with one value",
        help=f"write `{word}` (letter case counts), or `:` (it does not)",
    )


@entry("empty-brackets", Severity.ERROR)
def empty_brackets(*, span: Span) -> Body:
    """Brackets hold nothing.

    For example:

        process where process.name in ("cmd.exe")
    """
    return Body("found empty brackets", span, label="nothing inside", help="fill or remove them")


@entry("dangling-word", Severity.ERROR)
def dangling_word(word: str, side: str, *, span: Span) -> Body:
    """`and`, `or` or `not` lacks a condition.

    Often a line was removed and its `and` stayed.

        process where process.name == "a" and process.pid == 1
    """
    return Body(
        f"found `{word}` without a condition {side} it",
        span,
        label=f"nothing stands {side} it",
        help=f"remove `{word}`, or add a condition {side} it",
    )


@entry("not-after-field", Severity.ERROR)
def not_after_field(field: str, operator: str, *, span: Span) -> Body:
    """`not` is between a field and an operator other than `in`.

    Only `in` and `in~` take `not` before them. Elsewhere, write it before the field.

        process where not process.name like "cmd*"
    """
    return Body(
        f"found `not` before `{operator}`, expected it before the field",
        span,
        label="only `in` and `in~` take it here",
        help=f"write `not {field} {operator} …`",
    )


@entry("missing-word", Severity.ERROR)
def missing_word(*, span: Span, before: Span) -> Body:
    """Two conditions have no `and` or `or` between them.

    For example:

        process where process.name == "a" and process.pid == 1
    """
    return Body(
        "found a new condition, expected `and` or `or` before it",
        span,
        label="`and` or `or` is missing before this",
        also=(Label(before, "the condition before ends here"),),
        help="join the two conditions by `and` or `or`",
    )


@entry("missing-comparison", Severity.ERROR)
def missing_comparison(field: str, *, is_list: bool, span: Span, before: Span) -> Body:
    """A field and a value have no operator between them.

    For example:

        process where process.name == "cmd.exe" and process.pid in (1, 2)
    """
    operators = "`in`, `in~`, `:`, `like`" if is_list else "`==`, `:`, `like`"
    return Body(
        f"found {'a list' if is_list else 'a value'} after `{field}`, expected an operator between",
        span,
        label="an operator is missing before this",
        also=(Label(before, "the field"),),
        help=f"write one of {operators} …",
    )


@entry("misspelt-word", Severity.ERROR)
def misspelt(found: str, keyword: str, *, span: Span) -> Body:
    """A word is at the place of an operator, and is almost one.

    For example:

        process where process.name == "a" and process.pid == 1
    """
    return Body(
        f"found `{found}`, expected an operator",
        span,
        label="no operator",
        help=f"did you mean `{keyword}`?",
    )


@entry("run-on-word", Severity.ERROR)
def run_on_word(found: str, keyword: str, *, span: Span) -> Body:
    """The blank after `and` or `or` is missing.

    For example:

        process where process.name == "a" and process.pid == 1
    """
    return Body(
        f"found `{found}`, expected `{keyword}` and a blank",
        span,
        label="a blank is missing after this",
        help=f"write `{keyword} {found[len(keyword) :]}`",
    )


@entry("missing-where", Severity.ERROR)
def missing_where(category: str, *, span: Span, category_span: Span) -> Body:
    """`where` is missing between the category and the condition.

    For example:

        process where process.name == "cmd.exe"
    """
    return Body(
        f"found no `where` after `{category}`",
        span,
        label="`where` is missing before this",
        also=(Label(category_span, "the category"),),
        help=f"write `{category} where …`",
    )


@entry("missing-category", Severity.ERROR)
def missing_category(*, span: Span) -> Body:
    """A condition has no category and `where` before it.

    Every filter begins with the category of its events, or with `any`.

        any where process.name == "cmd.exe"
    """
    return Body(
        "found a condition without its category and `where`",
        span,
        label="a category is missing before this",
        help="begin with `process where …`, or with `any where …` for every category",
    )


@entry("missing-sequence", Severity.ERROR)
def missing_sequence(*, span: Span) -> Body:
    """Filters in brackets have no `sequence` or `sample` before them.

    For example:

        sequence by host.id [process where true] [network where true]
    """
    return Body(
        "found a filter in brackets, expected `sequence` or `sample` before it",
        span,
        label="the first filter",
        help="begin with `sequence by …`, or write one filter without brackets",
    )


@entry("missing-with", Severity.ERROR)
def missing_with(*, span: Span) -> Body:
    """`maxspan` is in the wrong place, or has no `with`.

    For example:

        sequence by host.id with maxspan=30s [process where true] [network where true]
    """
    return Body(
        "found `maxspan` where it cannot stand",
        span,
        label="not here",
        help="write `with maxspan=…` directly after the keys of the sequence",
    )


@entry("clause-order", Severity.ERROR)
def clause_order(*, span: Span) -> Body:
    """`by` follows `with`.

    The keys come first.

        sequence by host.id with maxspan=30s [process where true] [network where true]
    """
    return Body(
        "found `by` after `with`, expected it before",
        span,
        label="too late",
        help="write `by …` before `with …`",
    )


@entry("key-is-no-field", Severity.ERROR)
def key_is_no_field(*, span: Span) -> Body:
    """A key after `by` is not a plain field.

    For example:

        sequence by host.id, user.name [process where true] [network where true]
    """
    return Body(
        "found a key that is no field",
        span,
        label="not a field",
        help="keys are plain fields, such as `host.id`",
    )


@entry("in-without-brackets", Severity.ERROR)
def in_without_brackets(word: str, *, span: Span) -> Body:
    """`in` is followed by a value without brackets.

    For example:

        process where process.name in ("cmd.exe")
    """
    return Body(
        f"found a value directly after `{word}`, expected a list in brackets",
        span,
        label="a list needs brackets",
        help=f"write `{word} (…)`, or `==` for one value",
    )
