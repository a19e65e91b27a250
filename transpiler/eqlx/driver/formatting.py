"""Rules brought into canonical form inside their files: proved to mean the same, before they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eqlx.diagnostics import Diagnostic, Report
from eqlx.driver.convert import compile_rule
from eqlx.rule import Rule
from eqlx.rulefile.rewriting import RewritingError, with_queries
from eqlx.source import Source


@dataclass(frozen=True)
class FormattedFile:
    """A file before and after. `before` is the file as it was read, `after` its new text; the two are
    equal where nothing changes, or where a rule of the file could not be formatted alone."""

    before: Source
    after: str
    rules: int
    diagnostics: tuple[Diagnostic, ...] = ()
    """Why rules of the file are not formatted."""

    @property
    def is_changed(self) -> bool:
        return self.after != self.before.text


def by_file(rules: Sequence[Rule]) -> Mapping[Source, tuple[Rule, ...]]:
    """The rules by the file that holds them, in order. A query that stands alone is a file."""
    found: dict[int, list[Rule]] = {}
    files: dict[int, Source] = {}
    for rule in rules:
        file = rule.query.outer or rule.query
        files[id(file)] = file
        found.setdefault(id(file), []).append(rule)
    return {files[key]: tuple(group) for key, group in found.items()}


def format_file(file: Source, rules: Sequence[Rule]) -> FormattedFile:
    """The file with the queries of all its rules in canonical form, and nothing else changed.

    A rule that is not valid stays as it is, and its errors are given. Nothing is raised.
    """
    report = Report()
    queries: list[tuple[Source, str]] = []
    for rule in rules:
        made = format_rule(rule, report)
        if made is not None:
            queries.append((rule.query, made))
    after = file.text
    # A query that could not be found back in the file that holds it stands alone.
    alone = frozenset(rule.query for rule in rules if rule.query is file and rule.raw)
    try:
        after = with_queries(file, queries, alone)
    except RewritingError as error:
        from eqlx.diagnostics.catalogue.usage import not_formatted

        inner = Report(file)
        inner.add(not_formatted(str(error)))
        report.extend(inner)
    return FormattedFile(file, after, len(rules), report.diagnostics)


def format_rule(rule: Rule, report: Report) -> str | None:
    """The canonical form of a rule's query; None after at least one error in `report`.

    The tree that was read and the IR after all passes are the same before and after, and the comments
    are kept: all of it is checked for each rule.
    """
    from eqlx.diagnostics.catalogue.usage import not_formatted
    from eqlx.syntax.formatting import FormattingError, format_source

    own = Report(rule.query, rule.label)
    made: str | None = None
    try:
        made = format_source(rule.query, own)
        if made is not None:
            made = _proved(rule, made, own)
    except FormattingError as error:
        made = None
        own.add(not_formatted(str(error)))
    report.extend(own)
    return made


def _proved(rule: Rule, made: str, own: Report) -> str | None:
    """`made`, where it compiles to the very IR of the rule."""
    before = compile_rule(rule)
    if before.query is None:
        own.extend(_of(before.diagnostics))
        return None
    after = compile_rule(replace(rule, query=Source(rule.query.name, made)))
    if after.query != before.query:
        from eqlx.diagnostics.catalogue.usage import not_formatted

        own.add(not_formatted("the formatted text means another query"))
        return None
    return made


def _of(diagnostics: Sequence[Diagnostic]) -> Report:
    from eqlx.diagnostics import Severity

    report = Report()
    for diagnostic in diagnostics:
        if diagnostic.severity is Severity.ERROR:
            report.add(diagnostic)
    return report
