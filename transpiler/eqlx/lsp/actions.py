"""Corrections that an editor offers for a diagnostic: those that its help spells out.

A help such as "did you mean `process.name`?" names what to write in the place of what is marked. A correction
is offered only if it holds: the file with it no longer has the diagnostic, and no error that it had not before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from eqlx.diagnostics import Diagnostic, Severity
from eqlx.lsp.document import Document
from eqlx.source import Span

_OFFERS = re.compile(r"^(?:did you mean|write|use|expected) (.*)$", re.DOTALL)
_CODE = re.compile(r"`` `(?P<tick>[^`]+)` ``|`(?P<code>[^`]+)`")
_MOST = 5


@dataclass(frozen=True, slots=True)
class Correction:
    """`text` in the place of `span` of the file."""

    title: str
    diagnostic: Diagnostic
    span: Span
    text: str


def corrections(document: Document, span: Span) -> Iterator[Correction]:
    """The corrections of diagnostics that touch a range of the file."""
    for diagnostic in document.diagnostics:
        place = document.place(diagnostic)
        if diagnostic.span is None or place.start > span.end or span.start > place.end:
            continue
        for text in _offered(diagnostic):
            made = document.text[: place.start] + text + document.text[place.end :]
            if _holds(document, diagnostic, replace(document, text=made)):
                title = f"replace `{document.text[place.start : place.end]}` with `{text}`"
                yield Correction(title, diagnostic, place, text)


def _offered(diagnostic: Diagnostic) -> list[str]:
    """The pieces of code that the help says to write; none that stands for others (`…`)."""
    match = _OFFERS.match(diagnostic.help or "")
    if match is None:
        return []
    found = [f"`{m['tick']}`" if m["tick"] else m["code"] for m in _CODE.finditer(match[1])]
    quote = '"' if (diagnostic.excerpt or "").startswith('"') else ""
    return [
        text if text.startswith('"') else f"{quote}{text}{quote}"
        for text in dict.fromkeys(found)
        if "…" not in text
    ][:_MOST]


def _holds(before: Document, diagnostic: Diagnostic, after: Document) -> bool:
    old, new = _counted(before), _counted(after)
    gone = new[diagnostic.code, diagnostic.severity] < old[diagnostic.code, diagnostic.severity]
    worse = [key for key in new if key[1] is Severity.ERROR and new[key] > old[key]]
    # An error that hid others (a fault of syntax) may show them.
    hidden = diagnostic.severity is Severity.ERROR and len(after.rules) == len(before.rules)
    return gone and (not worse or (hidden and all(code != diagnostic.code for code, _ in worse)))


def _counted(document: Document) -> Counter[tuple[str, Severity]]:
    return Counter((each.code, each.severity) for each in document.diagnostics)
