"""Explanations as text for people and as JSON-able records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from eqlx.reference.explanation import EventTrace, Explanation, KeyTrace, Reason, StageTrace
from eqlx.reference.trace import Clause, Reading
from eqlx.render.cells import shown
from eqlx.render.summary import counted

_INDENT = "  "
_WIDTH = 100
_VALUES = 5
"""So many values of a field are shown."""


def text(explanation: Explanation, *, full: bool = False, limit: int | None = 20) -> str:
    """For each event (at most `limit` of a kind) or key, what decided; `full` shows all clauses."""
    if explanation.kind == "event":
        lines = _events(explanation, full=full, limit=limit)
    else:
        lines = _keys(explanation, full=full, limit=limit)
    return "".join(f"{line}\n" for line in lines)


# --- event queries ------------------------------------------------------------------------------


def _events(explanation: Explanation, *, full: bool, limit: int | None) -> Iterator[str]:
    matched = [event for event in explanation.events if event.matched]
    missed = [event for event in explanation.events if not event.matched]
    yield f"{len(matched)} of {counted(len(explanation.events), 'event')} match"
    for group in (matched, missed):
        for event in group[:limit]:
            yield ""
            yield from _event(event, full=full)
        if limit is not None and len(group) > limit:
            yield f"… and {len(group) - limit} more (`--all-events` shows them)"


def _event(event: EventTrace, *, full: bool) -> Iterator[str]:
    if event.matched:
        verdict = "matches"
    elif event.clause.truth:
        verdict = "meets the condition, and a limit cuts it off"
    else:
        verdict = "does not match"
    yield f"event {event_name(event.row, event.id)}: {verdict}"
    yield from clauses(event.clause if full else event.clause.deciding(), _INDENT)


def event_name(row: int, name: object) -> str:
    """An event by its row, and by its id where it has one."""
    return str(row) if name == row else f"{row} `{shown(str(name))}`"


def clauses(clause: Clause, indent: str) -> Iterator[str]:
    """A clause and what is below it, one a line, with the values that decided."""
    mark = "true " if clause.truth else "false"
    if clause.word != "leaf":
        words = {"and": "all of", "or": "any of", "not": "not"}
        yield f"{indent}{mark}  {words[clause.word]}"
        for part in clause.parts:
            yield from clauses(part, f"{indent}{_INDENT}")
        return
    yield f"{indent}{mark}  {_short(clause.text)}"
    for reading in clause.readings:
        yield f"{indent}       {_reading(reading)}"


def _reading(reading: Reading) -> str:
    name = _short(reading.name)
    if reading.fails and not reading.values:
        return f"{name} cannot be calculated"
    if not reading.values:
        return f"{name} has no value"
    listed = [_short(json.dumps(value, ensure_ascii=False)) for value in reading.values[:_VALUES]]
    if len(reading.values) > _VALUES:
        listed.append(f"… ({len(reading.values)} values)")
    failing = ", and cannot be calculated for other values" if reading.fails else ""
    return f"{name} is {', '.join(listed)}{failing}"


def _short(text: str) -> str:
    line = shown(text.replace("\n", " "))
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


# --- sequences and samples ------------------------------------------------------------------------


def _keys(explanation: Explanation, *, full: bool, limit: int | None) -> Iterator[str]:
    yield f"{counted(explanation.matches, 'match')} of {counted(len(explanation.keys), 'key')}"
    yield ""
    for stage in explanation.stages:
        yield from _stage(explanation, stage)
    yield from _out(explanation)
    shown_keys = explanation.keys if limit is None else explanation.keys[:limit]
    for key in shown_keys:
        yield ""
        yield from _key(explanation, key, full=full)
    if len(shown_keys) < len(explanation.keys):
        yield f"… and {len(explanation.keys) - len(shown_keys)} more (`--all-events` shows them)"


def _out(explanation: Explanation) -> Iterator[str]:
    """Events that meet stages and take no part."""
    if explanation.untimed:
        rows = _rows(explanation, explanation.untimed)
        yield f"without a time, and therefore in no sequence: {rows}"
    met = {row for stage in explanation.stages if not stage.missing for row in stage.rows}
    if not explanation.keys and met.difference(explanation.untimed):
        names = ", ".join(explanation.names)
        yield f"none of the events that meet a stage has a value of each key ({names})"


def _stage(explanation: Explanation, stage: StageTrace) -> Iterator[str]:
    runs = f" with runs={stage.runs}" if stage.runs > 1 else ""
    sign = "!" if stage.missing else ""
    yield f"stage {stage.number}: {sign}[{_short(stage.text)}]{runs}"
    yield f"         met by {_rows(explanation, stage.rows) or 'no event'}"


def _key(explanation: Explanation, key: KeyTrace, *, full: bool) -> Iterator[str]:
    pairs = zip(explanation.names, key.keys, strict=False)
    named = ", ".join(f"{name} = {_short(json.dumps(v, ensure_ascii=False))}" for name, v in pairs)
    yield f"{named or 'all events'}:"
    if key.reason is Reason.MATCHED:
        for rows in key.matches:
            yield f"  matches: {_rows(explanation, rows, ' -> ')}"
        return
    came = _rows(explanation, key.rows, " -> ")
    if came:
        yield f"  came to: {came}"
    where = "" if key.stage is None else f"at stage {key.stage}, "
    also = _rows(explanation, key.events)
    yield f"  stopped: {where}{key.reason.value}: {key.detail}{f' ({also})' if also else ''}"
    if key.nearest is not None:
        row, clause = key.nearest
        yield f"  nearest: event {event_name(row, explanation.ids[row - 1])}"
        yield from clauses(clause if full else clause.deciding(), f"{_INDENT}{_INDENT}")


def _rows(explanation: Explanation, rows: Sequence[int], joint: str = ", ") -> str:
    names = [event_name(row, explanation.ids[row - 1]) for row in rows[:10]]
    if len(rows) > len(names):
        names.append(f"… ({len(rows)} events)")
    return joint.join(names)


# --- records ------------------------------------------------------------------------------------


def record(explanation: Explanation) -> dict[str, object]:
    """Everything, JSON-able; rows count from 1."""
    return {
        "kind": explanation.kind,
        "matches": explanation.matches,
        "events": [
            {
                "row": event.row,
                "id": event.id,
                "timestamp": event.timestamp,
                "matched": event.matched,
                "clause": _clause(event.clause),
            }
            for event in explanation.events
        ],
        "stages": [
            {
                "stage": stage.number,
                "text": stage.text,
                "missing": stage.missing,
                "runs": stage.runs,
                "rows": list(stage.rows),
            }
            for stage in explanation.stages
        ],
        "key_fields": list(explanation.names),
        "untimed": list(explanation.untimed),
        "keys": [_key_record(key) for key in explanation.keys],
    }


def _key_record(key: KeyTrace) -> dict[str, object]:
    return {
        "keys": list(key.keys),
        "reason": key.reason.value,
        "matches": [list(rows) for rows in key.matches],
        "rows": list(key.rows),
        "stage": key.stage,
        "detail": key.detail,
        "events": list(key.events),
        "nearest": None
        if key.nearest is None
        else {"row": key.nearest[0], "clause": _clause(key.nearest[1])},
    }


def _clause(clause: Clause) -> dict[str, object]:
    return {
        "text": clause.text,
        "truth": clause.truth,
        "kind": clause.word,
        "values": {reading.name: list(reading.values) for reading in clause.readings},
        "fails": [reading.name for reading in clause.readings if reading.fails],
        "parts": [_clause(part) for part in clause.parts],
    }
