"""What there is to say of a data set that was read."""

from __future__ import annotations

from collections.abc import Iterable

from eqlx.diagnostics import Diagnostic, Report
from eqlx.diagnostics.catalogue.execution import (
    broken_events_skipped,
    kibana_times,
    names_differ_in_case,
    no_events,
)
from eqlx.events.reading import Broken
from eqlx.events.times import Times
from eqlx.execution import Dataset


def notes_of(dataset: Dataset, faults: Broken, times: Times) -> tuple[Diagnostic, ...]:
    """Events that were left out, files without events, and times that could not be read."""
    report = Report()
    if faults.first is not None:
        place = f"{faults.first.path}:{faults.first.line}"
        report.add(broken_events_skipped(faults.count, f"{place}: {faults.first}"))
    if dataset.files and not times.events:
        report.add(no_events(tuple(str(path) for path in dataset.files)))
    if faults.kibana_times:
        report.add(kibana_times())
    return (*report.diagnostics, *times.diagnostics())


def clashes(names: Iterable[str]) -> tuple[Diagnostic, ...]:
    """A note on fields whose names differ in letter case alone, if there are such."""
    by_letters: dict[str, list[str]] = {}
    for name in sorted(names):
        by_letters.setdefault(name.lower(), []).append(name)
    pairs = tuple(tuple(found) for found in by_letters.values() if len(found) > 1)
    if not pairs:
        return ()
    report = Report()
    report.add(names_differ_in_case(pairs))
    return report.diagnostics
