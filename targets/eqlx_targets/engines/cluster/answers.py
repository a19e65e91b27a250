"""What a cluster's answers must hold, read with care: a server may be another one than it seems, a
proxy may stand between, and a part of an answer may be missing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from eqlx.execution import ExecutionError

Answer = dict[str, Any]  # JSON from a server: checked where it is read

_LONGEST_REASON = 600
_NO_CLUSTER = "is an Elasticsearch or OpenSearch cluster at this URL? `EQLX_ELASTICSEARCH_URL` or `--url` names it"
_LOG = "the cluster's log says more; the rules that were searched before are not affected"
_IN_PART = "is the cluster overloaded, or a shard lost? Try again when its health is green"
_RIGHTS = "the user must be allowed to make, fill, search and remove indices named `eqlx-*`"
_CREDENTIALS = (
    "check EQLX_ELASTICSEARCH_API_KEY, or EQLX_ELASTICSEARCH_USER and EQLX_ELASTICSEARCH_PASSWORD"
)
_LATER = "try again when the cluster is less busy"
_VERSION = "the request for its version"
_MAKING = "the making of an index"
_SEARCH = "a search"
_ADVICE = {
    401: _CREDENTIALS,
    403: _RIGHTS,
    404: _NO_CLUSTER,
    405: _NO_CLUSTER,
    408: _LATER,
    413: "the cluster or a proxy takes smaller requests alone: raise `http.max_content_length` (or the proxy's limit)",
    429: _LATER,
    500: _LOG,
    502: "is a proxy before the cluster, and does it reach the cluster?",
    503: _LATER,
    504: _LATER,
}
_SAID = {
    401: "refused the credentials",
    403: "does not allow it",
    404: "knows nothing of that name",
    413: "found the request too large",
    429: "has too much to do",
    502: "is a gateway without an answer",
    503: "is not available",
    504: "is a gateway without an answer in time",
}
"""What a status means, where the body does not say."""


def answer_of(status: int, content: bytes, base: str, location: str | None) -> Answer:
    """The JSON object of an answer.

    Raises:
        ExecutionError: an error status, or content that is no JSON object.
    """
    answer, fault = _read(content)
    if status >= 300:
        raise _refusal(status, answer, base, location)
    if fault is not None:
        message = f"{base} gave {fault}, expected a JSON object"
        raise ExecutionError(message, _NO_CLUSTER)
    return cast("Answer", answer)


def _read(content: bytes) -> tuple[object, str | None]:
    """The JSON, and what the content is where it is no JSON object."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None, _kind(content)
    if isinstance(answer, dict):
        return answer, None
    return answer, f"JSON that is no object (`{_start(content)}`)"


def _kind(content: bytes) -> str:
    start = content.lstrip()[:100].lower()
    if not start:
        return "an empty answer"
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        return "a page of HTML"
    if start.startswith((b"{", b"[")):
        return f"JSON that is broken or cut off after {len(content):,} bytes"
    return f"no JSON (`{_start(content)}`)"


def _start(content: bytes) -> str:
    text = content[:40].decode("utf-8", "replace")
    return re.sub(r"[`\x00-\x1f\x7f-\x9f]", "?", text) + (" …" if len(content) > 40 else "")


def _refusal(status: int, answer: object, base: str, location: str | None) -> ExecutionError:
    said = reasons(answer)
    if 300 <= status < 400:
        to = f" to `{location[:200]}`" if location else ""
        message = f"{base} answered {status}, a redirect{to}, which is not followed"
        return ExecutionError(message, "give the URL of the cluster itself")
    what = _SAID.get(status, "answered with an error")
    message = f"{base} {what} ({status}){': ' if said else ''}{said}"
    return ExecutionError(message, _ADVICE.get(status, _LOG if status > 500 else None))


def reasons(answer: object) -> str:
    """What an error's body says: its root causes, on one line of bounded length."""
    found: dict[str, None] = {}
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, str):
        found[error] = None
    _collect(error, found)
    return _short("; ".join(found))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + " …"


def _collect(error: object, found: dict[str, None]) -> None:
    """All `reason` texts of an error, the shards' own and what caused them included."""
    if isinstance(error, dict):
        if isinstance(reason := error.get("reason"), str):
            found[reason] = None
        for key in ("root_cause", "caused_by", "failed_shards", "failures", "reason"):
            _collect(error.get(key), found)
    elif isinstance(error, list):
        for each in error:
            _collect(each, found)


def malformed(what: str, lacks: str) -> ExecutionError:
    """The error for an answer to `what` that has not what it must have."""
    return ExecutionError(f"the cluster's answer to {what} {lacks}", _NO_CLUSTER)


