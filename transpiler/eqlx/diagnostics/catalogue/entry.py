"""The decorator that makes a function a catalogue entry: slug, severity, parameters, page."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

from eqlx.diagnostics.model import Body, Diagnostic, Label, Severity

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a slug without an occurrence of it; `page` is what `eqlx explain` prints."""

    slug: str
    severity: Severity
    page: str
    build: Callable[..., Diagnostic]


ENTRIES: dict[str, Entry] = {}


def entry(slug: str, severity: Severity) -> Callable[[Callable[P, Body]], Callable[P, Diagnostic]]:
    """Register a function that returns a `Body` as the one constructor of `slug`.

    The docstring is the page: first line what is wrong, then why it matters, then an example of
    what to write instead.
    """

    def register(function: Callable[P, Body]) -> Callable[P, Diagnostic]:
        if slug in ENTRIES:
            message = f"slug {slug} is taken"
            raise ValueError(message)
        signature = inspect.signature(function)

        @wraps(function)
        def build(*args: P.args, **kwargs: P.kwargs) -> Diagnostic:
            body = function(*args, **kwargs)
            primary = () if body.span is None else (Label(body.span, body.label, primary=True),)
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            return Diagnostic(
                code=slug,
                severity=severity,
                message=body.message,
                labels=primary + body.also,
                notes=body.notes,
                help=body.help,
                parameters={k: v for k, v in bound.arguments.items() if k != "span"},
            )

        ENTRIES[slug] = Entry(slug, severity, inspect.getdoc(function) or "", build)
        return build

    return register
