"""The options of the target `sigma`, and which of them tell two conversions of a rule apart."""

from __future__ import annotations

from collections.abc import Mapping

from eqlx.target import Option

OPTIONS = (
    Option(
        "style",
        "ecs",
        "`ecs` keeps the names of ECS and the event category as a condition; the names of "
        "Sigma's own taxonomy are not built yet",
        ("ecs",),
    ),
    Option(
        "case",
        "relaxed",
        "exact letter case: `relaxed` leaves it out, as Sigma's strings do, and records the "
        "drift; `strict` says `cased`, which many back ends refuse",
        ("relaxed", "strict"),
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
        "as-is",
        "tags for ATT&CK tactics as the rule names them, or `none` beside the techniques",
        ("as-is", "none"),
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
