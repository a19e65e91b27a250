"""What is said about types: conditions, operands, functions, join keys (spec §2, §7)."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Label, Severity
from eqlx.source import Span

# --- conditions and operands ------------------------------------------------------------------


@entry("not-a-condition", Severity.ERROR)
def not_a_condition(found: str, hint: str | None = None, *, span: Span) -> Body:
    """A condition is expected here, and what was found is neither true nor false.

    A filter, and each side of `and`, `or` and `not`, must be a comparison, a function that gives a
    boolean, or a boolean field. Elasticsearch refuses anything else.

        process where process.pid          (a number)
        process where process.pid != null
    """
    return Body(
        f"found {found}, expected a condition",
        span,
        label="neither true nor false",
        help=hint or "compare it with something, as in `… != null`",
    )


@entry("operand-not-text", Severity.ERROR)
def operand_not_text(operator: str, found: str, help: str, *, span: Span) -> Body:  # noqa: A002 the diagnostic's own word
    """The left side of `:`, `in~`, `like` or `regex` is not a string.

    These compare strings. Elasticsearch refuses them for numbers, booleans, dates, versions and
    addresses. Use `==` or `in` there, and `cidrMatch` for networks.

        process where process.pid : 4
        process where process.pid == 4
    """
    return Body(
        f"`{operator}` compares text, found {found}", span, label="this is not text", help=help
    )


@entry("pattern-not-text", Severity.ERROR)
def pattern_not_text(operator: str, found: str, *, span: Span) -> Body:
    """The right side of `:`, `like` or `regex` is not a string.

    A pattern is a string constant or a list of them. Compare other values with `==` or `in`, and
    test for a missing value with `== null`.

        process where process.exit_code : null
        process where process.exit_code == null
    """
    tip = "write `== null`" if found == "null" else "compare with `==` or `in`"
    return Body(
        f"`{operator}` takes text, found {found}", span, label="expected a string", help=tip
    )


@entry("operand-not-number", Severity.ERROR)
def operand_not_number(operator: str, found: str, *, span: Span) -> Body:
    """Arithmetic needs numbers.

    Elasticsearch refuses arithmetic on other types. `number(…)` makes a number of a string that
    holds one.

        process where process.pid + "1" == 5
        process where process.pid + 1 == 5
    """
    return Body(
        f"`{operator}` takes numbers, found {found}",
        span,
        label="this is not a number",
        help="`number(…)` reads a number from a string",
    )


@entry("list-element-type", Severity.ERROR)
def list_element_type(expected: str, found: str, *, span: Span, of: Span) -> Body:
    """An element of an `in` list has another type than the left side.

    Elasticsearch checks every element of a list, although it does not check `==`.

        network where destination.port in (80, "443")
        network where destination.port in (80, 443)
    """
    return Body(
        f"found {found} in a list for {expected}",
        span,
        label=f"expected {expected}",
        also=(Label(of, f"this is {expected}"),),
    )


@entry("list-of-nulls", Severity.ERROR)
def list_of_nulls(*, span: Span) -> Body:
    """An `in` list holds nothing but null.

    Null elements of a list never match, so such a list is surely a mistake; what Elasticsearch does
    with it is not documented.

        process where user.id in (null)
        process where user.id == null
    """
    return Body(
        "found a list of nulls, expected values", span, label="no value", help="write `== null`"
    )


@entry("not-a-constant", Severity.ERROR)
def not_a_constant(where: str, *, span: Span) -> Body:
    """An element of an `in` list or the count of a pipe is not constant.

    Elasticsearch needs to know these before it sees any event: strings, numbers, `true`, `false`,
    or arithmetic of such.

        process where process.pid in (process.parent.pid)
    """
    return Body(
        f"{where} must be constant",
        span,
        label="this is not constant",
        help="write a string, a number, `true` or `false`",
    )


@entry("fields-compared", Severity.ERROR)
def fields_compared(*, span: Span, other: Span, text: str | None = None) -> Body:
    """A comparison has a field on both sides.

    Elasticsearch compares fields with constants only. Two fields may be arguments of one function, as in
    `startsWith(file.path, process.working_directory)`; a sequence compares fields of different
    events through its join keys.

        process where process.name == process.parent.name
    """
    return Body(
        "found a comparison of two fields, expected a constant on one side",
        span,
        label="not constant",
        also=(Label(other, "nor is this"),),
        help=f'for a text write `"{text}"`'
        if text
        else "two fields may stand in one function, as in `stringContains(a, b)`",
    )


@entry("order-of-booleans", Severity.ERROR)
def order_of_booleans(operator: str, *, span: Span) -> Body:
    """A boolean is compared with `<`, `<=`, `>` or `>=`.

    What Elasticsearch makes of that is not documented, so it is not guessed.

        process where process.interactive < true
        process where process.interactive == false
    """
    return Body(
        f"`{operator}` does not order booleans",
        span,
        label="this is a boolean",
        help="compare with `== true` or `== false`",
    )


@entry("unsupported-field-type", Severity.ERROR)
def unsupported_field_type(name: str, *, span: Span) -> Body:
    """The field has a type that EQL cannot use.

    Ranges, geographic types, and objects (`nested` ones and those that only hold other fields) are
    refused by Elasticsearch.

        network where source.geo.location != null
        network where source.geo.country_iso_code != null
    """
    return Body(
        f"field `{name}` has a type that EQL does not support", span, label="cannot be used"
    )


# --- functions --------------------------------------------------------------------------------


@entry("unknown-function", Severity.ERROR)
def unknown_function(
    name: str,
    instead: str | None,
    nearest: str | None,
    *,
    span: Span,
) -> Body:
    """There is no function of that name.

    EQL has `add between cidrMatch concat divide endsWith indexOf length modulo multiply number
    startsWith string stringContains substring subtract`, in any letter case.

        process where lower(process.name) == "a"
        process where process.name : "a"
    """
    tip = instead if instead is not None else nearest and f"did you mean `{nearest}`?"
    return Body(f"unknown function `{name}`", span, label="not a function of EQL", help=tip)


@entry("argument-count", Severity.ERROR)
def argument_count(name: str, usage: str, found: int, expected: str, *, span: Span) -> Body:
    """A function is given too few or too many arguments.

    The help shows how the function is called, with what may be left out in `[…]`.

        process where length() > 5
        process where length(process.name) > 5
    """
    return Body(
        f"`{name}` is given {found} argument{'' if found == 1 else 's'}, expected {expected}",
        span,
        label=f"expected {expected}",
        help=f"usage: `{usage}`",
    )


@entry("argument-type", Severity.ERROR)
def argument_type(name: str, parameter: str, expected: str, found: str, *, span: Span) -> Body:
    """An argument of a function has the wrong type.

    Elasticsearch checks the arguments before it searches. `string(…)` makes a string of any value,
    `number(…)` a number of a string.

        process where length(process.pid) > 5
        process where length(string(process.pid)) > 5
    """
    return Body(
        f"`{parameter}` of `{name}` takes {expected}, found {found}",
        span,
        label=f"expected {expected}",
    )


@entry("function-has-no-case", Severity.ERROR)
def function_has_no_case(name: str, *, span: Span) -> Body:
    """A function is written with `~`, but letter case does not matter to it.

    Only `between`, `endsWith`, `indexOf`, `startsWith` and `stringContains` have a form that
    ignores letter case.

        process where length~(process.name) > 5
        process where length(process.name) > 5
    """
    return Body(
        f"`{name}` has no form that ignores letter case",
        span,
        label="`~` has no meaning here",
        help=f"write `{name}`",
    )


# --- sequences, samples, pipes ----------------------------------------------------------------


@entry("join-key-types-differ", Severity.ERROR)
def join_key_types_differ(first: str, second: str, *, span: Span, other: Span) -> Body:
    """Join keys at the same place have types that cannot be equal.

    Elasticsearch compares join keys by value and type, so a string never joins with a number.

        sequence [process where true] by process.pid [file where true] by process.name
    """
    return Body(
        f"join key of type {second}, expected {first}",
        span,
        label=f"this is {second}",
        also=(Label(other, f"this is {first}"),),
    )


@entry("limit-not-a-count", Severity.ERROR)
def limit_not_a_count(pipe: str, found: str, *, span: Span) -> Body:
    """The argument of `head` or `tail` is not a whole number from 0 on.

    It says how many of the first or last matches are kept, and may be calculated from constants.

        process where true | head 10
    """
    return Body(
        f"`{pipe}` takes a whole number, found {found}", span, label="expected a whole number"
    )


@entry("size-of-a-sample", Severity.WARNING)
def size_of_a_sample(size: int) -> Body:
    """A limit was asked for, but a sample has none: it gives one result for every key.

    In EQL a sample takes no pipes, and the order in which Elasticsearch finds samples is not that
    of time, so that cutting it would choose keys at random.

    Example: `eqlx run rules --events events.ndjson --size 10` with a sample among the rules.
    """
    return Body(f"the limit of {size} does not apply to a sample")
