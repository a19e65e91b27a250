"""Saved objects of type `alert`: a rule as Kibana's own index and its saved-object export hold it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeGuard

from eqlx.rulefile.json_scanner import Object, read_object

_CAPITAL = re.compile(r"(?<=[a-z0-9])[A-Z]")
_OF_THE_ALERT = ("name", "tags", "enabled", "throttle", "actions")
"""Keys that stand beside the parameters; those inside are in camel case."""


def alert_rule(text: str, found: Object) -> Object | None:
    """The rule of a saved object of type `alert`, with the keys of an exported rule; else None."""
    if found.value.get("type") != "alert" or "attributes" not in found.values:
        return None
    if not text.startswith("{", found.values["attributes"].start):
        return None
    attributes = read_object(text, found.values["attributes"].start)
    if not _is_object(attributes.value.get("params")):
        return None
    parameters = read_object(text, attributes.values["params"].start)
    values = {_exported(key): value for key, value in parameters.value.items()}
    spans = {_exported(key): span for key, span in parameters.values.items()}
    for key in _OF_THE_ALERT:
        if key in attributes.value:
            values.setdefault(key, attributes.value[key])
            spans.setdefault(key, attributes.values[key])
    schedule = attributes.value.get("schedule")
    if _is_object(schedule) and "interval" in schedule:
        values.setdefault("interval", schedule["interval"])
        spans.setdefault("interval", attributes.values["schedule"])
    if "id" in found.value:
        values.setdefault("id", found.value["id"])
        spans.setdefault("id", found.values["id"])
    return Object(values, spans, found.span)


def _exported(key: str) -> str:
    """`timestampOverride` as `timestamp_override`; an alert's `ruleId` is the export's `rule_id`."""
    return _CAPITAL.sub(lambda capital: f"_{capital[0].lower()}", key)


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)