def is_opensearch(answer: Answer) -> bool:
    """Whether the answer to the root is OpenSearch's.

    Raises:
        ExecutionError: it is of neither.
    """
    version = answer.get("version")
    if not isinstance(version, dict) or not isinstance(version.get("number"), str):
        raise malformed(_VERSION, "names no version")
    return version.get("distribution") == "opensearch"


def check_acknowledged(answer: Answer) -> None:
    """Raise unless the new index is there."""
    if answer.get("acknowledged") is not True:
        raise malformed(_MAKING, "does not say that it is made")


def point_of(answer: Answer, key: str) -> str:
    """The id of a new point in time."""
    what = "the opening of a point in time"
    check_complete(answer, what)
    point = answer.get(key)
    if not isinstance(point, str) or not point:
        raise malformed(what, f"has no `{key}`")
    return point


def check_complete(answer: Mapping[str, object], what: str) -> None:
    """Raise where only a part of the shards answered, or only a part of the time was taken."""
    if answer.get("timed_out"):
        message = f"the cluster searched only a part of the events: {what} timed out there"
        raise ExecutionError(message, _IN_PART)
    if answer.get("terminated_early"):
        message = f"the cluster searched only a part of the events: {what} ended early there"
        raise ExecutionError(message, _IN_PART)
    shards = answer.get("_shards")
    counts = shards if isinstance(shards, dict) else {}
    total, good, failed = (counts.get(key) for key in ("total", "successful", "failed"))
    if not (type(total) is int and type(good) is int and type(failed) is int):
        raise malformed(what, "does not say how many shards answered (`_shards`)")
    if failed or good < total:
        reason = reasons({"error": counts})
        message = f"the cluster searched only a part of the events: {total - good} of {total} shards failed"
        message += f": {reason}" if reason else ""
        raise ExecutionError(message, _IN_PART)


def hits_of(answer: Answer, rows: int, size: int) -> list[tuple[int, list[object]]]:
    """Row number and sort values of each hit of one page of at most `size` hits, over so many `rows`.

    Raises:
        ExecutionError: the search was not complete, or the answer is of another shape.
    """
    what = _SEARCH
    if not isinstance(answer.get("timed_out"), bool):
        raise malformed(what, "does not say whether it ended in time (`timed_out`)")
    check_complete(answer, what)
    outer = answer.get("hits")
    hits = outer.get("hits") if isinstance(outer, dict) else None
    if not isinstance(hits, list):
        raise malformed(what, "has no list `hits.hits`")
    if len(hits) > size:
        raise malformed(what, f"has {len(hits):,} hits, where at most {size:,} were asked for")
    return [_hit(hit, rows) for hit in hits]


def check_distinct(found: int, distinct: int) -> None:
    """Raise where pages gave an event again: they would never end."""
    if distinct < found:
        raise malformed(_SEARCH, "has one event twice")


def _hit(hit: object, rows: int) -> tuple[int, list[object]]:
    found = hit if isinstance(hit, dict) else {}
    name, sort = found.get("_id"), found.get("sort")
    if not isinstance(name, str) or not re.fullmatch(r"[1-9][0-9]{0,15}", name, re.ASCII):
        raise malformed(_SEARCH, "has a hit whose `_id` is none of the events'")
    if int(name) > rows:
        raise malformed(_SEARCH, f"has the hit `{name}`, and there are {rows:,} events")
    if not isinstance(sort, list):
        raise malformed(_SEARCH, "has a hit without its values of `sort`")
    return int(name), sort


def check_indexed(answer: Answer, sent: int) -> tuple[str, str] | None:
    """The number of the first event that the cluster did not take, and why; None if it took all.

    Raises:
        ExecutionError: the answer is of another shape, or not about all events.
    """
    what = "the loading of events"
    items, errors = answer.get("items"), answer.get("errors")
    if not isinstance(items, list) or not isinstance(errors, bool):
        raise malformed(what, "has no list `items` or does not say whether there are `errors`")
    if len(items) != sent:
        raise malformed(what, f"is about {len(items):,} events, and {sent:,} were sent")
    for item in items:
        result = next(iter(item.values()), None) if isinstance(item, dict) else None
        status = result.get("status") if isinstance(result, dict) else None
        if not isinstance(result, dict) or not isinstance(status, int):
            raise malformed(what, "has an item without a `status`")
        if status >= 300 or result.get("error") is not None:
            why = reasons(result) or _short(str(result.get("error") or f"status {status}"))
            return str(result.get("_id"))[:40], why
    if errors:
        raise malformed(what, "says that there are errors, and shows none")
    return None
