"""The cluster for suites and fuzzing: events in an index of a given schema, queries as artifacts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache

import pytest

from eqlx.capability import Drift, Losses
from eqlx.capability.legalise import legalise
from eqlx.diagnostics import Report, Severity
from eqlx.execution import Bounds, Event, ExecutionError, Job, Match
from eqlx.fields.schema import Schema
from eqlx.ir.nodes import Query
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx.target import Artifact, EventModel, Request
from eqlx_harness.engines import configured
from eqlx_targets.elasticsearch.target import TARGET
from eqlx_targets.engines.cluster.client import Client
from eqlx_targets.engines.cluster.executor import ClusterExecutor, ClusterSession
from eqlx_targets.engines.cluster.index import temporary_index
from eqlx_targets.engines.cluster.search import Searcher

NO_SCRIPTS = "script_lang not supported"
"""What a node says that has no Painless, as the Elasticsearch of `node.py`."""

BOUNDS = Bounds(seconds=60, threads=1)


class Refused(Exception):  # noqa: N818  a verdict, not a fault
    """The target or the node refuses the query; the text says why."""


@dataclass(frozen=True)
class Searched:
    """An open session and what queries for it are converted with."""

    session: ClusterSession
    model: EventModel
    schema: Schema

    def artifact(self, query: Query, **options: str) -> Artifact:
        """The query's requests.

        Raises:
            Refused: the target refuses it.
        """
        report, losses, rule = Report(), Losses(), Rule(Source("query", ""))
        defaults = {option.name: option.default for option in TARGET.options}
        request = Request(
            query=query,
            rule=rule,
            dialect="opensearch",
            options={**defaults, **self.session.options, **options},
            model=self.model,
            schema=self.schema,
            eql=lambda: "",
            report=report,
            losses=losses,
        )
        table = TARGET.capabilities("opensearch", request.options)
        legalise(query, table, losses, frozenset(Drift), report, TARGET.name)
        tree = None if report.has_errors else TARGET.lower(request)
        if errors := [d.message for d in report if d.severity is Severity.ERROR]:
            raise Refused("; ".join(errors))
        text = TARGET.emit(tree, request)
        return Artifact(TARGET.name, "opensearch", text, tree, query, rule, losses.fidelity())

    def run(self, query: Query, samples_per_key: int = 1) -> Sequence[Match]:
        """The matches.

        Raises:
            Refused: the target refuses the query, or it has a script and the node runs none.
        """
        session = replace(self.session, samples_per_key=samples_per_key)
        try:
            return session.run(Job(query, self.artifact(query)))
        except ExecutionError as error:
            if NO_SCRIPTS in str(error):
                raise Refused(NO_SCRIPTS) from error
            raise


@contextmanager
def client() -> Iterator[Client]:
    """HTTP to the node that EQLX_ELASTICSEARCH_URL names."""
    executor = configured("elasticsearch")
    assert isinstance(executor, ClusterExecutor)
    assert executor.access is not None
    with Client(executor.access, 60) as opened:
        yield opened


@cache
def runs_scripts() -> bool:
    """Whether the cluster has Painless, and with it all field types that tests use."""
    with client() as opened:
        known = opened.get("_script_language")["language_contexts"]
    return any(each["language"] == "painless" for each in known)


needs_scripts = pytest.mark.needs_scripts
"""For tests with scripts: skipped on a node without Painless (`conftest.py`)."""


@contextmanager
def searched(events: Sequence[Event], model: EventModel, schema: Schema) -> Iterator[Searched]:
    """The events on the cluster, in an index whose mapping is the schema's."""
    with client() as opened, temporary_index(opened, events, schema, model) as index:
        session = ClusterSession(
            schema,
            tuple(events),
            model,
            BOUNDS,
            Searcher(opened, index, is_opensearch(opened), len(tuple(events))),
        )
        yield Searched(session, model, schema)


def is_opensearch(opened: Client) -> bool:
    return opened.get()["version"].get("distribution") == "opensearch"


def renumbered(match: Match) -> Match:
    """The match without its documents, for a short failure text."""
    return replace(match, events=tuple(replace(event, fields={}) for event in match.events))
