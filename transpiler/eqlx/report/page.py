"""A report as one HTML file that loads nothing: Jinja2 with autoescape, no script at all.

The one module of the core that imports Jinja2 (decision 013).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from eqlx.capability import Grade
from eqlx.render.cells import shown, shown_lines
from eqlx.render.summary import counted
from eqlx.report.model import FidelityReport

_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?")


def page(report: FidelityReport) -> str:
    """The report as HTML, ending in a line feed."""
    return rendered("page.html.jinja", report=report, grades=list(Grade), attack_url=attack_url)


def rendered(template: str, **given: object) -> str:
    """A template of this package with what it is given, ending in a line feed."""
    return f"{_environment().get_template(template).render(**given).rstrip()}\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("eqlx.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # `Any`: what a filter takes after its value is its own business, which Jinja2's types deny.
    filters: dict[str, Any] = {"line": shown, "prose": prose, "code": code, "counted": counted}
    environment.filters.update(filters)
    return environment


def code(text: str) -> str:
    """Text for a code block: control and direction characters become visible."""
    return "\n".join(shown_lines(text))


def prose(text: str) -> Markup:
    """A sentence of eqlx's own, escaped, with what stands between backticks as code."""
    parts = shown(text).split("`")
    if len(parts) % 2 == 0:
        return Markup("{}").format(shown(text))
    plain, code_span = Markup("{}"), Markup("<code>{}</code>")
    marked = (code_span if at % 2 else plain for at in range(len(parts)))
    return Markup("").join(form.format(part) for form, part in zip(marked, parts, strict=True))


def attack_url(identifier: str) -> str:
    """The page of a technique; empty for what is no technique's id (links are never a rule's)."""
    if not _TECHNIQUE.fullmatch(identifier):
        return ""
    return f"https://attack.mitre.org/techniques/{identifier.replace('.', '/')}/"
