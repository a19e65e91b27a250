"""Streams of events for the judges of correlations, and correlations told which log each stage reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import yaml

LOG = "log#"
"""The column that says which log of the taxonomy holds a row."""


class _TextLoader(yaml.CSafeLoader):
    """Dates stay as they are written."""


_TextLoader.yaml_implicit_resolvers = {
    start: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for start, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

_REGISTRY = tuple(f"windows/registry_{kind}" for kind in ("event", "add", "set", "delete"))
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def path(source: Mapping[str, str]) -> str:
    """How the column names a log source: `windows/process_creation`, `aws/cloudtrail`."""
    return f"{source.get('product', '')}/{source.get('category') or source.get('service')}"


def routed(text: str, *, milliseconds: bool = False) -> str:
    """The rules of a file, each with a test of the log that its log source stands for, as the pipeline
    of a back end adds one. `milliseconds`: time spans are written a thousand times longer, for an
    engine whose clock counts whole seconds."""
    documents = list(yaml.load_all(text, Loader=_TextLoader))
    for document in documents:
        if "detection" in document:
            own = path(document["logsource"])
            detection = document["detection"]
            detection["routed"] = {LOG: list(_REGISTRY) if own == _REGISTRY[0] else own}
            detection["condition"] = f"({detection['condition']}) and routed"
        elif milliseconds:
            span = document["correlation"]["timespan"]
            document["correlation"]["timespan"] = f"{int(span[:-1]) * _UNITS[span[-1]] * 1000}s"
    return yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True)


def correlation(text: str) -> Any:
    """The outermost correlation of a file."""
    documents = [d for d in yaml.load_all(text, Loader=_TextLoader) if "correlation" in d]
    inner = {name for d in documents for name in d["correlation"]["rules"]}
    (found,) = (d for d in documents if d.get("name") not in inner)
    return found


def keys(joined: Any, stage: int, row: Mapping[str, Any]) -> tuple[str | None, ...]:
    """What a row of a stage (counted from 0) is grouped by, letter case aside."""
    aliases = joined["correlation"].get("aliases", {})
    rule = joined["correlation"]["rules"][stage]
    names = [aliases.get(key, {}).get(rule, key) for key in joined["correlation"]["group-by"]]
    return tuple(None if row.get(n) is None else str(row[n]).lower() for n in names)


def columns(joined: Any) -> list[set[str]]:
    """For each key the columns that hold it, in any stage."""
    aliases = joined["correlation"].get("aliases", {})
    return [set(aliases.get(key, {key: key}).values()) for key in joined["correlation"]["group-by"]]


def milliseconds(stamp: str) -> int:
    """Of a time in ISO 8601, since the epoch."""
    return round(datetime.fromisoformat(stamp).timestamp() * 1000)


def renamed(events: Sequence[dict[str, list[Any]]]) -> Iterator[dict[str, list[Any]]]:
    """The events, whose made-up ids of users are such as the operating system gives; one machine has
    one operating system, where an event of the stream names it."""
    systems = [event["host.os.type"] for event in events if event.get("host.os.type")]
    for event in events:
        flat = dict(event)
        if (
            systems
            and "event.category" in event
            and not any(n.startswith("data_stream.") for n in event)
        ):
            flat["host.os.type"] = event.get("host.os.type") or systems[0]
        for name, values in event.items():
            if name.endswith("user.id"):
                windows = flat.get("host.os.type", ["windows"]) == ["windows"]
                flat[name] = [_user(value, windows=windows) for value in values]
        yield flat


def _user(value: Any, *, windows: bool) -> Any:
    digits = "".join(c for c in str(value) if c.isdigit())
    if not str(value).startswith("user-") or not digits:
        return value
    number = f"{digits}{ord(str(value)[-1])}"
    return f"S-1-5-21-1-2-3-{number}" if windows else number
