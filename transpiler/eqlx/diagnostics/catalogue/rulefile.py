"""What is said about rule files: files that cannot be read, and rules that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Severity
from eqlx.source import Span


def _listed(names: Sequence[str]) -> str:
    """`a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


@entry("rule-file-not-found", Severity.ERROR)
def rule_file_not_found(path: str, *, is_query: bool = False) -> Body:
    """A path on the command line is neither a file nor a folder.

    Relative paths start at the current folder. A query is given with `--query TEXT`, a rule on
    standard input with `-`.

    Example: `eqlx check rules/persistence` for a folder, `eqlx check rule.toml` for a file.
    """
    if is_query:
        return Body(f"no file or folder `{path}`", help="a query is given with `-q`")
    return Body(f"no file or folder `{path}`", help="give a rule file, a folder of them, or `-`")


@entry("rule-file-unreadable", Severity.ERROR)
def rule_file_unreadable(path: str, reason: str) -> Body:
    """The operating system refuses to read a file or a folder.

    The reason is the system's own. The other rules of the batch are not affected.

    Example: `permission denied`; change the file's permissions.
    """
    return Body(f"cannot read `{path}`: {reason}")


@entry("rule-file-not-utf8", Severity.ERROR)
def rule_file_not_utf8(path: str, line: int, offset: int) -> Body:
    """A rule file holds bytes that are not UTF-8.

    TOML, JSON and EQL are UTF-8 by definition; in another encoding the same bytes are other
    characters, so that a condition would compare with another value.

    Example: a file saved as UTF-16 or Windows-1252; save it as UTF-8.
    """
    return Body(
        f"`{path}` is not UTF-8 text: byte {offset}, in line {line}, starts no character",
        help="save the file as UTF-8",
    )


@entry("rule-file-is-binary", Severity.ERROR)
def rule_file_is_binary(path: str, kind: str) -> Body:
    """A file that was given as a rule is of a kind that holds no rules, told by its first bytes.

    Event files are named by `--events`; archives must be unpacked.

        eqlx run rules --events events.parquet
    """
    return Body(
        f"`{path}` is {kind}, expected a rule file",
        help="rules are `.toml`, `.json`, `.ndjson` or `.eql`; events belong after `--events`",
    )


@entry("broken-toml", Severity.ERROR)
def broken_toml(reason: str, *, span: Span | None) -> Body:
    r"""A rule file is not valid TOML, so eqlx cannot read any of it.

    Often a string that is not closed, or a backslash in a `"..."` string: Windows paths belong
    into `'''...'''`, where backslashes are plain characters.

    Example: `query = "C:\Windows"` is an invalid escape; write `query = '''C:\Windows'''`.
    """
    return Body(f"invalid TOML: {reason}", span, label="reading stopped here")


@entry("broken-json", Severity.ERROR)
def broken_json(reason: str, *, span: Span | None) -> Body:
    """A rule export is not valid JSON. In an NDJSON file, eqlx leaves out the line and reads the others.

    Kibana's export has one rule a line. A JSON file may hold one rule or an array of rules.

    Example: `{"name": "x",}` has a comma too many; write `{"name": "x"}`.
    """
    return Body(f"invalid JSON: {reason}", span, label="reading stopped here")


@entry("not-a-rule", Severity.ERROR)
def not_a_rule(expected: str, *, span: Span | None = None) -> Body:
    """A file that was given as a rule holds none.

    A detection-rules TOML file has a table `[rule]`; an object of a Kibana export has `rule_id`,
    `type` or `query`.

    Example: a configuration file among the arguments; leave it out.
    """
    return Body(f"no rule here: expected {expected}", span)


@entry("file-without-rule", Severity.NOTE)
def file_without_rule(expected: str) -> Body:
    """A file in a folder looks like a rule file by its name and holds no rule; it is skipped.

    Given by its own path, such a file is an error (`not-a-rule`).

    Example: `package.json` beside the rules.
    """
    return Body(f"skipped, no rule here: expected {expected}")


@entry("no-rule-files", Severity.WARNING)
def no_rule_files(path: str, suffixes: Sequence[str]) -> Body:
    """A folder holds no file that could be a rule.

    Folders are searched to the bottom, hidden ones left out; only known file names count.

    Example: a folder of `.txt` files; rename them to `.eql`.
    """
    return Body(f"no rule files under `{path}`", help=f"rule files end in {_listed(suffixes)}")


@entry("missing-query", Severity.ERROR)
def missing_query(*, span: Span | None = None) -> Body:
    """A rule has no query.

    Example: `[rule]` without `query = '''process where true'''`.
    """
    return Body("the rule has no `query`", span, help="add `query = '''<category> where ...'''`")


@entry("blank-query", Severity.ERROR)
def empty_query(*, span: Span | None = None) -> Body:
    """A rule's query holds nothing but white space.

    Example: `query = ""`; a query that matches every event is `any where true`.
    """
    return Body(
        "the query is empty", span, help="a query that matches every event is `any where true`"
    )


@entry("wrong-key-type", Severity.ERROR)
def wrong_key_type(key: str, expected: str, found: str, *, span: Span | None = None) -> Body:
    """A rule's key holds a value of another kind than it must.

    A value that is guessed at could point the converted rule at other data (`index`), other times
    (`interval`) or other alerts; so the rule is refused.

    Example: `index = "logs-*"`; write `index = ["logs-*"]`.
    """
    return Body(f"`{key}` is {found}, expected {expected}", span, label=f"expected {expected}")


@entry("rule-key-left-out", Severity.WARNING)
def rule_key_left_out(key: str, expected: str, found: str, *, span: Span | None = None) -> Body:
    """A key that only describes a rule holds a value of another kind than it must, and is left out.

    The rule is converted without it, since the key has no part in which events match. A key that
    says what is searched (`index`, `from`, `timestamp_field`) is an error instead:
    `wrong-key-type`.

    Example: `tags = "Windows"`; write `tags = ["Windows"]`.
    """
    return Body(
        f"`{key}` is {found}, expected {expected}: the rule is read without it",
        span,
        label=f"expected {expected}",
    )


@entry("duplicate-rule-id", Severity.WARNING)
def duplicate_rule_id(rule_id: str, other: str, *, span: Span | None = None) -> Body:
    """Two rules of one run have the same id.

    Both are converted, but whatever is kept by id (files of a folder, alerts, exceptions) sees
    only one of them.

    Example: a copied rule file; give the copy a `rule_id` of its own.
    """
    return Body(
        f"rule id `{rule_id}` is taken by `{other}`", span, help="give each rule an id of its own"
    )


@entry("unknown-rule-keys", Severity.NOTE)
def unknown_rule_keys(keys: Sequence[str], *, span: Span | None = None) -> Body:
    """A rule has keys that neither detection-rules nor Kibana use.

    They are kept with the rule (`extra`), and no target uses them. A known key that is misspelt
    has no effect.

    Example: `intervall = "5m"`; write `interval`.
    """
    return Body(f"unknown {'key' if len(keys) == 1 else 'keys'} {_listed(keys)}", span)


@entry("rule-parts-not-converted", Severity.WARNING)
def rule_parts_not_converted(keys: Sequence[str], *, span: Span | None = None) -> Body:
    """Parts of a rule outside of its query, which limit its alerts in Kibana, are not converted.

    `filters` and `exceptions_list` take events away, `alert_suppression` folds alerts into one. A
    target gets the query alone, so the converted rule alerts more often (widens). Filters that are
    disabled do not count, and exception items that stand in the same export become part of the
    query (`and not (…)`), except those with a value list, nested entries, an operating system or an
    end date.

    Example: put the condition of a filter into the query.
    """
    return Body(
        f"{_listed(keys)} outside of the query {'is' if len(keys) == 1 else 'are'} not converted: "
        "the result alerts more often",
        span,
        help="put the conditions into the query where they must hold",
    )


@entry("rules-in-other-languages", Severity.NOTE)
def rules_in_other_languages(counts: Mapping[str, int]) -> Body:
    """Rules that are not written in EQL were skipped.

    Kibana has rules in KQL (`kuery`), Lucene and ES|QL, and machine-learning jobs; eqlx converts
    EQL only.

    Example: a folder of detection-rules, which mixes the languages.
    """
    total = sum(counts.values())
    each = ", ".join(f"{count} {language}" for language, count in sorted(counts.items()))
    return Body(f"skipped {total} {'rule' if total == 1 else 'rules'} in other languages ({each})")
