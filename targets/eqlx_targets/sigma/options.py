"""The options of the target `sigma`, and which of them tell two conversions of a rule apart."""

from __future__ import annotations

from collections.abc import Mapping

from eqlx.target import Option

KEEP_ECS = "`-O style=ecs` keeps the names of ECS"
"""What to do about a rule that SigmaHQ's taxonomy has no words for."""

UNMAPPED = (
    "`-O unmapped=keep` writes it under its own name, `-O unmapped=drop` leaves it out; `-O style=ecs` "
    "keeps all names of ECS"
)
"""What to do about a test that SigmaHQ's taxonomy has no words for."""

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
        "auto",
        "style `sigma`, a test without a counterpart: `auto` leaves it out where it is an alternative, an "
        "exclusion or only sets the scope, and refuses the rule otherwise; `error` refuses the rule, "
        "`keep` keeps the field's name, `drop` leaves every such test out; the drift is recorded",
        ("auto", "error", "keep", "drop"),
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
        "attack",
        "v19",
        "the version of ATT&CK of the tags: `v19` (of April 2026, as SigmaHQ tags its rules), or `v18`",
        ("v19", "v18"),
    ),
    Option(
        "order",
        "strict",
        "the order of a sequence: `strict` asks for it (`temporal_ordered`); `any` does not "
        "(`temporal`), which more back ends convert, and which widens",
        ("strict", "any"),
    ),
    Option(
        "comments",
        "short",
        "the comment of a file: `short` says what changes in meaning; `full` also says what is "
        "assumed, as the manifest does",
        ("short", "full"),
    ),
    Option(
        "attack-tactics",
        "all",
        "tags for ATT&CK tactics: `all` of each technique, as SigmaHQ wants it; `as-is`, those that "
        "the rule names; or `none` beside the techniques",
        ("all", "as-is", "none"),
    ),
)


_SAME_RULE = frozenset(("attack", "comments"))
"""Options that change nothing but what is said of a rule."""


def distinguishing(options: Mapping[str, str]) -> str:
    """What goes into a rule's id beside the rule: the style, and every option that was changed.

    An option that is added later, at its default, so leaves the ids of older conversions alone.
    """
    changed = {
        option.name: options[option.name]
        for option in OPTIONS
        if option.name == "style"
        or (options[option.name] != option.default and option.name not in _SAME_RULE)
    }
    return ",".join(f"{name}={value}" for name, value in sorted(changed.items()))
