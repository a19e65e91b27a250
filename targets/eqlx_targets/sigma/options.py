"""The options of the target `sigma`, and which of them tell two conversions of a rule apart."""

from __future__ import annotations

from collections.abc import Mapping

from eqlx.target import Option

KEEP_ECS = "`-O style=ecs` keeps the names of ECS"
"""What to do about a rule that SigmaHQ's taxonomy has no words for."""

OPTIONS = (
    Option(
        "style",
        "sigma",
        "`sigma` writes log sources, fields and values as SigmaHQ's taxonomy does, for any back "
        "end; `ecs` keeps the names of ECS and the event category as a condition, for Elastic's "
        "family, Splunk and SQL",
        ("sigma", "ecs"),
    ),
    Option(
        "unmapped",
        "error",
        "style `sigma`, a field without a counterpart: `error` refuses the rule, `keep` keeps its "
        "name, `drop` leaves the test out; the drift is recorded",
        ("error", "keep", "drop"),
    ),
    Option(
        "sigma-spec",
        "2.1",
        "the version of Sigma's specification: from `2.2` on a correlation knows absent events "
        "(`until` and `![...]`, in an approximation that has to be allowed)",
        ("2.1", "2.2"),
    ),
    Option(
        "case",
        "relaxed",
        "exact letter case: `relaxed` leaves it out, as Sigma's strings do, and records the "
        "drift; `strict` says `cased`, which many back ends refuse",
        ("relaxed", "strict"),
    ),
    Option(
        "booleans",
        "native",
        "`native` true and false; `text`, for back ends that know no booleans, such as Loki",
        ("native", "text"),
    ),
    Option(
        "missing",
        "plain",
        "negations: `plain` Sigma; `explicit` adds that the field may be null, for back ends "
        "in which a negation does not hold on a missing field",
        ("plain", "explicit"),
    ),
    Option(
        "attack-tactics",
        "all",
        "tags for ATT&CK tactics: `all` of each technique, as SigmaHQ wants it; `as-is`, those that "
        "the rule names; or `none` beside the techniques",
        ("all", "as-is", "none"),
    ),
)


def distinguishing(options: Mapping[str, str]) -> str:
    """What goes into a rule's id beside the rule: the style, and every option that was changed.

    An option that is added later, at its default, so leaves the ids of older conversions alone.
    """
    changed = {
        option.name: options[option.name]
        for option in OPTIONS
        if option.name == "style" or options[option.name] != option.default
    }
    return ",".join(f"{name}={value}" for name, value in sorted(changed.items()))
