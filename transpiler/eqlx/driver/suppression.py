"""Findings that a rule's file says are meant: `// eqlx: ignore[slug]` in the query, `# eqlx: ignore[slug]` in
TOML beside it. Errors cannot be suppressed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from eqlx.diagnostics import Diagnostic, Report, Severity
from eqlx.diagnostics.catalogue.entry import ENTRIES
from eqlx.diagnostics.catalogue.lint import unused_suppression
from eqlx.diagnostics.nearest import nearest
from eqlx.rule import Rule
from eqlx.source import Source, Span

_IN_QUERY = re.compile(r"(?://|/\*)[ \t]*eqlx:[ \t]*ignore\[([^\]\n]*)\]")
_IN_TOML = re.compile(r"#[ \t]*eqlx:[ \t]*ignore\[([^\]\n]*)\]")
_TOML = re.compile(
    r""""{3}(?:[^"\\]|\\.|"(?!""))*"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|(?P<comment>#[^\n]*)""",
    re.DOTALL,
)
"""Strings of TOML, and its comments."""


@dataclass
class _Mark:
    """One slug of a comment. `lines`: where it counts, in the query; None: everywhere."""

    slug: str
    source: Source
    span: Span
    lines: frozenset[int] | None
    used: bool = False

    def takes(self, diagnostic: Diagnostic, line: int | None) -> bool:
        """Whether the finding is meant; the mark is then used."""
        found = diagnostic.code == self.slug and (self.lines is None or line in self.lines)
        self.used |= found
        return found


@dataclass
class Suppressions:
    """The marks of a rule. `kept` uses them up, `unused` says which were of no use."""

    rule: Rule
    _marks: list[_Mark] = field(default_factory=list)

    @classmethod
    def of(cls, rule: Rule) -> Suppressions:
        return cls(rule, [*_in_query(rule.query), *_in_toml(rule.query)])

    def kept(self, diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
        """The findings that no mark is about."""
        return [d for d in diagnostics if d.severity is Severity.ERROR or not self._is_meant(d)]

    def unused(self) -> Sequence[Diagnostic]:
        """A finding for each mark that took none."""
        found: list[Diagnostic] = []
        for mark in self._marks:
            if not mark.used:
                report = Report(mark.source, self.rule.label)
                known = mark.slug in ENTRIES
                near = None if known else nearest(mark.slug, ENTRIES)
                report.add(unused_suppression(mark.slug, near, known=known, span=mark.span))
                found += report.diagnostics
        return found

    def _is_meant(self, diagnostic: Diagnostic) -> bool:
        span = diagnostic.span
        own = span is not None and diagnostic.source is self.rule.query
        line = self.rule.query.position(span.start).line if span is not None and own else None
        taken = [mark.takes(diagnostic, line) for mark in self._marks]
        return any(taken)


def _in_query(query: Source) -> Iterator[_Mark]:
    """Behind a condition a comment counts for its line, else for the next line with one."""
    for comment in _IN_QUERY.finditer(query.text):
        line = query.position(comment.start()).line
        before = query.text[: comment.start()].rpartition("\n")[2]
        behind = query.text[comment.end() :].partition("\n")[0]
        alone = not before.strip() and not behind.replace("*/", "").strip()
        for slug, span in _slugs(comment):
            yield _Mark(slug, query, span, frozenset({line + 1} if alone else {line}))


def _in_toml(query: Source) -> Iterator[_Mark]:
    """Outside of the query a comment counts for the whole rule."""
    if query.outer is None or not query.outer.name.lower().endswith(".toml"):
        return
    file, _ = query.outermost(Span(0, len(query.text)))
    for token in _TOML.finditer(file.text):
        if token["comment"] is None:
            continue
        for comment in _IN_TOML.finditer(file.text, token.start(), token.end()):
            for slug, span in _slugs(comment):
                yield _Mark(slug, file, span, None)


def _slugs(comment: re.Match[str]) -> Iterator[tuple[str, Span]]:
    for word in re.finditer(r"[^,\s]+", comment[1]):
        yield word[0], Span(comment.start(1) + word.start(), comment.start(1) + word.end())
