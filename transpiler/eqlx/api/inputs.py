"""What callers of the Python API pass in, in the forms that the driver takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from eqlx.capability import Drift
from eqlx.diagnostics import Diagnostic, EqlxError, Severity
from eqlx.diagnostics.catalogue.usage import cannot_read, no_rules
from eqlx.driver.events import dataset_diagnostic, load_events
from eqlx.events import expand
from eqlx.execution import Dataset, DatasetError, Event
from eqlx.fields.schema import FieldList
from eqlx.fields.user import load_schema
from eqlx.rule import Rule
from eqlx.rulefile import loader

Rules = Rule | str | Path | Iterable[Rule | str | Path]
"""A rule, an EQL query (`str`), a rule file or a folder of rules (`Path`), or several of these."""

Events = str | Path | Iterable[str | Path] | Iterable[Event]
"""Files, folders or quoted patterns of events, or events in memory as dictionaries."""


def rules_of(given: Rules) -> loader.Loaded:
    """The rules, with what there is to say of files that could not be read.

    Raises:
        EqlxError: there is no rule at all.
    """
    several = [given] if isinstance(given, Rule | str | Path) else list(given)
    rules: list[Rule] = []
    diagnostics: list[Diagnostic] = []
    skipped: list[loader.Skipped] = []
    queries = sum(isinstance(each, str) for each in several)
    for place, each in enumerate(several):
        if isinstance(each, Rule):
            rules.append(each)
        elif isinstance(each, str):
            number = sum(isinstance(other, str) for other in several[: place + 1])
            rules.append(loader.from_query(each, f"query-{number}" if queries > 1 else "query"))
        else:
            loaded = loader.load([each])
            rules.extend(loaded.rules)
            diagnostics.extend(loaded.diagnostics)
            skipped.extend(loaded.skipped)
    if not rules:
        errors = any(each.severity is Severity.ERROR for each in diagnostics)
        paths = tuple(str(each) for each in several if isinstance(each, Path))
        raise EqlxError((*diagnostics, *(() if errors else (no_rules(paths),))))
    return loader.Loaded(tuple(rules), tuple(diagnostics), tuple(skipped))


def dataset_of(given: Events, *, skip_broken: bool = False) -> Dataset:
    """The events as a dataset; files are not read yet.

    Raises:
        EqlxError: a path names no events.
    """
    if isinstance(given, str | Path):
        return _files([given], skip_broken=skip_broken)
    several = list(given)
    paths = [each for each in several if isinstance(each, str | Path)]
    events = [each for each in several if isinstance(each, Mapping)]
    if len(events) == len(several):
        return Dataset(events=tuple(events))
    if len(paths) < len(several):
        message = "events are paths, or dictionaries, and never both"
        raise TypeError(message)
    return _files(paths, skip_broken=skip_broken)


def events_of(given: Events, timestamp: str | None, *, skip_broken: bool = False) -> list[Event]:
    """The events in memory, as the reference interpreter reads them.

    Raises:
        EqlxError: a file cannot be read.
    """
    dataset = dataset_of(given, skip_broken=skip_broken)
    if dataset.events is not None:
        return list(dataset.events)
    try:
        return load_events(dataset, timestamp or "@timestamp")[0]
    except DatasetError as error:
        raise EqlxError((dataset_diagnostic(error),)) from error


@cache
def _scratch() -> TemporaryDirectory[str]:
    """For copies of what archives hold; removed when the process ends, since a dataset may be read often."""
    return TemporaryDirectory(prefix="eqlx-", ignore_cleanup_errors=True)


def _files(paths: Iterable[str | Path], *, skip_broken: bool) -> Dataset:
    try:
        found = expand([str(path) for path in paths], None, lambda: Path(_scratch().name))
    except DatasetError as error:
        raise EqlxError((dataset_diagnostic(error),)) from error
    return Dataset(found, skip_broken=skip_broken)


def schema_of(given: FieldList | str | Path | None) -> FieldList | None:
    """A field list, read where it is a path.

    Raises:
        EqlxError: the file cannot be read, or it is no field list.
    """
    if given is None or isinstance(given, FieldList):
        return given
    try:
        return load_schema(Path(given))
    except (OSError, UnicodeDecodeError) as error:
        raise EqlxError((cannot_read(str(given), str(error)),)) from error


def drifts_of(given: Iterable[Drift | str]) -> frozenset[Drift]:
    """Directions of change, by value or by name."""
    return frozenset(Drift(drift) for drift in given)
