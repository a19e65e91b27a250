"""Compile Elastic EQL detection rules to SQL, Elasticsearch Query DSL and Sigma.

>>> import eqlx
>>> artifact = eqlx.convert('process where process.name : "cmd.exe"', to="eql")
>>> artifact.fidelity.grade.value
'exact'

`EqlxError` carries the diagnostics, each with its place and the string that it marks. Everything heavy is
imported where it is used, so that `import eqlx` is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from eqlx.api.judging import (
        CheckResult,
        DiffResult,
        Explained,
        VerifyResult,
        check,
        diff,
        explain,
        verify,
    )
    from eqlx.api.running import RunResult, run
    from eqlx.capability import Drift
    from eqlx.diagnostics import Diagnostic, EqlxError, Severity
    from eqlx.driver.plan import Roles
    from eqlx.execution import Bounds
    from eqlx.fields.layout import Layout
    from eqlx.fields.schema import Schema
    from eqlx.ir.nodes import Query
    from eqlx.rule import Rule
    from eqlx.target import Artifact, EventModel

    __version__: str

__all__ = [
    "Artifact",
    "Bounds",
    "CheckResult",
    "Diagnostic",
    "DiffResult",
    "EqlxError",
    "Explained",
    "Roles",
    "Rule",
    "RunResult",
    "Severity",
    "VerifyResult",
    "__version__",
    "check",
    "convert",
    "diff",
    "explain",
    "load_rules",
    "parse",
    "render_diagnostics",
    "run",
    "verify",
]

_HOMES = {
    "Artifact": "eqlx.target",
    "Bounds": "eqlx.execution",
    "CheckResult": "eqlx.api.judging",
    "Diagnostic": "eqlx.diagnostics",
    "DiffResult": "eqlx.api.judging",
    "EqlxError": "eqlx.diagnostics",
    "Explained": "eqlx.api.judging",
    "Roles": "eqlx.driver.plan",
    "Rule": "eqlx.rule",
    "RunResult": "eqlx.api.running",
    "Severity": "eqlx.diagnostics",
    "VerifyResult": "eqlx.api.judging",
    "check": "eqlx.api.judging",
    "diff": "eqlx.api.judging",
    "explain": "eqlx.api.judging",
    "run": "eqlx.api.running",
    "verify": "eqlx.api.judging",
}
"""Where the public names live that are imported when somebody asks for them."""


def parse(
    text: str,
    *,
    schema: Schema | None = None,
    model: EventModel | None = None,
    size: int | None = None,
) -> Query:
    """An EQL text as IR, after all passes (`eqlx.ir.nodes`).

    Args:
        text: an EQL query.
        schema: the fields; the built-in field catalogue if None.
        model: the roles of fields; Elasticsearch's defaults if None.
        size: an explicit limit of results (spec §13.5).

    Raises:
        EqlxError: the text is not valid; `diagnostics` say where and why.
    """
    from eqlx.diagnostics import EqlxError, Report
    from eqlx.driver.schemas import schema_of
    from eqlx.passes.context import Context
    from eqlx.passes.pipeline import compile_source
    from eqlx.source import Source
    from eqlx.target import EventModel as Model

    source = Source("query", text)
    report = Report(source)
    context = Context(schema or schema_of(None), report, model or Model(), size)
    query = compile_source(source, context)
    if query is None or report.has_errors:
        raise EqlxError(report.diagnostics)
    return query


def convert(  # noqa: PLR0913 the request, flat, is what callers want to write
    rule: Rule | str,
    to: str = "sql",
    dialect: str | None = None,
    *,
    schema: Schema | None = None,
    layout: Layout | None = None,
    model: EventModel | None = None,
    allow: Iterable[Drift | str] = (),
    size: int | None = None,
    options: Mapping[str, str] | None = None,
) -> Artifact:
    """Convert a rule, or an EQL text, for an installed target.

    Args:
        rule: a rule of `load_rules`, or an EQL query.
        to: a target's name: `sql`, `elasticsearch`, `sigma`, `eql`, or a plug-in's.
        dialect: one of the target's dialects; its first if None.
        schema: the fields; the built-in field catalogue if None.
        layout: the columns of the data, where they are known.
        model: the roles of fields; the rule's own, else Elasticsearch's defaults, if None.
        allow: directions of change to accept, `"widens"` and `"narrows"`.
        size: an explicit limit of results (spec §13.5).
        options: the target's own options (`eqlx targets NAME` lists them).

    Returns:
        the artifact, with `text`, `tree`, `fidelity` and `diagnostics` (warnings and notes).

    Raises:
        EqlxError: the rule is not valid, the target cannot express it, or there is no such target,
            dialect or option.
    """
    from eqlx.capability import Drift as Direction
    from eqlx.diagnostics import EqlxError
    from eqlx.driver.convert import convert_rule
    from eqlx.registry import load_target
    from eqlx.rulefile.loader import from_query

    outcome = convert_rule(
        from_query(rule) if isinstance(rule, str) else rule,
        load_target(to),
        dialect=dialect,
        options=options,
        schema=schema,
        layout=layout,
        model=model,
        allow=frozenset(Direction(drift) for drift in allow),
        size=size,
    )
    if outcome.artifact is None:
        raise EqlxError(outcome.diagnostics)
    return outcome.artifact


def load_rules(path: str | Path) -> tuple[Rule, ...]:
    """The EQL rules of a file or a folder; rules in other languages are left out.

    Raises:
        EqlxError: a file is missing or is no rule. To go on with the others, use
            `eqlx.rulefile.loader.load`, which gives rules and diagnostics both.
    """
    from eqlx.diagnostics import EqlxError, Severity
    from eqlx.rulefile.loader import load

    loaded = load([path])
    if any(diagnostic.severity is Severity.ERROR for diagnostic in loaded.diagnostics):
        raise EqlxError(loaded.diagnostics)
    return loaded.rules


def render_diagnostics(diagnostics: Iterable[Diagnostic]) -> str:
    """Diagnostics as the commands print them: message, place, marked lines, help and notes.

    Args:
        diagnostics: those of an `EqlxError`, of an artifact or of a result.
    """
    from eqlx.render.text import render

    return "\n\n".join(map(render, diagnostics))


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("eqlx")
    if name in _HOMES:
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
