"""Diagnostics about targets and plug-ins: unknown names, broken plug-ins, refused losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Severity
from eqlx.source import Span


def _known(kind: str, names: Sequence[str], nearest: str | None) -> str:
    if nearest is not None:
        return f"did you mean `{nearest}`? known: {', '.join(names)}"
    return f"known {kind}: {', '.join(names)}" if names else f"there are no {kind}"


_QUERY_DSL = "`--to elasticsearch` gives Query DSL"
_NO_KQL = (
    f"eqlx writes no KQL: its text for a query bar has no sequences, functions or numbers of EQL; {_QUERY_DSL},"
    " which Kibana takes as a filter"
)
_NO_ESQL = (
    "eqlx writes no ES|QL: its conditions on null and on several values mean something else than"
    f" EQL's, and no sequence can be said; {_QUERY_DSL} for the same cluster"
)
_DUCKDB = "`--to sql --dialect duckdb`; `eqlx targets` lists the dialects that there are"
_BY_SIGMA = "`--to sigma` gives rules that Sigma's own converters take further"

OTHER_LANGUAGES: Mapping[str, str] = {
    **dict.fromkeys(("kql", "kuery", "kibana", "lucene"), _NO_KQL),
    **dict.fromkeys(("esql", "es|ql", "es-ql", "es_ql"), _NO_ESQL),
    **dict.fromkeys(
        ("dsl", "querydsl", "query-dsl", "query_dsl", "es", "elastic", "opensearch", "json"),
        _QUERY_DSL,
    ),
    **dict.fromkeys(
        ("duckdb", "duck", "postgres", "postgresql", "sqlite", "ansi", "clickhouse"), _DUCKDB
    ),
    **dict.fromkeys(("spark", "databricks", "snowflake", "bigquery", "trino", "athena"), _DUCKDB),
    **dict.fromkeys(("splunk", "spl", "sentinel", "kusto", "qradar", "yaml"), _BY_SIGMA),
}
"""Languages and engines that people name as a target, with what there is."""


@entry("unknown-target", Severity.ERROR)
def unknown_target(name: str, known: tuple[str, ...], nearest: str | None) -> Body:
    """No installed plug-in provides the target that was asked for.

    A target is a generator plug-in: `sql`, `elasticsearch`, `sigma`, `eql`, or one that another
    distribution installs under the entry-point group `eqlx.targets`. `eqlx targets` lists them.

        eqlx convert rule.toml --to sql
    """
    instead = OTHER_LANGUAGES.get(name.lower())
    tip = _known("targets", known, nearest) if instead is None else instead
    return Body(f"unknown target `{name}`", help=tip)


@entry("unknown-executor", Severity.ERROR)
def unknown_executor(name: str, known: tuple[str, ...], nearest: str | None) -> Body:
    """No installed plug-in provides the engine that was asked for.

    An engine runs a converted rule over events: `duckdb`, `reference`, or one that another
    distribution installs under the entry-point group `eqlx.executors`. `eqlx targets` lists them.

        eqlx run rules --events events.ndjson --engine duckdb
    """
    return Body(f"unknown engine `{name}`", help=_known("engines", known, nearest))


@entry("unknown-dialect", Severity.ERROR)
def unknown_dialect(target: str, name: str, known: tuple[str, ...], nearest: str | None) -> Body:
    """The target has no such dialect.

    A dialect is a variant of a target's language, such as `duckdb` for `sql`. `eqlx targets` lists
    the dialects of each target; the first one is the default.

        eqlx convert rule.toml --to sql --dialect duckdb
    """
    return Body(
        f"target `{target}` has no dialect `{name}`", help=_known("dialects", known, nearest)
    )


@entry("unknown-option", Severity.ERROR)
def unknown_option(target: str, name: str, known: tuple[str, ...], nearest: str | None) -> Body:
    """The target has no such option.

    Options of a target are given as `-O name=value`. `eqlx targets NAME` shows those of a target.

        eqlx convert rule.toml --to sql -O layout=flat
    """
    if name == "folding":
        help_ = "letter case is a matter of the whole run: write `--folding ascii` without `-O`"
    else:
        help_ = _known("options", known, nearest)
    return Body(f"target `{target}` has no option `{name}`", help=help_)


@entry("invalid-option-value", Severity.ERROR)
def invalid_option_value(target: str, name: str, value: str, choices: tuple[str, ...]) -> Body:
    """The value of a target's option is not one of its choices.

    `eqlx targets NAME` shows each option of a target with its choices and its default.

        eqlx convert rule.toml --to sql -O layout=flat
    """
    return Body(
        f"option `{name}` of target `{target}` cannot be `{value}`",
        help=f"choose one of: {', '.join(choices)}",
    )


@entry("plugin-conflict", Severity.ERROR)
def plugin_conflict(kind: str, name: str, distributions: tuple[str, ...]) -> Body:
    """Two installed distributions provide a plug-in of the same name.

    Neither is used, because which one would win depends on the order of the search path, and a
    rule must not mean something else on another machine.

        pip uninstall one-of-the-two
    """
    listed = " and ".join(f"`{item}`" for item in distributions)
    return Body(
        f"{kind} `{name}` is provided by more than one distribution: {listed}",
        help="uninstall all but one of them",
    )


@entry("plugin-broken", Severity.ERROR)
def plugin_broken(kind: str, name: str, distribution: str, cause: str) -> Body:
    """A plug-in is installed, but importing it fails.

    The cause is the plug-in's own exception. A frequent one is a dependency that is not installed,
    or a plug-in that was written for another version of eqlx. Other plug-ins are not affected.

        pip install --upgrade NAME-OF-THE-DISTRIBUTION
    """
    return Body(
        f"{kind} `{name}` of `{distribution}` cannot be loaded: {cause}",
        help=f"reinstall `{distribution}`, or report this to its authors",
    )


@entry("plugin-api-version", Severity.ERROR)
def plugin_api_version(kind: str, name: str, distribution: str, found: str, expected: int) -> Body:
    """A plug-in was written for another version of the plug-in protocol.

    A plug-in of another protocol version might drop what it does not know of a rule, so it is
    refused instead of tried.

        pip install --upgrade NAME-OF-THE-DISTRIBUTION
    """
    return Body(
        f"{kind} `{name}` of `{distribution}` has plug-in protocol {found}, expected {expected}",
        help=f"install a version of `{distribution}` that fits this version of eqlx",
    )


@entry("plugin-protocol", Severity.ERROR)
def plugin_protocol(kind: str, name: str, distribution: str, missing: tuple[str, ...]) -> Body:
    """An entry point does not lead to an object that satisfies the protocol.

    The value of an entry point is the plug-in object itself, not its class or module; it must have
    every attribute of `eqlx.target.Target` or `eqlx.execution.Executor`.

        [project.entry-points."eqlx.targets"]
        mine = "my_package.target:TARGET"
    """
    listed = ", ".join(f"`{item}`" for item in missing)
    return Body(
        f"{kind} `{name}` of `{distribution}` does not satisfy the protocol: no right {listed}",
        help=f"report this to the authors of `{distribution}`",
    )


@entry("loss-refused", Severity.ERROR)
def loss_refused(loss: str, target: str, drift: str, reason: str, span: Span | None) -> Body:
    """The target can express the rule only with a change of meaning that was not allowed.

    `widens` means more alerts than the rule's own, `narrows` means missed detections, `shifts`
    means that the direction is not known. Each is refused until it is allowed by name; what is
    allowed is in the artifact's fidelity record.

        eqlx convert rule.toml --to sigma --allow widens
    """
    tip = "`--allow widens --allow narrows`" if drift == "shifts" else f"`--allow {drift}`"
    return Body(
        f"converting to `{target}` changes the meaning ({drift}): {reason}",
        span,
        f"`{loss}`",
        help=f"accept it with {tip}, or convert to another target",
    )


@entry("internal-error", Severity.ERROR)
def internal_error(rule: str, step: str, cause: str, place: str = "") -> Body:
    """A bug of eqlx stopped this rule; the rule is not at fault.

    Nothing was written for the rule, and other rules of the batch were not affected. Please report
    it with the rule's query. Set the environment variable `EQLX_DEBUG=1` to see the traceback.

        EQLX_DEBUG=1 eqlx convert rule.toml --to sql
    """
    return Body(
        f"internal error in {step} of rule `{rule}`: {cause}",
        notes=(f"at {place}",) if place else (),
        help="this is a bug in eqlx: please report it with the query; "
        "EQLX_DEBUG=1 shows the traceback",
    )


@entry("inexpressible", Severity.ERROR)
def inexpressible(target: str, what: str, why: str, span: Span, advice: str | None = None) -> Body:
    """The target has no way to say this, or eqlx has not built it yet.

    A query is refused rather than converted without the part that does not fit, because what is
    left would match other events.

        eqlx convert rule.toml --to sql
    """
    return Body(
        f"{what} cannot be expressed in `{target}`: {why}",
        span,
        label=f"`{target}` cannot say this",
        help=advice,
    )


@entry("unsupported-by-target", Severity.ERROR)
def unsupported_by_target(meaning: str, target: str, why: str, *, span: Span) -> Body:
    """The rule says something that the target has no way to say.

    Nothing is written, because a query that leaves a part of the rule out would match other events.
    `eqlx targets --matrix` shows what each target can express.

        eqlx convert rule.toml --to sigma      (an arithmetic comparison)
        eqlx convert rule.toml --to sql
    """
    return Body(
        f"`{meaning}` cannot be expressed in `{target}`: {why}",
        span,
        label=f"`{target}` cannot say this",
        help="convert to another target; `eqlx targets --matrix` shows what each can express",
    )


@entry("missing-event", Severity.ERROR)
def missing_event(target: str, why: str, *, span: Span) -> Body:
    """The rule asks for the absence of an event, and the target cannot.

    `![…]` in a sequence means that no such event happened between its neighbours. Leaving it out
    would match more than the rule does.

        sequence by host.id with maxspan=30s [process where true] ![file where true]
    """
    return Body(
        f"`![...]` cannot be expressed in `{target}`: {why}",
        span,
        label="the absence of an event",
        help="convert to `sql`, or remove the step",
    )


@entry("indices-unknown", Severity.WARNING)
def indices_unknown(why: str) -> Body:
    """An output must name the indices that it searches, and the rule does not say which they are.

    A rule on a data view has its patterns in Kibana, not in its file; a rule without `index` is
    searched by Kibana in a default of its own. What is stored with a server (a watch, a monitor)
    would search every index, which finds more events (widens); so the rule is refused unless
    `--allow widens` accepts that.

        eqlx convert rule.toml --to elasticsearch -O envelope=watch -O 'index=logs-*,winlogbeat-*'
    """
    return Body(
        message=f"every index would be searched, since {why}",
        help="name the indices: `-O index=logs-*`",
    )


@entry("name-collision", Severity.ERROR)
def name_collision(name: str, other: str, path: str) -> Body:
    """Two rules of one run would define the same thing, so that the later replaces the earlier.

    A view has the name of its rule's file (TOML, EQL), else of the rule's id, else of its name. The
    rule that comes first keeps the name.

    Example: `windows/shell.toml` beside `linux/shell.toml`; rename one, or convert them apart.
    """
    where = f" of `{path}`" if path else ""
    return Body(
        message=f"{name} is taken by the rule `{other}`{where}",
        help="rename the file, or give the rule an id of its own",
    )


@entry("changes-meaning", Severity.NOTE)
def changes_meaning(drift: str, reason: str, slug: str, span: Span | None, places: int) -> Body:
    """The artifact of a rule does not mean exactly what the rule means. The message says how it differs.

    It `widens` (finds more events), `narrows` (finds fewer) or `shifts` (may do both). The loss was
    allowed by `--allow`, or is a convention of the target that changes every rule. The same record
    is in the artifact, where its form has a place for it, and in the `--manifest`.

        eqlx explain rule.toml --to sigma
    """
    more = f", here and in {places - 1} more places" if places > 1 else ""
    return Body(f"the result {drift}: {reason}{more}", span, label=f"`{slug}`")
