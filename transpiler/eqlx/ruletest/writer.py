"""Synthesised cases as a test file for people to keep and edit; what is written reads back the same."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta

from eqlx.execution import Event, Match
from eqlx.fields.documents import flatten
from eqlx.ir.nodes import Field
from eqlx.ir.walk import walk
from eqlx.printable import json_text, one_line
from eqlx.ruletest.events import iso
from eqlx.synthesis import Case, Synthesis, Varies

BRIEF = frozenset(Varies) - {Varies.VALUE, Varies.PRESENCE}
"""What a file for people shows: each way to match and each clause alone, not all boundaries."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_PLAIN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_WORDS = frozenset({"true", "false", "null"})
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


_NUMBER = re.compile(r"\d+")
_HEAD = """\
# Made by `eqlx synth`: what the rule does. Keep what it should do, and change what it should not.
# "flipped alone": as a hit, but for that one clause. Events of which nothing is said are as the base."""


def file_text(synthesis: Synthesis, title: str, varies: frozenset[Varies] | None = None) -> str:
    """The text of a test file with the cases that vary one of `varies`, by default a choice for people:
    `BRIEF`, and of cases that differ in the numbers of events only the first.

    A field that is missing from an event, where the base has it, is written as null: EQL does not
    tell the two apart. `event.id` is left out where the rule does not read it. Cases with half of a
    surrogate pair are left out, as YAML cannot hold them.
    """
    wanted = BRIEF if varies is None else varies
    chosen = [case for case in synthesis.cases if case.varies in wanted and _writable(case)]
    if varies is None:
        chosen = list(_first_of_kind(chosen))
    time = synthesis.model.timestamp
    unread = {"event.id"} - {n.name for n, _, _ in walk(synthesis.query) if isinstance(n, Field)}
    flat = [[_flat(event, {time, *unread}) for event in case.events] for case in chosen]
    base = _base([one for events in flat for one in events])
    lines = [f"# {' '.join(one_line(title).split())}", _HEAD]
    if base:
        lines.append("base:")
        lines.extend(f"  {_key(name)}: {_value(value)}" for name, value in sorted(base.items()))
    lines.append("tests:")
    for case, events in zip(chosen, flat, strict=True):
        lines.append(f"  - name: {_value(case.name)}")
        lines.extend(_events(case, events, base, time))
        lines.append(f"    matches: {_matches(case.expected)}")
    return "\n".join(lines) + "\n"


def _first_of_kind(cases: Sequence[Case]) -> Iterator[Case]:
    """Without `event 2 is not there` after `event 1 is not there`; clauses and ways are all kept."""
    seen: set[tuple[Varies, str]] = set()
    for case in cases:
        kind = (case.varies, _NUMBER.sub("1", case.name))
        if case.varies in {Varies.WAY, Varies.CLAUSE} or kind not in seen:
            yield case
        seen.add(kind)


def _writable(case: Case) -> bool:
    try:
        json.dumps([case.name, *case.events], ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def _flat(event: Event, without: AbstractSet[str]) -> dict[str, object]:
    """Fields by path; nulls and empty lists stay, unlike in what an engine indexes."""
    found: dict[str, object] = {}
    stack: list[tuple[str, object]] = [("", event)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, Mapping):
            head = f"{path}." if path else ""
            stack.extend((f"{head}{name}", inner) for name, inner in value.items())
        elif path not in without:
            found[path] = value
    return found


def _base(events: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """The value of each field that more than half of the events have, and few events lack: there it
    has to be taken away."""
    counts = Counter((name, _value(value)) for event in events for name, value in event.items())
    values = {(name, _value(v)): v for event in events for name, v in event.items()}
    present = Counter(name for event in events for name in event)
    frequent = [
        (name, text)
        for (name, text), count in counts.items()
        if 2 * count > len(events) and 4 * (len(events) - present[name]) < len(events)
    ]
    names = {name for name, _ in frequent}
    # A field must not stand in the base beside one below it.
    return {
        name: values[name, text]
        for name, text in frequent
        if not any(other.startswith(f"{name}.") for other in names)
    }


def _events(
    case: Case, events: Sequence[Mapping[str, object]], base: Mapping[str, object], time: str
) -> Iterator[str]:
    if not events:
        yield "    events: []"
        return
    yield "    events:"
    start = min((moment for event in case.events if (moment := _time(event, time))), default=None)
    times = [_when(event, time, start) for event in case.events]
    # As a reader completes them: one second after the other.
    ordinary = times == [f"+{second}s" for second in range(len(times))]
    for when, fields in zip(times, events, strict=True):
        own = {n: v for n, v in fields.items() if n not in base or _value(base[n]) != _value(v)}
        gone = {n: None for n in base if n not in fields and not _is_covered(n, own)}
        parts = [] if ordinary else [f"{_key(time)}: {when}"]
        parts += [
            f"{_key(name)}: {_value(value)}" for name, value in sorted({**own, **gone}.items())
        ]
        yield f"      - {{{', '.join(parts)}}}"


def _is_covered(name: str, own: Mapping[str, object]) -> bool:
    return any(other.startswith(f"{name}.") or name.startswith(f"{other}.") for other in own)


def _time(event: Event, field: str) -> datetime | None:
    match flatten(event).get(field, []):
        case [str(text)]:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return None
            whole = moment.tzinfo is not None and moment.microsecond % 1000 == 0
            # What Python cannot hold (nanoseconds) stays as it is written.
            return moment.astimezone(UTC) if whole and len(text) <= len(iso(moment)) else None
        case _:
            return None


def _when(event: Event, field: str, start: datetime | None) -> str:
    moment = _time(event, field)
    if moment is None or start is None:
        values = flatten(event).get(field, [])
        return _value(values[0] if len(values) == 1 else (values or None))
    return _offset(moment - start)


def _offset(passed: timedelta) -> str:
    milliseconds = passed // timedelta(milliseconds=1)
    text = ""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, milliseconds = divmod(milliseconds, size)
        text += f"{count}{unit}" if count else ""
    return f"+{text or '0s'}"


def _matches(expected: Sequence[Match]) -> str:
    if not expected:
        return "none"
    rows = [[event.row for event in match.events if event.row is not None] for match in expected]
    if all(len(row) == 1 for row in rows) and all(len(m.events) == 1 for m in expected):
        return f"[{', '.join(str(row[0]) for row in rows)}]"
    listed = ["[" + ", ".join(map(str, row)) + "]" for row in rows]
    return f"[{', '.join(listed)}]"


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else _quoted(name)


def _value(value: object) -> str:
    match value:
        case str():
            plain = _PLAIN_TEXT.fullmatch(value) and value.lower() not in _WORDS
            return value if plain else _quoted(value)
        case list() | tuple():
            return f"[{', '.join(_value(item) for item in value)}]"
        case Mapping():
            return f"{{{', '.join(f'{_key(str(k))}: {_value(v)}' for k, v in value.items())}}}"
        case float():
            return repr(value)
        case _:
            return json.dumps(value)


def _quoted(text: str) -> str:
    """In single quotes where that escapes nothing; else JSON's form, which is YAML's, with what YAML
    does not print escaped as well."""
    if ('"' in text or "\\" in text) and "'" not in text and text.isprintable():
        return f"'{text}'"
    plain = json_text(text)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", plain)
