"""`eqlx.run`: rules over events, and their matches as Python values, an Arrow table or a DuckDB relation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eqlx.api.inputs import Events, Rules, dataset_of, drifts_of, rules_of, schema_of
from eqlx.applicability import Requirement
from eqlx.capability import Drift
from eqlx.diagnostics import Diagnostic, EqlxError
from eqlx.driver.events import dataset_diagnostic, engine_diagnostic
from eqlx.driver.plan import Roles
from eqlx.driver.records import record
from eqlx.driver.run import RuleRun, Runner
from eqlx.engines import load_engine, with_packs
from eqlx.execution import Bounds, DatasetError, ExecutionError, Match
from eqlx.fields.schema import FieldList
from eqlx.registry import load_target
from eqlx.rule import Rule

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class RunResult:
    """What rules found in events.

    Attributes:
        runs: one entry for each rule, in order, with its matches, its diagnostics and what it can mean on
            these data (`applied`).
        diagnostics: what there is to say of rule files that could not be read, and of the events.
    """

    runs: tuple[RuleRun, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    def __iter__(self) -> Iterator[tuple[Rule, Match]]:
        """Each match with its rule."""
        return ((run.rule, match) for run in self.runs for match in run.matches)

    def __len__(self) -> int:
        """The number of matches."""
        return sum(len(run.matches) for run in self.runs)

    @property
    def failed(self) -> tuple[RuleRun, ...]:
        """The rules that were not searched: invalid, refused, or failed in the engine. Their
        diagnostics say why."""
        return tuple(run for run in self.runs if run.failed or run.outcome.query is None)

    def records(self) -> list[dict[str, object]]:
        """The matches as `eqlx run --format ndjson` prints them."""
        found = ((run, match) for run in self.runs for match in run.matches)
        return [record(run.rule, match, run.applied) for run, match in found]

    def arrow(self, *fields: str) -> Any:  # noqa: ANN401 pyarrow is optional, and has no types
        """The matches as a `pyarrow.Table`, one row for each event of a match.

        The columns are `rule`, `name`, `kind`, `match` (the number of the match within its rule, from 1),
        `stage` (from 0), `row` (the event's place in the input, from 1), `id`, `timestamp`, `missing`,
        `join_keys` and `event` (the document as JSON), and one column for each of `fields`.

        Args:
            fields: names of fields, as `process.name`. A field that has several values in an event is a
                list in all of them; a field with values of different types is a column of strings.

        Raises:
            ImportError: pyarrow is not installed (`pip install 'eqlx[arrow]'`).
        """
        from eqlx.api.tables import arrow

        return arrow(self.runs, fields)

    def relation(
        self, *fields: str, connection: duckdb.DuckDBPyConnection | None = None
    ) -> duckdb.DuckDBPyRelation:
        """The table of `arrow` as a DuckDB relation. DuckDB reads the Arrow buffers in place.

        Args:
            fields: as for `arrow`.
            connection: the connection that the relation belongs to; DuckDB's default one if None.

        Raises:
            ImportError: pyarrow is not installed (`pip install 'eqlx[arrow]'`).
        """
        from eqlx.api.tables import relation

        return relation(self.runs, fields, connection)


def run(  # noqa: PLR0913 the request, flat, is what callers want to write
    rules: Rules,
    events: Events,
    *,
    engine: str = "duckdb",
    url: str | None = None,
    pack: str = "auto",
    schema: FieldList | str | Path | None = None,
    roles: Roles | None = None,
    allow: Iterable[Drift | str] = (),
    size: int | None = None,
    require: Requirement | str = Requirement.ALL,
    skip_broken: bool = False,
    bounds: Bounds | None = None,
) -> RunResult:
    """Search events with rules.

    One rule that is invalid, refused or fails does not stop the others: `RunResult.failed` lists them.

    Args:
        rules: a rule of `load_rules`, an EQL query (`str`), a rule file or folder (`pathlib.Path`), or
            several of these.
        events: paths of JSON or Parquet files, folders or patterns; or events as dictionaries.
        engine: `duckdb`, `clickhouse`, `reference`, `elasticsearch`, or a plug-in's name.
        url: the server of an engine that needs one. Credentials come from the environment.
        pack: how raw logs become ECS events: `auto` (by recognition), `none`, or a pack's name or file.
        schema: a list of fields and their types, or its file, put before the built-in catalogue.
        roles: the fields for time, order, category and id, and the letter case; the rule's own if None.
        allow: directions of change to accept, `"widens"` and `"narrows"`.
        size: the limit of each rule's results, to the last `size` (spec §13.5).
        require: `all`, `can-match` or `complete`: search the rules whose fields the data have.
        skip_broken: leave out events that cannot be read, and count them in `diagnostics`.
        bounds: time in seconds and memory for each search; 300 seconds and 4 GB if None.

    Raises:
        EqlxError: there is no rule, the events cannot be read, or the engine does not start.
    """
    loaded = rules_of(rules)
    executor = with_packs(load_engine(engine, url), pack)
    runner = Runner(
        executor=executor,
        target=None if executor.target is None else load_target(executor.target),
        dataset=dataset_of(events, skip_broken=skip_broken),
        bounds=bounds or Bounds(),
        fields=schema_of(schema),
        roles=roles or Roles(),
        allow=drifts_of(allow),
        size=size,
        require=Requirement(require),
        together=True,
    )
    try:
        with runner:
            runs = tuple(runner.run_all(loaded.rules))
    except DatasetError as error:
        raise EqlxError((dataset_diagnostic(error),)) from error
    except ExecutionError as error:
        raise EqlxError((engine_diagnostic(engine, error),)) from error
    return RunResult(runs, (*loaded.diagnostics, *runner.notes))
