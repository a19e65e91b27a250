"""The findings of `eqlx check` as documents for other programs: SARIF, GitLab's code quality, JUnit."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from urllib.parse import quote
from xml.etree import ElementTree as ET

from eqlx.diagnostics import Diagnostic, Severity
from eqlx.diagnostics.catalogue.entry import ENTRIES
from eqlx.printable import UNSAFE, escaped_json
from eqlx.render.place import Place, file_name, primary_place
from eqlx.rule import Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ABOUT = "https://github.com/eqlx/eqlx"
_NO_FILE = "(no file)"


@dataclass
class Findings:
    """What was said, and of which rules: a rule that is named in no finding is clean."""

    version: str
    rules: list[Rule] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


# --- SARIF ----------------------------------------------------------------------------------------


def sarif(findings: Findings) -> str:
    """A SARIF 2.1.0 log, as code scanning of GitHub and others read it; columns count characters."""
    slugs = sorted({diagnostic.code for diagnostic in findings.diagnostics})
    driver = {
        "name": "eqlx",
        "version": findings.version,
        "informationUri": _ABOUT,
        "rules": [_sarif_rule(slug) for slug in slugs],
    }
    marked = zip(findings.diagnostics, _fingerprints(findings.diagnostics), strict=True)
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, slugs.index(each.code), mark) for each, mark in marked],
    }
    return _json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _sarif_rule(slug: str) -> dict[str, object]:
    entry = ENTRIES[slug]
    summary, _, _ = entry.page.partition("\n\n")
    return {
        "id": slug,
        "shortDescription": {"text": " ".join(summary.split())},
        "fullDescription": {"text": entry.page},
        "help": {"text": entry.page, "markdown": entry.page},
        "defaultConfiguration": {"level": entry.severity.value},
    }


def _result(diagnostic: Diagnostic, index: int, fingerprint: str) -> dict[str, object]:
    name, place = file_name(diagnostic), primary_place(diagnostic)
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": diagnostic.severity.value,
        "message": {"text": _whole(diagnostic)},
        "partialFingerprints": {"eqlx/v1": fingerprint},
    }
    if name is not None:
        physical: dict[str, object] = {"artifactLocation": _artifact(name)}
        if place is not None:
            physical["region"] = _region(place)
        result["locations"] = [{"physicalLocation": physical}]
    return result


def _artifact(name: str) -> dict[str, str]:
    """A file as a URI; a relative path counts from the root of the checkout, as GitHub reads it."""
    path = Path(name)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix()), "uriBaseId": "%SRCROOT%"}


def _region(place: Place) -> dict[str, int]:
    return {
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    }


# --- GitLab ---------------------------------------------------------------------------------------

_GITLAB = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def gitlab(findings: Findings) -> str:
    """A code quality report of GitLab. It needs a file and a line, so that findings about none are left
    out: they are on stderr."""
    marked = zip(findings.diagnostics, _fingerprints(findings.diagnostics), strict=True)
    return _json(
        [
            {
                "check_name": diagnostic.code,
                "description": _whole(diagnostic),
                "fingerprint": fingerprint,
                "severity": _GITLAB[diagnostic.severity],
                "location": {
                    "path": PurePath(name).as_posix(),
                    "lines": {"begin": _line(diagnostic)},
                },
            }
            for diagnostic, fingerprint in marked
            if (name := file_name(diagnostic)) is not None
        ]
    )


def _line(diagnostic: Diagnostic) -> int:
    place = primary_place(diagnostic)
    return 1 if place is None else place.start.line


# --- JUnit ----------------------------------------------------------------------------------------


def junit(findings: Findings) -> str:
    """A JUnit report: a suite a file, a case a rule; errors and warnings are its failures."""
    by_rule: dict[str | None, list[Diagnostic]] = {}
    for diagnostic in findings.diagnostics:
        if diagnostic.severity is not Severity.NOTE:
            by_rule.setdefault(diagnostic.rule, []).append(diagnostic)
    cases: dict[str, list[tuple[str, list[Diagnostic]]]] = {}
    for rule in findings.rules:
        file = rule.path or _NO_FILE
        cases.setdefault(file, []).append((rule.name or rule.label, by_rule.pop(rule.label, [])))
    for named, left in by_rule.items():
        for diagnostic in left:
            file = file_name(diagnostic) or _NO_FILE
            cases.setdefault(file, []).append((named or file, [diagnostic]))
    everything = [case for found in cases.values() for case in found]
    root = ET.Element("testsuites", {"name": "eqlx check", **_totals(everything)})
    for file, found in cases.items():
        suite = ET.SubElement(root, "testsuite", {"name": _xml(file), **_totals(found)})
        for name, failures in found:
            case = ET.SubElement(suite, "testcase", name=_xml(name), classname=_xml(file), time="0")
            if failures:  # many readers take one element alone
                message = "; ".join(failure.message for failure in failures)
                codes = " ".join(dict.fromkeys(failure.code for failure in failures))
                line = ET.SubElement(case, "failure", type=codes, message=_xml(message))
                text = "\n".join(f"{file}:{_line(each)}: {_whole(each)}" for each in failures)
                line.text = "\n".join(map(_xml, text.split("\n")))
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _totals(cases: Sequence[tuple[str, list[Diagnostic]]]) -> dict[str, str]:
    failed = sum(bool(failures) for _, failures in cases)
    return {"tests": str(len(cases)), "failures": str(failed), "errors": "0", "time": "0"}


def _xml(text: str) -> str:
    return UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


# --- all ------------------------------------------------------------------------------------------


def _whole(diagnostic: Diagnostic) -> str:
    lines: Iterable[str] = (diagnostic.message, *diagnostic.notes)
    help_ = () if diagnostic.help is None else (f"help: {diagnostic.help}",)
    return "\n".join((*lines, *help_))


def _fingerprints(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    """For each finding what stays the same wherever its line moves to; equal findings are numbered."""
    seen: Counter[str] = Counter()
    for diagnostic in diagnostics:
        parts = (diagnostic.code, diagnostic.message, diagnostic.excerpt, diagnostic.rule)
        told = json.dumps((*parts, file_name(diagnostic)))
        yield hashlib.sha256(f"{told}{seen[told] or ''}".encode()).hexdigest()
        seen[told] += 1


def _json(document: object) -> str:
    return escaped_json(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


FORMS: dict[str, Callable[[Findings], str]] = {"sarif": sarif, "gitlab": gitlab, "junit": junit}
