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
    """A text is compared by `!:`, which older EQL had.

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


@entry("stray-tilde", Severity.ERROR)
def stray_tilde(*, span: Span) -> Body:
    """A `~` stands where it belongs to no word.

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
    """Two comparisons stand in a row, as in `a < b < c`.

    network where destination.port >= 1024 and destination.port <= 2048
    """
    return Body(
        "found a second comparison of one value",
        span,
        label="the second",
        also=(Label(first, "the first"),),
        help="join two comparisons by `and`",
    )


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


@entry("single-quotes", Severity.ERROR)
def single_quotes(value: str, *, span: Span) -> Body:
    """A string stands in single quotes.

    Strings stand in double quotes, or in three double quotes where nothing is to be escaped.

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
    r"""A raw string is written `?"…"`, as in older EQL.

    Three double quotes on each side took its place.

        file where file.path : \"\"\"C:\\Windows\\*\"\"\"
    """
    return Body(
        'found `?"…"`, the raw string of older EQL',
        span,
        label="no longer a string",
        help='write `"""…"""`',
    )


@entry("smart-quotes", Severity.ERROR)
def smart_quotes(*, span: Span) -> Body:
    """A string stands in typographic quotes, which a word processor or a web page made.

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

    Often it is a blank that is no plain blank, copied from a web page, or invisible.

        any where true
    """
    return Body(
        f"found a character that EQL does not know: {name} (U+{code})",
        span,
        label="this character",
        help="remove it, or put a plain blank in its place",
    )


@entry("letter-in-name", Severity.ERROR)
def letter_in_name(letter: str, *, span: Span) -> Body:
    """A name has a letter beyond a to z.

    Plain names have letters of ASCII, digits, `_` and `@`; others stand in backticks.

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

    any where true /* all events */
    """
    return Body(
        "found `\\*`, expected `/*` for a comment",
        span,
        label="the wrong slash",
        help="write `/* … */`",
    )


@entry("backslash-outside", Severity.ERROR)
def backslash_outside(*, span: Span) -> Body:
    r"""A backslash stands outside of a string.

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
    """A value stands without quotes.

    Texts, patterns, addresses and networks are strings in EQL.

        network where cidrMatch(destination.ip, "10.0.0.0/8") and process.name : "cmd*"
    """
    written = f'`"{text}"`' if len(text) < 50 else '`"…"`'
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
    """Two elements of a list stand without a comma between them.

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
    """A list stands in brackets twice.

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
    """`not` stands between a field and an operator other than `in`.

    Only `in` and `in~` take `not` before them; elsewhere it stands before the field.

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
    """Two conditions stand side by side without `and` or `or`.

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
    """A field and a value stand side by side without an operator.

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
    """A word where only an operator can stand is nearly an operator.

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

    process where process.name == "a" and process.pid == 1
    """
    return Body(
        f"found `{found}`, expected `{keyword}` and a blank",
        span,
        label="a blank is missing after this",
        help=f"write `{keyword} {found[len(keyword) :]}`",
    )


@entry("word-operator", Severity.ERROR)
def word_operator(found: str, instead: str, *, span: Span) -> Body:
    """A word of another language stands as an operator: `contains`, `startswith`, `is`.

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


@entry("missing-where", Severity.ERROR)
def missing_where(category: str, *, span: Span, category_span: Span) -> Body:
    """`where` is missing between the category and the condition.

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
    """`maxspan` stands in the wrong place, or without `with`.

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
    """A key after `by` is no plain field.

    sequence by host.id, user.name [process where true] [network where true]
    """
    return Body(
        "found a key that is no field",
        span,
        label="not a field",
        help="keys are plain fields, such as `host.id`",
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
    """The marker of an unfinished merge stands in the query.

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
    """The text seems to be a query in another language.

    An EQL query begins with a category and `where`, or with `sequence` or `sample`:

        process where process.name : "cmd.exe" and user.id != null
    """
    return Body(
        f"found what looks like {language}, expected EQL",
        span,
        label="no category and `where`",
        help='EQL begins with a category: `process where process.name : "cmd.exe"`',
    )


@entry("in-without-brackets", Severity.ERROR)
def in_without_brackets(word: str, *, span: Span) -> Body:
    """`in` is followed by a value without brackets.

    process where process.name in ("cmd.exe")
    """
    return Body(
        f"found a value directly after `{word}`, expected a list in brackets",
        span,
        label="a list needs brackets",
        help=f"write `{word} (…)`, or `==` for one value",
    )
