"""What is said of forms that older EQL or another language has, each with the form to write."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Label, Severity
from eqlx.source import Span


@entry("removed-function", Severity.ERROR)
def removed_function(name: str, instead: str, *, span: Span) -> Body:
    """A function of older EQL is called that Elasticsearch does not have.

    `wildcard` and `matchLite` became operators:

        process where process.name like~ ("cmd*", "power*")
    """
    return Body(
        f"found the function `{name}` of older EQL, which is no longer there",
        span,
        label="no longer there",
        help=instead,
    )


@entry("single-equals", Severity.ERROR)
def single_equals(*, span: Span) -> Body:
    """Values are compared by `=`.

    Equality is `==` (letter case counts) or `:` (letter case does not count, and `*` and `?` are
    wildcards).

        process where process.name == "cmd.exe"
    """
    return Body(
        "found `=`, expected `==`",
        span,
        label="one `=` compares nothing",
        help="write `==`, or `:` to ignore letter case",
    )


@entry("not-matches", Severity.ERROR)
def not_matches(field: str, *, span: Span) -> Body:
    """A string is compared with `!:`, an operator of older EQL.

    For example:

        process where not process.name : "cmd*"
    """
    return Body(
        "found `!:`, which EQL no longer has",
        span,
        label="no such operator",
        help=f'write `not {field} : "…"`',
    )


@entry("foreign-sign", Severity.ERROR)
def foreign_sign(found: str, instead: str, *, span: Span) -> Body:
    """An operator of another language is used: `&&`, `||`, `!`, `<>`, `===`, `=~`.

    EQL writes `and`, `or`, `not`, `!=`, `==`, and `:` or `like~` and `regex~` for patterns.

        process where process.name != "cmd.exe" and not process.args : "/c"
    """
    return Body(
        f"found `{found}`, which is no operator of EQL",
        span,
        label="no such operator",
        help=f"write `{instead}`",
    )


@entry("wrong-brackets", Severity.ERROR)
def wrong_brackets(found: str, *, span: Span) -> Body:
    """A list is written in `[…]` or `{…}`.

    Lists have round brackets; square ones hold the steps of a sequence.

        process where process.name in ("cmd.exe", "powershell.exe")
    """
    return Body(
        f"found `{found}`, expected `(`",
        span,
        label="lists have round brackets",
        help="write the list in `(…)`",
    )


@entry("needless-sign", Severity.ERROR)
def needless_sign(found: str, instead: str | None, *, span: Span) -> Body:
    """EQL does not use this sign here: `;` at the end, `$` before a name, `:` after `where`.

    For example:

        process where process.name in ("cmd.exe", "powershell.exe")
    """
    tip = f"write `{instead}`" if instead else f"remove `{found}`"
    return Body(f"found `{found}`, which EQL does not use here", span, label="no meaning", help=tip)


@entry("stray-tilde", Severity.ERROR)
def stray_tilde(*, span: Span) -> Body:
    """A `~` does not follow a word that it belongs to.

    It makes `in`, `like`, `regex` and functions ignore letter case, and follows the word without
    a blank.

        process where process.name in~ ("cmd.exe", "POWERSHELL.EXE")
    """
    return Body(
        "found `~`, expected it directly after `in`, `like`, `regex` or a function's name",
        span,
        label="belongs to nothing",
        help='for equality that ignores letter case write `: "…"`',
    )


@entry("comparison-chain", Severity.ERROR)
def comparison_chain(*, span: Span, first: Span) -> Body:
    """Two comparisons follow each other, as in `a < b < c`.

    For example:

        network where destination.port >= 1024 and destination.port <= 2048
    """
    return Body(
        "found a second comparison of one value",
        span,
        label="the second",
        also=(Label(first, "the first"),),
        help="join two comparisons by `and`",
    )


@entry("single-quotes", Severity.ERROR)
def single_quotes(value: str, *, span: Span) -> Body:
    """A string is written in single quotes.

    Write strings in double quotes, or in three double quotes where nothing is to be escaped.

        process where process.name == "cmd.exe"
    """
    raw = "\\" in value or '"' in value
    written = f'"""{value}"""' if raw else f'"{value}"'
    return Body(
        "found a string in single quotes, expected double quotes",
        span,
        label="single quotes",
        help=f"write `{written}`" if len(written) < 60 else 'write `"…"`',
    )


@entry("old-raw-string", Severity.ERROR)
def old_raw_string(*, span: Span) -> Body:
    r'''A raw string is written `?"…"`, as in older EQL.

    Three double quotes on each side took its place.

        file where file.path : """C:\\Windows\\*"""
    '''
    return Body(
        'found `?"…"`, the raw string of older EQL',
        span,
        label="no longer a string",
        help='write `"""…"""`',
    )


@entry("smart-quotes", Severity.ERROR)
def smart_quotes(*, span: Span) -> Body:
    """A string is written in typographic quotes, which a word processor or a web page made.

    For example:

        process where process.name == "cmd.exe"
    """
    return Body(
        "found typographic quotes, expected plain double quotes",
        span,
        label="not plain quotes",
        help='write `"…"`',
    )


@entry("strange-character", Severity.ERROR)
def strange_character(name: str, code: str, *, span: Span) -> Body:
    """There is a character outside of strings and comments that EQL does not know.

    Often it is a special blank that was copied from a web page, or a character that is invisible.

        any where true
    """
    named = f"{name} (U+{code})" if name else f"U+{code}"
    return Body(
        f"found a character that EQL does not know: {named}",
        span,
        label="this character",
        help="remove it, or put a plain blank in its place",
    )


@entry("letter-in-name", Severity.ERROR)
def letter_in_name(letter: str, *, span: Span) -> Body:
    """A name has a letter beyond a to z.

    Plain names have ASCII letters, digits, `_` and `@`. Put other names in backticks.

        any where `größe` > 5
    """
    return Body(
        f"found the letter `{letter}` in a name",
        span,
        label="beyond a to z",
        help="put the name in backticks",
    )


@entry("hash-comment", Severity.ERROR)
def hash_comment(*, span: Span) -> Body:
    """A comment begins with `#`.

    For example:

        any where true // all events
    """
    return Body(
        "found a comment that begins with `#`",
        span,
        label="no comment in EQL",
        help="write `//` before a comment",
    )


@entry("backslash-comment", Severity.ERROR)
def backslash_comment(*, span: Span) -> Body:
    r"""A comment begins with `\*`.

    For example:

        any where true /* all events */
    """
    return Body(
        "found `\\*`, expected `/*` for a comment",
        span,
        label="the wrong slash",
        help="write `/* … */`",
    )


@entry("word-operator", Severity.ERROR)
def word_operator(found: str, instead: str, *, span: Span) -> Body:
    """A word of another language is used as an operator: `contains`, `startswith`, `is`.

    EQL has operators for patterns, and functions such as `stringContains(field, "…")`.

        process where process.command_line like~ "*secret*" and startsWith~(process.name, "cmd")
    """
    functions = {
        "contains": "stringContains~(field, …)",
        "startswith": "startsWith~(field, …)",
        "endswith": "endsWith~(field, …)",
    }
    function = functions.get(found.lower())
    also = f", or `{function}`" if function else ""
    return Body(
        f"found `{found}`, which is no operator of EQL",
        span,
        label="no such operator",
        help=f"write `{instead}`{also}",
    )


@entry("join-query", Severity.ERROR)
def join_query(*, span: Span) -> Body:
    """A query begins with `join`, which Elasticsearch does not support.

    Where order does not matter, `sample` takes its place.

        sample by host.id [process where true] [network where true]
    """
    return Body(
        "found `join`, which EQL no longer has",
        span,
        label="no longer there",
        help="write `sample by …`, or `sequence by …` where the order matters",
    )


@entry("process-lineage", Severity.ERROR)
def lineage(word: str, *, span: Span) -> Body:
    """A condition asks for the relation of processes: `child of`, `event of`, `descendant of`.

    Elasticsearch has no such relation. Parents are fields of the event; longer lines are
    sequences by `process.entity_id`.

        process where process.parent.name == "winword.exe"
    """
    return Body(
        f"found `{word} of`, which Elasticsearch does not support",
        span,
        label="process relations are not supported",
        help="use `process.parent.*`, or a sequence `by process.entity_id`",
    )


@entry("array-search", Severity.ERROR)
def array_search(name: str, *, span: Span) -> Body:
    """A condition on the entries of an array of objects, which only the endpoint's dialect has.

    `_arraysearch(field, $entry, …)` holds where one object of the array meets the whole condition.
    In Elasticsearch, objects in arrays lose their bounds: `a.b` holds the values of all of them, so
    that no condition can say that two values belong to one object.

        process where dll.name : "evil.dll" and dll.hash.sha256 == "…"

    This holds as well where one object has the name and another the hash (widens).
    """
    return Body(
        f"found `{name}`, which searches an array of objects: only the endpoint's dialect has it",
        span,
        label="no such function in Elasticsearch",
        help="compare the fields themselves, if it may hold across several objects of the array",
    )


@entry("event-alias", Severity.ERROR)
def event_alias(*, span: Span) -> Body:
    """A step of a sequence is given a name by `as`, as in the endpoint's dialect.

    Elasticsearch compares steps only by their keys.

        sequence by process.entity_id [process where true] [file where true]
    """
    return Body(
        "found a name for a step, which only the endpoint's dialect has",
        span,
        label="steps have no names",
        help="compare steps by keys: `by …`",
    )


@entry("array-index", Severity.ERROR)
def array_index(field: str, *, span: Span) -> Body:
    """One element of a field is asked for by its number.

    Elasticsearch keeps no order of a field's values; a condition holds if any value meets it.

        process where process.args == "-enc"
    """
    return Body(
        "found the index of an array, which Elasticsearch does not support",
        span,
        label="no indexes",
        help=f"write `{field}`: a condition holds if any of its values meets it",
    )


@entry("merge-marker", Severity.ERROR)
def merge_marker(*, span: Span) -> Body:
    """The query holds the marker of an unfinished merge.

    For example:

        any where true
    """
    return Body(
        "found the marker of an unfinished merge",
        span,
        label="left by version control",
        help="finish the merge: keep one side and remove the markers",
    )


@entry("foreign-language", Severity.ERROR)
def foreign_language(language: str, *, span: Span) -> Body:
    """The string seems to be a query in another language.

    An EQL query begins with a category and `where`, or with `sequence` or `sample`:

        process where process.name : "cmd.exe" and user.id != null
    """
    return Body(
        f"found what looks like {language}, expected EQL",
        span,
        label="no category and `where`",
        help='EQL begins with a category: `process where process.name : "cmd.exe"`',
    )
