"""What a run of the loader gathers: rules, what was skipped, what there is to say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from eqlx.diagnostics import Diagnostic, Report
from eqlx.diagnostics.catalogue.rulefile import (
    duplicate_rule_id,
    empty_query,
    file_without_rule,
    missing_query,
    not_a_rule,
    rules_in_other_languages,
    wrong_key_type,
)
from eqlx.rule import Rule
from eqlx.rulefile.metadata import Document, describe, read
from eqlx.source import Source, Span


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule in a language that eqlx does not read."""

    name: str
    path: str
    language: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The rules of a run in the order of their files, and all that was found on the way."""

    rules: tuple[Rule, ...]
    diagnostics: tuple[Diagnostic, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass
class Batch:
    """Collects over many files. One bad file or rule never stops the others."""

    rules: list[Rule] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    _known: dict[str, Document] = field(default_factory=dict)

    def say(self, diagnostic: Diagnostic, file: Source | None = None) -> None:
        report = Report(file)
        report.add(diagnostic)
        self.report.extend(report)

    def no_rule(self, file: Source, expected: str, *, asked_for: bool) -> None:
        """A file holds no rule: an error where the file itself was asked for."""
        self.say(not_a_rule(expected) if asked_for else file_without_rule(expected), file)

    def add_text(self, file: Source, name: str | None) -> None:
        """A file that is EQL text from end to end."""
        if file.text.strip():
            self.rules.append(Rule(query=file, name=name, path=file.name))
        else:
            self.say(empty_query(), file)

    def add_document(self, document: Document, embedded: Source | None) -> None:
        """A rule with its metadata; `embedded` is its query where that is a string."""
        rule = document.rule
        report = Report(document.file, _label(rule))
        language = _language(document, report)
        if language is None:
            pass
        elif language != "eql":
            name = _label(rule) or document.file.name
            self.skipped.append(Skipped(name, document.file.name, language))
        elif embedded is None:
            self._say_no_query(document, report)
        elif not embedded.text.strip():
            report.add(empty_query(span=document.place("rule.query")))
        elif (found := read(document, embedded, report)) is not None:
            self._say_duplicate(found, document, report)
            self.rules.append(found)
        self.report.extend(report)

    def _say_no_query(self, document: Document, report: Report) -> None:
        if document.rule.get("query") is None:
            report.add(missing_query(span=document.whole))
        else:
            found = describe(document.rule["query"])
            span = document.place("rule.query")
            report.add(wrong_key_type("query", "a string", found, span=span))

    def _say_duplicate(self, rule: Rule, document: Document, report: Report) -> None:
        if rule.id is None:
            return
        other = self._known.setdefault(rule.id, document)
        if other is not document:
            span = document.place("rule.rule_id")
            report.add(duplicate_rule_id(rule.id, _place(other), span=span))

    def finish(self) -> Loaded:
        if self.skipped:
            counts = Counter(skipped.language for skipped in self.skipped)
            self.report.add(rules_in_other_languages(dict(counts)))
        return Loaded(tuple(self.rules), self.report.diagnostics, tuple(self.skipped))


def _place(document: Document) -> str:
    """Where a rule stands, for people: its file, and the line where a file holds many."""
    whole = document.whole
    if whole is None or whole == Span(0, 0):
        return document.file.name
    return f"{document.file.name}:{document.file.position(whole.start).line}"


def _label(rule: object) -> str | None:
    if not isinstance(rule, dict):
        return None
    for key in ("rule_id", "id", "name"):
        if isinstance(value := rule.get(key), str) and value:
            return value
    return None


def _language(document: Document, report: Report) -> str | None:
    """The language of a rule's query; None where the keys are broken (reported)."""
    values: dict[str, str] = {}
    for key in ("type", "language"):
        value = document.rule.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            span = document.place(f"rule.{key}")
            report.add(wrong_key_type(key, "a string", describe(value), span=span))
            return None
        values[key] = value
    match values:
        case {"type": "eql"} | {"language": "eql"}:
            return "eql"
        case {"type": "machine_learning"}:
            return "machine learning"
        case {"language": language}:
            return language
        case {"type": "esql"}:
            return "esql"
        # Kibana's default for all its other types.
        case {"type": _}:
            return "kuery"
        case _:
            return "eql"
