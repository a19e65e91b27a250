"""The executor `elasticsearch`: events in a temporary index of a cluster, searched by our requests."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

from eqlx.bounds import Deadline, bytes_of, within
from eqlx.diagnostics import Diagnostic
from eqlx.execution import (
    Bounds,
    Dataset,
    Event,
    ExecutionError,
    Executor,
    Job,
    Match,
    MatchedEvent,
    MatchKind,
    Setting,
)
from eqlx.fields.documents import flatten
from eqlx.fields.layout import Layout
from eqlx.fields.schema import Schema
from eqlx.fields.whole_numbers import Wide
from eqlx.ir.nodes import EventQuery
from eqlx.target import API_VERSION, EventModel
from eqlx_targets.engines.cluster.answers import is_opensearch
from eqlx_targets.engines.cluster.client import Access, Client, check_access
from eqlx_targets.engines.cluster.events import load, schema_of, timestamp_text
from eqlx_targets.engines.cluster.index import temporary_index
from eqlx_targets.engines.cluster.search import Searcher
from eqlx_targets.engines.cluster.stages import join

_OPTIONS = {"envelope": "request", "form": "stages", "window": "none"}

_OTHER_FORM = "the artifact is no request of the form `stages`: convert it for this session"
_NO_CLUSTER = "no cluster is named: give `--url`, or set EQLX_ELASTICSEARCH_URL"

SETTINGS = (
    Setting("url", "EQLX_ELASTICSEARCH_URL", "the cluster, `https://host:9200`"),
    Setting("api_key", "EQLX_ELASTICSEARCH_API_KEY", "an encoded API key", secret=True),
    Setting("user", "EQLX_ELASTICSEARCH_USER", "a user's name, in place of an API key"),
    Setting("password", "EQLX_ELASTICSEARCH_PASSWORD", "the user's password", secret=True),
    Setting("ca_file", "EQLX_ELASTICSEARCH_CA", "a file of certificates to trust (PEM)"),
)


@dataclass(frozen=True)
class ClusterSession:
    """A dataset in a temporary index. `options` are those of the target `elasticsearch`."""

    schema: Schema
    _events: Sequence[Event]
    _model: EventModel
    _bounds: Bounds
    _searcher: Searcher
    _noted: tuple[Diagnostic, ...] = ()
    _left: list[Diagnostic] = field(default_factory=list)
    """What could not be put away at the end."""
    has_times: bool = True
    wide: Wide = field(default_factory=Wide)
    layout: Layout | None = None
    options: Mapping[str, str] = field(default_factory=lambda: dict(_OPTIONS))
    samples_per_key: int = 1

    @property
    def notes(self) -> tuple[Diagnostic, ...]:
        """See `eqlx.execution.Noting.notes`."""
        return (*self._noted, *self._left)

    def run(self, job: Job) -> Sequence[Match]:
        """Run the artifact's text: its searches on the cluster, the join of their hits in DuckDB. All of
        them have one time together.

        Raises:
            ExecutionError: there is no artifact, or an engine failed on it.
        """
        if job.artifact is None:
            message = "this engine runs artifacts of the target `elasticsearch`; the job has none"
            raise ExecutionError(message)
        request = _request(job.artifact.text)
        deadline = Deadline("the query", self._bounds.seconds)
        with self._searcher.client.until(deadline):
            return self._search(job, request, deadline)

    def _search(self, job: Job, request: Mapping[str, Any], deadline: Deadline) -> list[Match]:
        if isinstance(job.query, EventQuery) and "body" in request:
            return self._events_of(request["body"], job.query)
        if isinstance(job.query, EventQuery) or "searches" not in request:
            raise ExecutionError(_OTHER_FORM)
        stages = [self._searcher.rows(body, None) for body in request["searches"]]
        return join(
            job.query,
            stages,
            self._events,
            self.schema,
            self._model,
            replace(self._bounds, seconds=deadline.left()),
            samples_per_key=self.samples_per_key,
        )

    def _events_of(self, body: Mapping[str, Any], query: EventQuery) -> list[Match]:
        limited = bool(query.limits)
        rows = self._searcher.rows(body, body["size"] if limited else None)
        if body.get("sort") and _is_descending(body):
            rows.reverse()
        return [Match(MatchKind.EVENT, (), (self._event(row),)) for row in rows]

    def _event(self, row: int) -> MatchedEvent:
        event = self._events[row - 1]
        values = flatten(event)
        named = values.get(self._model.id, []) if self._model.id is not None else []
        return MatchedEvent(
            stage=0,
            row=row,
            id=named[0] if named else row,
            timestamp=timestamp_text(values.get(self._model.timestamp, [])),
            missing=False,
            fields=event,
        )


def _request(text: str) -> dict[str, Any]:
    """The artifact's JSON, which this session's options make (`_OPTIONS`)."""
    try:
        request = json.loads(text)
    except ValueError:
        request = None
    if not isinstance(request, dict):
        raise ExecutionError(_OTHER_FORM)
    return request


def _is_descending(body: Mapping[str, Any]) -> bool:
    ((_, order),) = body["sort"][0].items()
    return "desc" in (order, order["order"] if isinstance(order, Mapping) else "")


@dataclass(frozen=True)
class ClusterExecutor:
    """An Elasticsearch or OpenSearch cluster. Its requests are of the dialect `opensearch`, which
    both understand."""

    access: Access | None = None
    api_version: int = API_VERSION
    name: str = "elasticsearch"
    summary: str = "an Elasticsearch or OpenSearch cluster, over NDJSON put into a temporary index"
    target: str | None = "elasticsearch"
    dialect: str | None = "opensearch"
    settings: tuple[Setting, ...] = SETTINGS

    def configured(self, values: Mapping[str, str]) -> Executor:
        """See `eqlx.execution.Configurable.configured`."""
        given = {setting.name: values.get(setting.name) or None for setting in self.settings}
        url = given.pop("url")
        if url is None:
            raise ExecutionError(_NO_CLUSTER)
        if given["api_key"] is not None and given["user"] is not None:
            message = "both an API key and a user are given: unset one of them"
            raise ExecutionError(message)
        access = Access(url, **given)
        check_access(access)
        return cast("Executor", replace(self, access=access))

    def open(
        self, dataset: Dataset, model: EventModel, bounds: Bounds
    ) -> AbstractContextManager[ClusterSession]:
        """See `eqlx.execution.Executor.open`."""
        return _session(self.access, dataset, model, bounds)


@contextmanager
def _session(
    access: Access | None, dataset: Dataset, model: EventModel, bounds: Bounds
) -> Generator[ClusterSession]:
    if access is None:
        raise ExecutionError(_NO_CLUSTER)
    deadline = Deadline("loading the events", bounds.seconds)
    with within(deadline, memory=bytes_of(bounds.memory)):
        loaded = load(dataset, model.timestamp)
        events = loaded.events
        schema = schema_of(events)
    left: list[Diagnostic] = []
    with Client(access, bounds.seconds) as client, ExitStack() as stack:
        with client.until(deadline):
            of_opensearch = is_opensearch(client.get())
            index = stack.enter_context(temporary_index(client, events, schema, model, left))
        searcher = Searcher(client, index, of_opensearch, len(events))
        yield ClusterSession(
            schema,
            events,
            model,
            bounds,
            searcher,
            loaded.notes,
            left,
            loaded.has_times,
            loaded.wide,
        )


EXECUTOR = ClusterExecutor()
"""What the entry point `elasticsearch` gives."""
