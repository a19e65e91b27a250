"""What is said of sequences, samples and pipes that are written well and still not allowed."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Label, Severity
from eqlx.source import Span


@entry("maxspan-without-unit", Severity.ERROR)
def maxspan_without_unit(number: str, *, span: Span) -> Body:
    """`maxspan` has a number without its unit.

        sequence by host.id with maxspan=30s [process where true] [network where true]

    Units are `ms`, `s`, `m`, `h` and `d`.
    """
    return Body(
        f"found `{number}` without a unit, expected a duration",
        span,
        label="no unit",
        help=f"write `{number}s` for seconds; units are `ms`, `s`, `m`, `h` and `d`",
    )


@entry("bad-maxspan", Severity.ERROR)
def bad_maxspan(duration: str, *, span: Span) -> Body:
    """`maxspan` is not a positive whole number of units.

        sequence with maxspan=90s [process where true] [network where true]

    and not `1.5m`.
    """
    return Body(
        f"found the duration `{duration}`, expected a positive whole number and a unit",
        span,
        label="not a positive whole number",
        help="choose a smaller unit: `90s` for one and a half minutes",
    )


@entry("unknown-unit", Severity.ERROR)
def unknown_unit(unit: str, *, span: Span) -> Body:
    """`maxspan` has a unit that EQL does not know.

    Units are `ms`, `s`, `m`, `h` and `d`, in lower case.

        sequence with maxspan=5m [process where true] [network where true]
    """
    return Body(
        f"found the unit `{unit}`, expected one of `ms`, `s`, `m`, `h`, `d`",
        span,
        label="no such unit",
        help="`m` is minutes; for a longer time use `h` or `d`",
    )


@entry("unknown-term-option", Severity.ERROR)
def unknown_term_option(option: str, *, span: Span) -> Body:
    """After a step of a sequence, `with` is followed by something other than `runs`.

    For example:

        sequence by host.id [process where true] with runs=3
    """
    return Body(
        f"found `{option}`, expected `runs`",
        span,
        label="a step takes only `with runs=N`",
        help="`with maxspan=…` stands before the first step",
    )


@entry("bad-runs", Severity.ERROR)
def bad_runs(number: str, *, span: Span) -> Body:
    """`with runs` has a number outside 1 to 100.

    For example:

        sequence by host.id [process where true] with runs=3
    """
    return Body(
        f"found `{number}` runs, expected a whole number from 1 to 100",
        span,
        label="not from 1 to 100",
    )


@entry("unknown-pipe", Severity.ERROR)
def unknown_pipe(name: str, *, span: Span) -> Body:
    """A pipe is not one of `head` and `tail`.

    Only these two are left of the pipes of older EQL. Counting, sorting and filtering are done
    outside of the query; a `filter` is a further condition of the query itself.

        process where true | head 10
    """
    return Body(
        f"found the pipe `{name}`, expected `head` or `tail`",
        span,
        label="no such pipe",
        help={
            "filter": "add the condition to the query with `and`",
            "sort": "results always come in the order of time",
            "count": "count the results outside of the query",
            "unique": "remove duplicates outside of the query",
            "unique_count": "count the results outside of the query",
        }.get(name, "the pipes are `| head N` and `| tail N`"),
    )


@entry("pipe-arguments", Severity.ERROR)
def pipe_arguments(name: str, count: int, *, span: Span) -> Body:
    """`head` or `tail` has no number, or more than one.

    For example:

        process where true | head 10
    """
    return Body(
        f"found {count or 'no'} argument{'s' if count != 1 else ''} of `{name}`, expected one",
        span,
        label="one number follows",
        help=f"write `{name} 10`",
    )


@entry("sequence-too-short", Severity.ERROR)
def sequence_too_short(*, span: Span) -> Body:
    """A sequence has one step only.

    A sequence needs two steps, or one with `runs` of 2 or more.

        sequence by host.id [process where true] [network where true]
    """
    return Body(
        "found a sequence of one step, expected at least two",
        span,
        label="the only step",
        help="add a step, or `with runs=2`, or write the step as a plain event query",
    )


@entry("sequence-too-long", Severity.ERROR)
def sequence_too_long(count: int, *, span: Span) -> Body:
    """A sequence has more than 256 steps, repetitions by `runs` counted.

    For example:

        sequence by host.id [process where true] with runs=100
    """
    return Body(
        f"found a sequence of {count} steps, expected at most 256",
        span,
        label="too many steps, `runs` counted",
    )


@entry("key-count", Severity.ERROR)
def key_count(found: int, expected: int, *, span: Span, first: Span) -> Body:
    """The steps of a sequence or sample do not have the same number of keys.

    Keys after `sequence by` hold for every step; those after a step are added to them, and every
    step (that after `until` too) must have the same number.

        sequence [process where true] by process.pid [network where true] by process.parent.pid
    """
    return Body(
        f"found {found} keys at this step, expected {expected} as at the first step",
        span,
        label=f"{found} of its own",
        also=(Label(first, f"{expected} of its own"),),
        help="give each step `by` with the same number of fields",
    )


@entry("missing-without-maxspan", Severity.ERROR)
def missing_without_maxspan(*, span: Span, head: Span) -> Body:
    """A sequence with a missing event, `![…]`, has no `maxspan`.

    The absence of an event is judged within a time, so a time must be given.

        sequence by host.id with maxspan=5m [process where true] ![network where true]
    """
    return Body(
        "found a missing event in a sequence without `maxspan`",
        span,
        label="absent for how long?",
        also=(Label(head, "no `with maxspan=…` here"),),
        help="write `with maxspan=…` after the keys of the sequence",
    )


@entry("missing-only", Severity.ERROR)
def missing_only(*, span: Span) -> Body:
    """All steps of a sequence are missing events.

    At least one step must be an event that happens.

        sequence by host.id with maxspan=5m [process where true] ![network where true]
    """
    return Body(
        "found only missing events in a sequence, expected at least one event that happens",
        span,
        label="nothing here happens",
        help="write at least one step without `!`",
    )


@entry("not-in-until", Severity.ERROR)
def not_in_until(what: str, *, span: Span) -> Body:
    """The event after `until` is a missing event or has `runs`.

    For example:

        sequence by host.id [process where true] [network where true] until [process where true]
    """
    return Body(
        f"found {what} after `until`, expected a plain `[…]`",
        span,
        label="not possible after `until`",
    )


@entry("not-in-sample", Severity.ERROR)
def not_in_sample(what: str, *, span: Span, sample: Span) -> Body:
    """A sample has something that only sequences can have.

    Samples know no order of time: no `maxspan`, no `runs`, no `until`, no missing events, no
    pipes.

        sample by host.id [process where true] [network where true]
    """
    return Body(
        f"found `{what}` in a sample",
        span,
        label="not possible in a sample",
        also=(Label(sample, "this is a sample"),),
        help="use `sequence` if the order of the events matters, or remove it",
    )


@entry("sample-size", Severity.ERROR)
def sample_size(count: int, *, span: Span) -> Body:
    """A sample has fewer than two or more than five filters.

    For example:

        sample by host.id [process where true] [network where true]
    """
    return Body(
        f"found {count} filter{'s' if count != 1 else ''} in a sample, expected 2 to 5",
        span,
        label="this is the one too few" if count < 2 else "too many",
    )


@entry("sample-without-key", Severity.ERROR)
def sample_without_key(*, span: Span) -> Body:
    """A sample has no key by which its events belong together.

    For example:

        sample by host.id [process where true] [network where true]
    """
    return Body(
        "found a sample without a key",
        span,
        label="no `by` here",
        help="write `sample by host.id …`, or `by` after each filter",
    )


@entry("duplicate-key", Severity.ERROR)
def duplicate_key(name: str, *, span: Span, first: Span) -> Body:
    """A field is twice among the keys of one filter of a sample.

    For example:

        sample by host.id [process where true] by user.id [network where true] by user.id
    """
    return Body(
        f"found the key `{name}` twice",
        span,
        label="again",
        also=(Label(first, "first here"),),
        help="remove one of the two",
    )


@entry("too-many-pipes", Severity.ERROR)
def too_many_pipes(found: int, most: int, *, span: Span) -> Body:
    """A query has more pipes than eqlx takes.

    Each pipe cuts what the one before it left. Of two that cut the same end, the smaller count is
    enough.

        process where true | head 10 | tail 5
    """
    return Body(
        f"found {found} pipes, expected at most {most}",
        span,
        label="one pipe too many",
        help="of pipes that cut the same end, keep the one with the smallest count",
    )
