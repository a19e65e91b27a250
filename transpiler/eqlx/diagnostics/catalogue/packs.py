"""Diagnostics about packs: mappings of raw logs to ECS events."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Severity
from eqlx.source import Span


@entry("pack-wrong", Severity.ERROR)
def wrong_pack(message: str, span: Span | None = None) -> Body:
    """A pack file is not one that eqlx reads: a key is unknown, a value of the wrong type, or a value
    function does not exist.

    `eqlx pack show sysmon` prints a pack that is right; docs/packs.md explains each key.

        fields: {process.name: base_name(Image)}
    """
    return Body(message, span, help="`eqlx pack show sysmon` prints a pack as an example")


@entry("pack-unknown", Severity.ERROR)
def unknown_pack(name: str, known: tuple[str, ...], near: str | None) -> Body:
    """There is no pack with this name, and no pack file.

    A pack file ends in `.yaml`. The packs that come with eqlx are listed by `eqlx pack list`.

        eqlx run rules --events raw.ndjson --pack sysmon
    """
    tip = f"did you mean `{near}`?" if near else f"the packs are {', '.join(known)}"
    return Body(f"no pack is called `{name}`", help=tip)


@entry("pack-dialect", Severity.ERROR)
def pack_dialect(dialect: str, known: tuple[str, ...]) -> Body:
    """A pack's value functions are spelled for the SQL of DuckDB alone, so that `eqlx pack view` and
    `eqlx convert --pack` print no other dialect.

    Events that are ECS already need no pack: `eqlx convert` prints rules for them in every dialect.

        eqlx pack view sysmon --dialect duckdb
    """
    names = ", ".join(f"`{each}`" for each in known)
    return Body(
        f"packs are not printed in the dialect `{dialect}`",
        help=f"use {names}, or map the events to ECS before they are stored",
    )


@entry("pack-used", Severity.NOTE)
def pack_used(count: int, pack: str, shape: str) -> Body:
    """Raw events were recognised, and mapped to ECS events by a pack before the rules ran.

    The row numbers of matches are those of the raw events. `--pack none` searches the events as they
    are.

        eqlx run rules --events raw.ndjson --pack none
    """
    events = "1 event is" if count == 1 else f"{count:,} events are"
    return Body(f"{events} in the shape `{shape}`: pack `{pack}`")


@entry("clocks-differ", Severity.WARNING)
def clocks_differ(count: int, seconds: int) -> Body:
    """Some events have a time in UTC, and the other events of the same source have not.

    Sysmon writes `UtcTime` beside the time of the Windows event log, which some collectors write in local time
    and without a zone. Where both differ, the times of the events that have no `UtcTime` are wrong by as
    much: a sequence over events of both kinds finds nothing, or finds what did not happen.

    Correct the times of these events before the search, or search each kind alone.

    Example: `UtcTime` is 07:00 and `TimeCreated` of the same record 02:00, so a Security event of 02:00 was at
    07:00, too.
    """
    hours, minutes = divmod(abs(seconds) // 60, 60)
    amount = " ".join(
        [*([f"{hours} h"] if hours else []), *([f"{minutes} min"] if minutes else [])]
    )
    behind = "behind" if seconds < 0 else "ahead of"
    events = "1 event has" if count == 1 else f"{count:,} events have"
    return Body(
        f"{events} a time that is {amount} {behind} UTC, by the events that have both",
        notes=("sequences over both kinds of events miss matches",),
        help="correct these times before the search, or search each kind of events alone",
    )


@entry("pack-not-recognised", Severity.WARNING)
def not_recognised(count: int, keys: tuple[str, ...]) -> Body:
    """Events were recognised by no pack and have no `event.category`: rules for one category cannot
    match them.

    They are searched as they are. The most frequent top-level keys are named.

        eqlx run rules --events raw.ndjson --pack my-pack.yaml
    """
    events = "1 event is" if count == 1 else f"{count:,} events are"
    named = ", ".join(f"`{key}`" for key in keys)
    return Body(
        f"{events} known to no pack, and without `event.category`",
        notes=(f"the most frequent keys: {named}",),
        help="`eqlx pack list` shows the packs; `--pack FILE.yaml` takes one of your own",
    )


@entry("engine-without-packs", Severity.ERROR)
def engine_without_packs(engine: str) -> Body:
    """The engine cannot map raw events with a pack: packs are compiled to SQL.

    Name the engine that executes SQL, or no engine:

        eqlx run rules --events raw.ndjson --pack sysmon --engine duckdb
    """
    return Body(f"the engine `{engine}` takes no packs", help="use `--engine duckdb`")


@entry("pack-shape-unknown", Severity.ERROR)
def unknown_shape(pack: str, shape: str, known: tuple[str, ...]) -> Body:
    """A pack does not know the shape of records that was named after its slash.

    `eqlx pack show PACK` prints the pack with its shapes.

        eqlx convert rules --to sql --pack sysmon/nxlog -O table=raw.sysmon
    """
    return Body(
        f"the pack `{pack}` knows no shape `{shape}`", help=f"its shapes are {', '.join(known)}"
    )
