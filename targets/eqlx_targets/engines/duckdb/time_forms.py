"""Strings of times in forms of their own as ISO dates, in SQL; what `eqlx.events.forms` does in Python."""

from __future__ import annotations

from eqlx.events.forms import DEFAULT_YEAR, MONTHS, NO_OFFSETS, PIVOT, Part, TimeForm
from eqlx_targets.sql.expressions import text


def when(form: TimeForm, value: str) -> str:
    """`WHEN … THEN …` for the string `value`: the ISO date, if it has the form."""
    pattern = text(form.pattern).sql("duckdb")
    groups = {
        part: f"regexp_extract({value}, {pattern}, {number})"
        for number, part in enumerate(form.parts, 1)
    }
    time = " || ':' || ".join(
        [_hour(groups), _padded(groups.get(Part.MINUTE)), _padded(groups.get(Part.SECOND))]
    )
    fraction = f"COALESCE(NULLIF({groups.get(Part.FRACTION, repr(''))}, ''), '0')"
    return (
        f"WHEN regexp_full_match({value}, {pattern})"
        f" THEN {_day(groups)} || 'T' || {time} || '.' || {fraction} || {_zone(groups)}"
    )


def _padded(group: str | None) -> str:
    return "'00'" if group is None else f"lpad({group}, 2, '0')"


def _hour(groups: dict[Part, str]) -> str:
    half = groups.get(Part.HALF_DAY_HOUR)
    if half is None:
        return _padded(groups.get(Part.HOUR))
    late = f"CASE WHEN lower({groups.get(Part.HALF_DAY, repr(''))}) = 'p' THEN 12 ELSE 0 END"
    return _padded(f"CAST(CAST({half} AS INTEGER) % 12 + {late} AS VARCHAR)")


def _day(groups: dict[Part, str]) -> str:
    year = groups.get(Part.YEAR, f"'{DEFAULT_YEAR}'")
    if short := groups.get(Part.SHORT_YEAR):
        year = f"CASE WHEN CAST({short} AS INTEGER) >= {PIVOT} THEN '19' ELSE '20' END || {short}"
    if number := groups.get(Part.DAY_OF_YEAR):
        first = f"TRY_CAST({year} || '-01-01' AS DATE)"
        return f"CAST({first} + (CAST({number} AS INTEGER) - 1) AS VARCHAR)"
    month = _padded(groups[Part.MONTH]) if Part.MONTH in groups else "'01'"
    if name := groups.get(Part.MONTH_NAME):
        months = ", ".join(f"'{each}'" for each in MONTHS)
        place = f"COALESCE(list_position([{months}], lower(left({name}, 3))), 0)"
        month = _padded(f"CAST({place} AS VARCHAR)")
    day = _padded(groups[Part.DAY]) if Part.DAY in groups else "'01'"
    return f"{year} || '-' || {month} || '-' || {day}"


def _zone(groups: dict[Part, str]) -> str:
    zone = groups.get(Part.ZONE)
    if zone is None:
        return "'Z'"
    none = ", ".join(f"'{each}'" for each in ("", *NO_OFFSETS))
    return f"CASE WHEN upper({zone}) IN ({none}) THEN 'Z' ELSE {zone} END"
