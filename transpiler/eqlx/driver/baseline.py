"""A baseline: the findings that a repository of rules has today, so that a check fails for new ones alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from eqlx.diagnostics import Diagnostic, EqlxError, Report, Severity
from eqlx.source import Source

_VERSION = 1
_KEYS = ("rule", "code", "message")

Finding = tuple[str, str, str]
"""The rule's label (its id, else its name), the slug, and the message. Lines take no part: a finding stays
known when other parts of its file change, or the file moves."""


@dataclass
class Baseline:
    """Known findings, each as often as it was found. `admit` uses them up."""

    findings: Counter[Finding] = field(default_factory=Counter)
    known: int = 0
    """How many findings `admit` has found known."""

    @classmethod
    def of(cls, diagnostics: Iterable[Diagnostic]) -> Baseline:
        """The errors and warnings of rules; notes, and faults of whole files, are no part of a baseline."""
        return cls(Counter(f for d in diagnostics if (f := _finding(d)) is not None))

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """A baseline that `text` has made.

        Raises:
            OSError: the file cannot be read.
            EqlxError: it is no baseline.
        """
        source = Source(str(path), path.read_text(encoding="utf-8", errors="replace"))
        try:
            content = json.loads(source.text)
            if content["version"] != _VERSION:
                raise _broken(source, f"found version {content['version']}, expected {_VERSION}")
            findings: Counter[Finding] = Counter()
            for entry in content["findings"]:
                rule, code, message = (str(entry[key]) for key in _KEYS)
                findings[rule, code, message] += int(entry.get("count", 1))
        except (ValueError, RecursionError) as error:
            raise _broken(source, f"it is no JSON ({error})") from None
        except (KeyError, TypeError, AttributeError):
            raise _broken(source, "`version` or `findings` is missing or wrong") from None
        return cls(findings)

    def text(self) -> str:
        """The baseline as a file: sorted, one finding a line, so that changes of it are easy to read."""
        lines = [
            json.dumps(
                dict(zip(_KEYS, finding, strict=True)) | ({"count": count} if count > 1 else {}),
                ensure_ascii=False,
            )
            for finding, count in sorted(self.findings.items())
        ]
        body = "".join(f"\n  {line}," for line in lines).rstrip(",")
        return f'{{"version": {_VERSION}, "findings": [{body}\n]}}\n'

    def admit(self, diagnostic: Diagnostic) -> bool:
        """Whether the diagnostic is new. A known finding is counted, and is known so often as it was found."""
        finding = _finding(diagnostic)
        if finding is None or self.findings[finding] <= 0:
            return True
        self.findings[finding] -= 1
        self.known += 1
        return False

    @property
    def gone(self) -> int:
        """How many known findings no rule has any more."""
        return sum(count for count in self.findings.values() if count > 0)


def _finding(diagnostic: Diagnostic) -> Finding | None:
    if diagnostic.severity is Severity.NOTE or diagnostic.rule is None:
        return None
    return diagnostic.rule, diagnostic.code, diagnostic.message


def _broken(source: Source, reason: str) -> EqlxError:
    from eqlx.diagnostics.catalogue.usage import broken_baseline

    report = Report(source)
    report.add(broken_baseline(reason))
    return EqlxError(report.diagnostics)
