"""What is said about constants: literals, patterns and networks (spec §2, §4, §7)."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Label, Severity
from eqlx.source import Span

# --- literals ---------------------------------------------------------------------------------


@entry("literal-does-not-fit", Severity.ERROR)
def literal_does_not_fit(found: str, type: str, help: str, *, span: Span, of: Span) -> Body:  # noqa: A002 the diagnostic's own words
    """A constant cannot be a value of the field that it is compared with.

    Elasticsearch accepts such a query and then fails the whole search when it runs, because the
    constant cannot be read as the field's type.

        process where process.pid == "cmd.exe"
        process where process.pid == 4
    """
    return Body(
        f"{found} is no value of a field of type {type}",
        span,
        label=f"not {type}",
        also=(Label(of, f"this is {type}"),),
        help=help,
    )


@entry("literal-converted", Severity.WARNING)
def literal_converted(found: str, taken: str, type: str, *, span: Span) -> Body:  # noqa: A002 the diagnostic's own word
    """A constant has another type than the field that it is compared with, and is read as that.

    Elasticsearch does not check the types of `==` and `<`; it reads the constant's string as a value
    of the field. That may not be what was meant: strings order `"10"` before `"9"`.

        process where process.pid == "4"
        process where process.pid == 4
    """
    return Body(
        f"found {found}, taken as {taken} for a field of type {type}",
        span,
        label=f"taken as {taken}",
        help=f"write {taken}",
    )


@entry("date-arithmetic", Severity.ERROR)
def date_arithmetic(text: str, *, span: Span) -> Body:
    """A date is given relative to now (`now-1d`, `2026-01-01||+1M`).

    Whether EQL passes such dates on to Elasticsearch's date arithmetic is not documented, and other
    engines do not know it. Write the instant, or give the time range of the rule in its file.

        any where @timestamp > "now-1d"
        any where @timestamp > "2026-01-01T00:00:00Z"
    """
    return Body(
        f"date arithmetic `{text}` is not supported",
        span,
        label="relative to now",
        help='write an instant, as in `"2026-01-01T00:00:00Z"`, or leave it to the time range of the'
        " rule (`from`)",
    )


@entry("constant-fails", Severity.ERROR)
def constant_fails(reason: str, *, span: Span) -> Body:
    """A constant expression has no value: a division by zero, an overflow, or a string that is not a number.

    Elasticsearch computes constants before the search, and fails it.

        process where process.pid == 1 / 0
    """
    return Body(f"this constant cannot be computed: {reason}", span, label=reason)


# --- patterns and networks --------------------------------------------------------------------


@entry("invalid-regex", Severity.ERROR)
def invalid_regex(dialect: str, reason: str, offset: int, *, span: Span) -> Body:
    r"""A regular expression cannot be read.

    On a field, `regex` takes Lucene's dialect: the whole value must match, `^` and `$` are not
    anchors, and `" # & < > @ ~` are operators unless a backslash precedes them. On a computed
    value it takes Java's.

        process where process.name regex "a(b"
        process where process.name regex "a\\(b"
    """
    return Body(
        f"{reason} in a regular expression of {dialect}",
        span,
        label=f"at character {offset + 1}",
    )


@entry("invalid-network", Severity.ERROR)
def invalid_network(text: str, reason: str, *, span: Span) -> Body:
    """An address or network cannot be read.

    A network is an address, or an address, a slash and a prefix length.

        network where cidrMatch(source.ip, "10.0.0.0/33")
        network where cidrMatch(source.ip, "10.0.0.0/8")
    """
    return Body(f"`{text}` is no address and no network: {reason}", span, label="cannot be read")


@entry("network-of-no-address", Severity.ERROR)
def network_of_no_address(found: str, *, span: Span) -> Body:
    """The first argument of `cidrMatch` is not a field of type ip.

    Elasticsearch looks networks up in its index of addresses; a string that holds an address is not in that index.

        network where cidrMatch(host.name, "10.0.0.0/8")
        network where cidrMatch(host.ip, "10.0.0.0/8")
    """
    return Body(
        f"`cidrMatch` takes an ip field, found {found}",
        span,
        label="not of type ip",
        help="name a field that holds addresses, or give its type with `--schema FILE`",
    )


@entry("literal-in-wildcard-function", Severity.NOTE)
def literal_in_wildcard_function(function: str, *, span: Span) -> Body:
    r"""The constant of `endsWith` or `stringContains` holds `*`, `?` or `\`.

    By Elastic's function reference the constant is a literal string, and every target of eqlx treats it
    so. Some versions of Elasticsearch put it into a wildcard pattern unescaped, where `*` and `?`
    are wildcards and a backslash escapes the character after it.

        file where endsWith(file.path, "\\a.exe")      (some versions ignore the backslash)
        file where file.path like "*\\a.exe"           (the same everywhere)
    """
    return Body(
        f"`{function}` takes this as literal text; some versions of Elasticsearch read a wildcard "
        "pattern",
        span,
        label="`*`, `?` and `\\` are literal here",
        help="`like` with a wildcard pattern means the same in every version",
    )
